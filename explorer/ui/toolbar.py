"""Along the top: the workspaces, back and forward, model, input, live; at the right the device, milliseconds, cached bytes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from explorer import catalogue
from explorer.core.models import ModelCard
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.actions import Actions
from explorer.ui.key_names import shown
from explorer.ui.widgets.fitting_button import FittingButton
from explorer.ui.widgets.frames import Parts
from explorer.ui.widgets.text import shortened, tip

_INPUT = tr("Choose an input")
_NARROW = 800  # px up to which the workspaces are in a menu


def _menu_button(name: str, tip: str) -> tuple[FittingButton, QMenu]:
    button = FittingButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    menu.setToolTipsVisible(True)
    button.setMenu(menu)
    return button, menu


class Toolbar(QWidget):
    """Its buttons run actions once they are bound to them; its menus are filled just before they open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspaces = self._workspace_buttons()
        self.back_button, self.forward_button = _plain("‹"), _plain("›")
        self.model, self.model_menu = _menu_button(tr("Model"), tr("Choose a model"))
        self.input, self.input_menu = _menu_button(tr("Input"), _INPUT)
        self._input_tip = _INPUT
        self.live, self.live_menu = _menu_button(
            tr("Live"), tr("Stream a camera, a video or the test scene through the model")
        )
        self.status = Parts(whole=True)
        self.status.setObjectName("dim")
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        keeps_room = self.status.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)  # it pushes what is beside it to the right
        self.status.setSizePolicy(keeps_room)
        self.device, self.theme_button, self.keys_button = FittingButton(), _plain("◐"), _plain("?")
        self.device.set_words("CPU")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.current().space)
        self.switch, self.switch_menu = _menu_button(tr("Workspace"), tr("The workspaces"))
        self.switch.hide()
        for button in (*self.workspaces.values(), self.switch):
            line.addWidget(button)
        line.addSpacing(theme.current().space)
        for widget in (self.back_button, self.forward_button, self.model, self.input, self.live):
            line.addWidget(widget)
        line.addWidget(self.status, 1)
        for widget in (self.device, self.theme_button, self.keys_button):
            line.addWidget(widget)
        self._say(self.model, tr("Model"), tr("choose one"))
        self.show_input(tr("none"))
        self.show_live(False)
        self.show_history(False, False)
        self.show_workspace("explore")

    def _workspace_buttons(self) -> dict[str, QToolButton]:
        group, made = QButtonGroup(self), {}
        for spec in catalogue.workspaces:
            button = made[spec.id] = _plain(spec.title)
            button.setCheckable(True)
            group.addButton(button)
        return made

    def remove_workspace(self, name: str) -> None:
        """A workspace could not be made."""
        self.workspaces.pop(name).deleteLater()

    def bind(self, actions: Actions) -> None:
        """Its buttons run these from now on, and say so in their tool tips."""
        for name, button in self.workspaces.items():
            actions.bind(button, f"view.{name}")
            button.setAccessibleName(tr("Workspace {name}", name=name))
            self.switch_menu.addAction(button.text()).triggered.connect(button.click)
        actions.bind(self.back_button, "go.back")
        actions.bind(self.forward_button, "go.forward")
        actions.bind(self.device, "file.settings")
        actions.bind(self.theme_button, "view.theme")
        actions.bind(self.keys_button, "help.keys")
        actions.mark(self.model, "model.choose")
        self._input_tip = f"{_INPUT}  ( {shown(actions['file.open'].keys[0])} )"
        self.input.setToolTip(self._input_tip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < text_size.px(_NARROW)
        self.switch.setVisible(narrow)
        for button in self.workspaces.values():
            button.setVisible(not narrow)

    def show_workspace(self, name: str) -> None:
        """Marks a workspace; what it has no use for is hidden: columns of Compare have models of their own."""
        self.workspaces[name].setChecked(True)
        self.switch.set_words(f"{self.workspaces[name].text()}  ▾")
        self.switch.setAccessibleName(tr("Workspace"))
        for button in self.workspaces.values():  # an exclusive group leaves only one of its buttons to Tab
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.model.setVisible(name != "compare")
        self.status.setVisible(name == "explore")

    def show_model(self, card: ModelCard) -> None:
        """Name, whether it is trained, and a sign that its tooltip holds notes."""
        told = card.weights.trained or card.weights.seed is None  # a person's own file does not say
        state = "" if told else tr("  · untrained")
        self._say(self.model, tr("Model"), f"{shortened(card.name, 34)}{state}{'  •' if card.notes else ''}")

    def show_input(self, name: str) -> None:
        self._say(self.input, tr("Input"), shortened(name, 24))
        self.input.setToolTip(tip(f"{name}\n{self._input_tip}"))

    def _say(self, button: FittingButton, what: str, words: str) -> None:
        words = words.replace("&", "&&")
        button.set_words(f"{what}   {words}  ▾", f"{words}  ▾")
        button.setAccessibleName(what)

    def show_live(self, on: bool) -> None:
        self.live.set_words(tr("❚❚ Live  ▾") if on else tr("▶ Live  ▾"))
        self.live.setAccessibleName(tr("Live"))

    def show_history(self, back: bool, forward: bool) -> None:
        self.back_button.setEnabled(back)
        self.forward_button.setEnabled(forward)


def _plain(words: str) -> QToolButton:
    button = QToolButton()
    button.setText(words)
    return button
