"""One column of Compare: its source, what goes in and comes out, the maps of a layer, its layers. Passive."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from explorer.core.attention_queries import AttentionMode
from explorer.core.layer_views import Shows, view_named
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.compare.attention_panel import ColumnAttentionPanel, mode_choice
from explorer.ui.compare.dropping import DropPanel
from explorer.ui.features.feature_panel import ColumnFeaturesPanel
from explorer.ui.features.words import offered, view_tip
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.graphics.layer_stack import LayerStack
from explorer.ui.graphics.layer_strip import LayerStrip
from explorer.ui.widgets.choice import choice, on_choice
from explorer.ui.widgets.frames import Elided, Parts
from explorer.ui.widgets.numbers import NumbersTable
from explorer.ui.widgets.prediction import PredictionBars
from explorer.ui.widgets.text import tip
from explorer.ui.widgets.text_input import TextInput

# px: width of the input picture, and where there is little room; height beside it
_PICTURE, _SMALL, _MAP = 150, 104, 210
_ROWS = 5  # of numbers
_ROOMY = 490  # px from which the selected channel has room of its own
_TIGHT = 350  # px up to which controls are signs
_TINY = 314  # px up to which those have no room on one line
_LEAST = 240  # px of a column
_SIGN = 42  # px of a button with a sign
_VIEW = 168  # px of a drop-down beside the title
_CELLS = 140  # px of height for the maps
_CHIP, _LARGEST = 46, 16_777_215  # px of the button of an input that all columns share; Qt's largest
_GIVES = QSizePolicy.Policy.Ignored
LINKED = tr("Sync layer with other columns; unlink to offset")


def _button(words: str, what: str, checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setText(words)
    button.setToolTip(what)
    button.setAccessibleName(what.split("  ")[0])
    button.setCheckable(checkable)
    return button


class ColumnPanel(DropPanel):
    """`locked`, `frozen` and `minus` carry whether they are wanted, `viewed` a Shows, `attended` an AttentionMode; the other
    signals that something is, so `released` (Esc) that no place is to be kept any more."""

    locked = Signal(bool)
    frozen = Signal(bool)
    minus = Signal(bool)
    viewed = Signal(object)
    attended = Signal(object)
    swapped = Signal()
    duplicated = Signal()
    removed = Signal()
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.model, self.input = (
            self._menu_button(tr("Model of this column")),
            self._menu_button(tr("Input of this column")),
        )
        self.lock = _button(tr("Linked"), LINKED, True)
        self.minus_button = _button(tr("Difference"), "", True)
        self.freeze = _button(tr("Freeze"), tr("Keep model, input and layer while other columns change"), True)
        self.swap = _button("⇄", tr("Swap with the next column"))
        self.copy = _button("+", tr("Duplicate this column to the right"))
        self.remove = _button("✕", tr("Remove this column"))
        self.text = TextInput(lines=1)
        self.text.hide()
        self.picture, self.prediction, self.numbers = ImagePanel(), PredictionBars(3), NumbersTable()
        self.channel = FeatureMapPanel(levels=False)  # the scale of all columns sets them
        self.note, self.edits, self.title, self.subtitle = QLabel(), Elided(), Elided(), Parts("  ·  ")
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.stack = views = LayerStack()
        self.mosaic, self.vector, self.sequence, self.tokens = views.mosaic, views.vector, views.sequence, views.tokens
        self.pages, self.features = QStackedWidget(), ColumnFeaturesPanel()
        self.attention, self.mode = ColumnAttentionPanel(), mode_choice()
        self.view = choice(tr("View of this column"), view_tip("compare"), offered("compare"))
        self._left, self._beside, self._always = QVBoxLayout(), QHBoxLayout(), False
        self._placed = ""
        self._minus, self._link, self._short_link = "", tr("Linked"), tr("Link{offset}", offset="")
        self.strip = LayerStrip()
        self._build()
        self._connect()

    def _menu_button(self, name: str) -> QToolButton:
        button = _button("", name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        return button

    def _build(self) -> None:
        for label in (self.note, self.subtitle):
            label.setObjectName("dim")
        self.title.setObjectName("title")
        self.mosaic.setMinimumSize(120, 90)
        text_size.hold(self.strip, "setFixedHeight", 92)
        for button in (self.swap, self.copy, self.remove):
            text_size.hold(button, "setFixedWidth", 28)
        text_size.hold(self, "setMinimumWidth", _LEAST)
        self._line(self.model, self.input, self.swap, self.copy, self.remove)
        self.add(self.edits)
        text_size.hold(self.edits, "setFixedHeight", theme.DARK.row)
        self.edits.hide()
        self.add(self.text)
        self.body.addLayout(self._top())
        for page in (self.stack, self.features, self.attention):
            self.pages.addWidget(page)
        # all that is left, and in a workspace that can scroll no more than that
        self.pages.setSizePolicy(QSizePolicy.Policy.Expanding, _GIVES)
        text_size.hold(self.pages, "setMinimumHeight", _CELLS)
        self._lines = [self._line(self.title), self._line(self.subtitle, self.mode), self._line()]
        self._arrange("roomy")
        self.add(self.pages, 1)
        self.add(self.tokens)
        self.add(self.strip)

    def _line(self, *widgets: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme.current().tight)
        stretched = (self.input, self.title, self.subtitle)
        for widget in widgets:
            line.addWidget(widget, 3 if widget is self.model else 2 if widget in stretched else 0)
        self.body.addLayout(line)
        return line

    def _arrange(self, room: str) -> None:
        """The controls beside the title and beneath ("roomy"), on a line of their own, which leaves the title all the width
        ("narrow"), or those with signs beside the title again, where that line is too short for all ("tiny")."""
        if room == self._placed:
            return
        self._placed, narrow = room, room != "roomy"
        first, second, third = self._lines
        lines = {"roomy": (first, first, second, second), "narrow": (third,) * 4, "tiny": (third, third, first, first)}
        for at, widget in enumerate((self.view, self.lock, self.minus_button, self.freeze)):
            for line in self._lines:
                line.removeWidget(widget)
            lines[room][at].addWidget(widget, int(narrow and at == 0))
        self.view.setMaximumWidth(_LARGEST if narrow else text_size.px(_VIEW))
        self.view.setSizePolicy(_GIVES if narrow else QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _top(self) -> QHBoxLayout:
        """The picture with what the model makes of it, at the right the selected channel."""
        left, middle, top = self._left, QVBoxLayout(), self._beside
        left.addWidget(self.picture)
        left.addWidget(self.note, 1)
        middle.setSpacing(theme.current().tight)
        middle.addWidget(self.prediction)
        middle.addWidget(self.numbers)
        middle.addStretch(1)
        text_size.hold(
            self.numbers, "setFixedHeight", _ROWS * theme.DARK.row
        )  # that the maps of all columns begin at one height
        top.setSpacing(theme.current().inset)
        top.addLayout(left)
        top.addLayout(middle, 1)
        top.addWidget(self.channel, 0, Qt.AlignmentFlag.AlignTop)
        return top

    def _connect(self) -> None:
        on_choice(self.view, self.viewed.emit, view_named)
        on_choice(self.mode, self.attended.emit, AttentionMode)
        self.lock.clicked.connect(self.locked)
        self.minus_button.clicked.connect(self.minus)
        self.freeze.clicked.connect(self.frozen)
        self.swap.clicked.connect(self.swapped)
        self.copy.clicked.connect(self.duplicated)
        self.remove.clicked.connect(self.removed)

    # --- setters

    def show_source(self, model: str, model_tip: str, given: str, brief: str = "", shared: bool = False) -> None:
        """Names of the model and the input on their buttons; `brief`: the model's without what the names of all columns share, for
        where there is little room; `shared`: the input is that of the tool bar, which is named there."""
        for button, words, short in ((self.model, model, brief), (self.input, given, "in" if shared else "")):
            button.setProperty("words", words)
            button.setProperty("brief", short)
            button.setToolTip(tip(model_tip or words if button is self.model else words))
            button.setAccessibleDescription(words)
        self._shorten()

    def show_minus(self, words: str, why: str, offered: bool, enabled: bool) -> None:
        """The button for what is left of this column without the first: "B − A"."""
        self._minus = words
        self.minus_button.setVisible(offered)
        self.minus_button.setEnabled(enabled)
        self.minus_button.setToolTip(tip(why))
        self._write()

    def show_lock(self, words: str, short: str) -> None:
        """The button of the link: "Linked +1"; `short` where there is little room."""
        self._link, self._short_link = words, short
        self._write()

    def _write(self) -> None:
        """The words of the controls, or signs."""
        tight = self.width() < _TIGHT
        self.lock.setText(self._short_link if tight else self._link)
        self.minus_button.setText(self._minus.partition(" ")[2].replace(" ", "") if tight else self._minus)
        self.freeze.setText("❚❚" if tight else tr("Freeze"))
        self.freeze.setMaximumWidth(text_size.px(_SIGN) if tight else _LARGEST)

    def show_edits(self, words: str, room: bool) -> None:
        """What is edited; `room` keeps a line for it also where nothing is, so that all columns stay level."""
        self.edits.set_text(words)
        self.edits.setVisible(room)

    def show_head(self, title: str, subtitle: str) -> None:
        """The layer, and what is said of it."""
        self.title.set_text(title)
        self.subtitle.set_text(subtitle)

    def show_map_always(self, on: bool) -> None:
        """Whether the selected channel is also shown where there is little room: beneath the picture."""
        if on != self._always:
            self._always = on
            self.fit()

    def show_view(self, shows: str) -> None:
        """The maps, all channels in one picture, or attention."""
        self.view.setCurrentIndex(self.view.findData(shows))
        pages: dict[str, QWidget] = {Shows.MAPS: self.stack, Shows.ATTENTION: self.attention}
        self.pages.setCurrentWidget(pages.get(shows, self.features))
        self.mode.setVisible(shows is Shows.ATTENTION)
        if shows is not Shows.MAPS:
            self.tokens.hide()

    def show_attention(self, mode: AttentionMode) -> None:
        """What of its attention a column shows that shows any."""
        self.mode.setCurrentIndex(self.mode.findData(mode))

    @property
    def centre(self) -> QWidget:
        """What the keys go to."""
        page = self.pages.currentWidget()
        if page is self.features:
            places: QWidget = self.features.places
            return places
        front = self.attention.front if page is self.attention else self.stack.currentWidget()
        assert front is not None  # there is always one
        return front

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.released.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)
        self._shorten()

    def fit(self) -> None:
        """The picture as large as there is room for, what is said of it right beneath."""
        roomy = self.width() >= _ROOMY
        self._arrange("roomy" if roomy else "narrow" if self.width() >= text_size.px(_TINY) else "tiny")
        self._write()
        width = _PICTURE if roomy else _SMALL
        self._beside.removeWidget(self.channel)
        self._left.removeWidget(self.channel)
        if roomy:
            self._beside.addWidget(self.channel, 0, Qt.AlignmentFlag.AlignTop)
        else:
            self._left.insertWidget(1, self.channel)
        self.channel.setVisible(roomy or self._always)
        self.channel.setFixedSize(width, _MAP if roomy else _MAP - _PICTURE + _SMALL)
        self.note.setFixedWidth(width)
        self.picture.setFixedSize(width, self.picture.heightForWidth(width))

    def _shorten(self) -> None:
        """Names in the width that their buttons have."""
        chip = bool(self.input.property("brief")) and self.width() < _ROOMY
        self.input.setMinimumWidth(_CHIP)
        self.input.setMaximumWidth(_CHIP if chip else _LARGEST)
        for button in (self.model, self.input):
            words, brief = f"{button.property('words') or ''}  ▾", str(button.property("brief") or "")
            room = max(button.width() - 2 * theme.current().space, 20)
            if brief and button.fontMetrics().horizontalAdvance(words) > room:
                words = f"{brief}  ▾"
            short = button.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room)
            button.setText(short.replace("&", "&&"))
