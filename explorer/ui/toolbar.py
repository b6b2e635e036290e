"""Along the top: the workspaces, back and forward, model, input, live; at the right the device, milliseconds, cached bytes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from explorer.core.types import ModelCard
from explorer.ui import theme
from explorer.ui.widgets.text import tip


def _menu_button(name: str, tip: str) -> tuple[QToolButton, QMenu]:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    menu.setToolTipsVisible(True)
    button.setMenu(menu)
    return button, menu


class Parts(QLabel):
    """Some words of decreasing importance, as many as there is room for; never a piece of one. All are in its tool tip."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[str, ...] = ()
        self._shown = True
        self.setObjectName("dim")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def set_parts(self, parts: Sequence[str]) -> None:
        self._parts = tuple(parts)
        self.setToolTip("\n".join(parts))
        self._fit()

    def set_shown(self, on: bool) -> None:
        """It keeps its room, which pushes what is beside it to the right."""
        self._shown = on
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wider = ("   ".join(self._parts[:n]) for n in range(len(self._parts), 0, -1))
        fits = (words for words in wider if self.fontMetrics().horizontalAdvance(words) + 4 <= self.width())
        self.setText(next(fits, "") if self._shown else "")


class Toolbar(QWidget):
    """Menus are filled by the controller just before they open. `workspace` carries the name of the one that is wanted."""

    workspace = Signal(str)
    back = Signal()
    forward = Signal()
    settings = Signal()
    theme_toggled = Signal()
    keys = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspaces = self._workspace_buttons()
        self.back_button = self._plain("‹", "Back  ( Alt + ← )", self.back)
        self.forward_button = self._plain("›", "Forward  ( Alt + → )", self.forward)
        self.model, self.model_menu = _menu_button("Model", "Choose a model  ( Ctrl + M )")
        self.input, self.input_menu = _menu_button("Input", "Choose an input  ( Ctrl + O )")
        self.live, self.live_menu = _menu_button("Live", "Stream a camera, a video or the test scene through the model")
        self.status = Parts()
        self.device = self._plain("CPU", "Device, threads, memory  ( Ctrl + , )", self.settings)
        self.theme_button = self._plain("◐", "Light or dark  ( Ctrl + T )", self.theme_toggled)
        self.keys_button = self._plain("?", "Keyboard shortcuts  ( ? )", self.keys)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.current().space)
        for button in self.workspaces.values():
            line.addWidget(button)
        line.addSpacing(theme.current().space)
        for widget in (self.back_button, self.forward_button, self.model, self.input, self.live):
            line.addWidget(widget)
        line.addWidget(self.status, 1)
        for widget in (self.device, self.theme_button, self.keys_button):
            line.addWidget(widget)
        self.model.setText("Model   choose one  ▾")
        self.show_input("none")
        self.show_live(False)
        self.show_workspace("explore")

    def _workspace_buttons(self) -> dict[str, QToolButton]:
        group, made = QButtonGroup(self), {}
        for at, (name, words) in enumerate(
            (("explore", "One model, layer by layer"), ("compare", "Models side by side"))
        ):
            button = made[name] = QToolButton()
            button.setText(name.capitalize())
            button.setToolTip(f"{words}  ( Alt + {at + 1} )")
            button.setAccessibleName(f"Workspace {name}")
            button.setCheckable(True)
            button.clicked.connect(lambda _on, name=name: self.workspace.emit(name))
            group.addButton(button)
        return made

    def show_workspace(self, name: str) -> None:
        """Marks a workspace; what belongs to Explore alone is hidden elsewhere."""
        self.workspaces[name].setChecked(True)
        self.model.setVisible(name == "explore")
        self.status.set_shown(name == "explore")

    def _plain(self, words: str, tip: str, signal: object) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setToolTip(tip)
        button.setAccessibleName(tip.split("  ")[0])
        button.clicked.connect(signal)
        return button

    def show_model(self, card: ModelCard) -> None:
        """Name, whether it is trained, and a sign that its tooltip holds notes."""
        told = card.weights.trained or card.weights.seed is None  # a person's own file does not say
        state = "" if told else "  · untrained"
        self.model.setText(f"Model   {_short(card.name, 34)}{state}{'  •' if card.notes else ''}  ▾".replace("&", "&&"))

    def show_input(self, name: str) -> None:
        self.input.setText(f"Input   {_short(name, 30)}  ▾".replace("&", "&&"))
        self.input.setToolTip(tip(f"{name}\nChoose an input  ( Ctrl + O )"))

    def show_live(self, on: bool) -> None:
        self.live.setText("❚❚ Live  ▾" if on else "▶ Live  ▾")

    def show_history(self, back: bool, forward: bool) -> None:
        self.back_button.setEnabled(back)
        self.forward_button.setEnabled(forward)


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most // 2] + "…" + name[-(most // 2 - 1) :]
