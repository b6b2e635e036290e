"""One column of Compare: its source, what goes in and comes out, the maps of a layer, its layers. Passive."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from explorer.core.attention_queries import AttentionMode
from explorer.core.layer_views import Shows, view_named
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.compare.attention_panel import ColumnAttentionPanel, mode_choice
from explorer.ui.compare.dropping import DropPanel
from explorer.ui.compare.name_button import NameButton
from explorer.ui.features.feature_panel import ColumnFeaturesPanel
from explorer.ui.features.words import offered, view_tip
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.graphics.layer_stack import LayerStack
from explorer.ui.graphics.layer_strip import LayerStrip
from explorer.ui.widgets.choice import choice, on_choice
from explorer.ui.widgets.frames import Elided, Parts
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.numbers import NumbersTable
from explorer.ui.widgets.prediction import PredictionBars
from explorer.ui.widgets.text import tip
from explorer.ui.widgets.text_input import TextInput

# px: width of the input picture, and where there is little room; height beside it
_PICTURE, _SMALL, _MAP = 150, 104, 210
_LOW_PICTURE = 84  # px: the same in a low window
_ROWS = 5  # of numbers
_ROOMY = 490  # px from which the selected channel has room of its own
_TIGHT = 350  # px up to which controls are signs
_TINY = 314  # px up to which those have no room on one line
_LEAST = 226  # px of a column
_SIGN = 38  # px of a button with a sign
_BESIDE = 400  # px from which the numbers have room beside the prediction
# px of the whole workspace up to which a column is a low one: with room of its own for the channel, without, and without numbers
_LOW_ROOMY, _LOW, _LOWEST = 600, 700, 560
_VIEW = 168  # px of a drop-down beside the title
_CELLS, _STRIP = (140, 110), (92, 64)  # px of height for the maps and the layers; in a low window
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
        self.model, self.input = NameButton(tr("Model of this column")), NameButton(tr("Input of this column"))
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
        self._left, self._middle, self._beside, self._always = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(), False
        self._top = QVBoxLayout()
        self._placed: tuple[str, bool] | None = None  # how everything stands
        self._said = ""  # beneath the picture
        self._cells = 0  # px of the maps at least
        self._high = _LARGEST  # px of the workspace
        self._minus, self._link, self._short_link = "", tr("Linked"), tr("Link{offset}", offset="")
        self.strip, self.gap = LayerStrip(), QWidget(self)  # the gap between what is left and right of a line
        self._build()
        self._connect()

    def _build(self) -> None:
        for label in (self.note, self.subtitle):
            label.setObjectName("dim")
        self.title.setObjectName("title")
        self.mosaic.setMinimumSize(120, 90)
        for button in (self.swap, self.copy, self.remove):
            text_size.hold(button, "setFixedWidth", 28)
        text_size.hold(self, "setMinimumWidth", _LEAST)
        head = [self._line(), self._line()]
        self.add(self.edits)
        text_size.hold(self.edits, "setFixedHeight", theme.DARK.row)
        self.edits.hide()
        self.add(self.text)
        self._lay_out_top()
        nest(self.body, self._top)
        for page in (self.stack, self.features, self.attention):
            self.pages.addWidget(page)
        # all that is left, and in a workspace that can scroll no more than that
        self.pages.setSizePolicy(QSizePolicy.Policy.Expanding, _GIVES)
        self._lines = [*head, self._line(), self._line(), self._line()]
        self._moved = tuple(
            {each: None for room in ("roomy", "tiny") for line in self._order(room, False) for each in line}
        )
        self.add(self.pages, 1)
        self.add(self.tokens)
        self.add(self.strip)
        self._arrange("roomy", False)

    def _line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme.current().tight)
        nest(self.body, line)
        return line

    def _order(self, room: str, low: bool) -> tuple[tuple[QWidget, ...], ...]:
        """What stands on which line: two above the picture, three beneath it."""
        head: tuple[tuple[QWidget, ...], ...] = ((self.model, self.input, self.swap, self.copy, self.remove), ())
        what: tuple[QWidget, ...] = (self.view, self.lock)
        how: tuple[QWidget, ...] = (self.minus_button, self.freeze)
        if room == "tiny":
            head = (self.model,), (self.input, self.swap, self.copy, self.remove, self.gap, *how)
            said = (self.title, self.mode) if low else (self.subtitle, self.mode)
            return (*head, (), said, what) if low else (*head, (self.title,), said, what)
        if low:
            return (*head, (self.title, self.subtitle, self.mode), (), (*what, *how))
        if room == "narrow":
            return (*head, (self.title,), (self.subtitle, self.mode), (*what, *how))
        return (*head, (self.title, *what), (self.subtitle, self.mode, *how), ())

    def _arrange(self, room: str, low: bool) -> None:
        """The controls beside the title and beneath ("roomy"), on a line of their own, which leaves the title all the width
        ("narrow"), or those with signs beneath the name of the model, which has a line to itself ("tiny"). In a low window
        everything is smaller and on fewer lines, and what has no room is left out."""
        look = theme.current()
        stretched: dict[QWidget, int] = {self.model: 3, self.input: 2, self.title: 2, self.subtitle: 2, self.gap: 1}
        if room != "roomy":
            stretched[self.view] = 1
        for line in self._lines:
            for widget in self._moved:
                line.removeWidget(widget)
        for line, widgets in zip(self._lines, self._order(room, low), strict=True):
            for widget in widgets:
                line.addWidget(widget, stretched.get(widget, 0))
        self.gap.setVisible(room == "tiny")
        self.subtitle.setVisible(not (low and room == "tiny"))
        self.view.setMaximumWidth(_LARGEST if room != "roomy" or low else text_size.px(_VIEW))
        self.view.setSizePolicy(_GIVES if room != "roomy" else QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.body.setSpacing(look.tight if low else look.space)
        self.body.setContentsMargins(look.inset, look.inset - 2 - 4 * low, look.inset, look.inset - 4 * low)
        self._hold_pages()
        text_size.hold(self.strip, "setFixedHeight", _STRIP[low])

    def _hold_pages(self) -> None:
        """The least height of the maps; attention has words beside it."""
        low = self._placed is not None and self._placed[1] and self.pages.currentWidget() is not self.attention
        if self._cells != _CELLS[low]:
            self._cells = _CELLS[low]
            text_size.hold(self.pages, "setMinimumHeight", self._cells)

    def _lay_out_top(self) -> None:
        """The picture with what the model makes of it, at the right the selected channel."""
        left, middle, beside = self._left, self._middle, self._beside
        left.setSpacing(theme.current().tight)
        left.addWidget(self.picture)
        left.addWidget(self.note, 1)
        middle.setSpacing(theme.current().tight)
        middle.addWidget(self.prediction)
        middle.addWidget(self.numbers)
        middle.addStretch(1)
        text_size.hold(
            self.numbers, "setFixedHeight", _ROWS * theme.DARK.row
        )  # that the maps of all columns begin at one height
        beside.setSpacing(theme.current().inset)
        nest(beside, left)
        nest(beside, middle, 4)
        beside.addWidget(self.channel, 0, Qt.AlignmentFlag.AlignTop)
        self._top.setSpacing(theme.current().tight)
        nest(self._top, beside)

    def _place_numbers(self, room: str, low: bool) -> None:
        """Beneath the prediction, beside it in a low window, or on their own where their names would be cut off."""
        for line in (self._middle, self._beside, self._top):
            line.removeWidget(self.numbers)
        beneath = low or room == "tiny"
        self.numbers.setVisible(
            not beneath or self.width() >= text_size.px(_BESIDE) or self._high >= text_size.px(_LOWEST)
        )
        if not beneath:
            self._middle.insertWidget(1, self.numbers)
        elif self.width() >= text_size.px(_BESIDE):
            self._beside.insertWidget(2, self.numbers, 5)
        else:
            self._top.addWidget(self.numbers)

    def set_room(self, height: int) -> None:
        """Logical pixels that the workspace has."""
        if height != self._high:
            self._high = height
            self.fit()

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
        self.model.set_name(model, brief, model_tip or model)
        self.input.set_name(given, "in" if shared else "", given)
        self._chip()

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
        self.title.setToolTip(tip(f"{title}\n{subtitle}"))  # also where that is left out

    def say(self, words: str) -> None:
        """What is said of the input, or of what is pointed at: one line of it in a low window."""
        self._said = words
        low = self._placed is not None and self._placed[1]
        line = words.partition("\n")[0]
        mode, room = Qt.TextElideMode.ElideRight, self.note.maximumWidth()
        short = self.note.fontMetrics().elidedText(line, mode, room) if low else words
        self.note.setText(short)
        self.note.setToolTip(tip(words) if short != words else "")

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
        self._hold_pages()

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
        self._chip()
        super().resizeEvent(event)

    def fit(self) -> None:
        """The picture as large as there is room for, what is said of it right beneath."""
        roomy = self.width() >= _ROOMY
        room = "roomy" if roomy else "narrow" if self.width() >= text_size.px(_TINY) else "tiny"
        low = self._high < text_size.px(_LOW_ROOMY if roomy else _LOW)
        large = roomy and not low
        if (room, low) != self._placed:
            self._placed = room, low
            self._arrange(room, low)
        self._place_numbers(room, low)
        self._write()
        width = _PICTURE if large else _LOW_PICTURE if low else _SMALL
        self._beside.removeWidget(self.channel)
        self._left.removeWidget(self.channel)
        if large or (low and room != "tiny"):
            self._beside.addWidget(self.channel, 0, Qt.AlignmentFlag.AlignTop)
        else:
            self._left.insertWidget(1, self.channel)
        self.channel.setVisible((large and self.text.isHidden()) or self._always)
        self.channel.setFixedSize(_PICTURE if large else _SMALL, _MAP if large else _MAP - _PICTURE + _SMALL)
        self.note.setFixedWidth(width)
        self.say(self._said)
        self.picture.setFixedSize(width, self.picture.heightForWidth(width))

    def _chip(self) -> None:
        """The button of an input that all columns share is no wider than it must be."""
        self.input.setMinimumWidth(_CHIP)
        self.input.setMaximumWidth(_CHIP if self.input.has_brief and self.width() < _ROOMY else _LARGEST)
