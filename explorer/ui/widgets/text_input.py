"""A sentence that can be edited, and the tokens that the model makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.texts import Token
from explorer.core.translation import tr
from explorer.ui import theme

_LINES = 4
_MOST = 400  # tokens that are shown
_SEEN, _SEEN_BRIEF = 8, 3  # lines of tokens, more are scrolled to
_LEGEND = {
    "unknown": tr("Not in the vocabulary"),
    "special": tr("A special token of the model, as it is written in the text: the model sees it as any other token"),
    "padding": tr("Padding: the text is shorter than the model takes"),
    "start": tr("Put before the text"),
    "end": tr("Put behind the text"),
}


class TextInput(QWidget):
    """`edited` carries the text while it is written; `hovered` the number of the token under the pointer, `left` that there is none;
    `selected` the number of a token that was clicked."""

    edited = Signal(str)
    hovered = Signal(int)
    left = Signal()
    selected = Signal(int)

    def __init__(self, parent: QWidget | None = None, lines: int = _LINES) -> None:
        """`lines` of the field; with fewer than usual padding is counted and not listed."""
        super().__init__(parent)
        self._brief = lines < _LINES
        self._sent: set[str] = set()  # texts that were told and have not come back
        self.field, self.why, self.tokens = QPlainTextEdit(), QLabel(), QLabel()
        self.field.setAccessibleName(tr("Text"))
        self.field.setPlaceholderText(tr("Write a sentence"))
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(self.field.fontMetrics().lineSpacing() * lines + 14)
        self.why.setWordWrap(True)
        self.why.setObjectName("warm")
        self.why.hide()
        self.tokens.setWordWrap(True)
        self.tokens.setTextFormat(Qt.TextFormat.RichText)
        self.tokens.setAccessibleName(tr("Tokens"))
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.tokens.setSizePolicy(policy)
        self.tokens.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.area = QScrollArea()
        self.area.setObjectName("tokens")
        self.area.setWidget(self.tokens)
        self.area.setWidgetResizable(True)
        self.tokens.setAutoFillBackground(False)  # a scroll area fills what it holds
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._html = ""
        self._shown: tuple[Token, ...] = ()
        self._look: theme.Theme | None = None  # in whose colours they were drawn
        self._field: tuple[int, int] | None = None  # tokens from .. to
        self._colours: tuple[Array, int] | None = None  # (n, 4) uint8 of the tokens from a number on
        self._marked: int | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        column.addWidget(self.field)
        column.addWidget(self.why)
        column.addWidget(self.area)
        self.field.textChanged.connect(self._edited)
        self.tokens.linkHovered.connect(self._hover)
        self.tokens.linkActivated.connect(self._select)

    def set_unread(self, why: str) -> None:
        """Says beneath the field why what is written there is not what is shown; "" where it is."""
        self.why.setText(why)
        self.why.setVisible(bool(why))

    def set_text(self, text: str, tokens: Sequence[Token] | None) -> None:
        """Shows a text and its tokens; emits nothing. What is being written keeps its cursor: of an earlier state of it that comes back
        late nothing is shown, or its tokens alone where what is written now is not read. None: the tokens are not known yet, those
        that are shown stay."""
        now = self.field.toPlainText()
        if text in self._sent and text != now:
            if self.why.text() and tokens is not None:
                self.set_tokens(tokens)
            return
        if text == now:
            self._sent.clear()
        self.set_unread("")
        if text != now:
            self.field.blockSignals(True)
            self.field.setPlainText(text)
            self.field.blockSignals(False)
        if tokens is not None:
            self.set_tokens(tokens)

    def set_tokens(self, tokens: Sequence[Token]) -> None:
        """Shows them alone."""
        shown, look = tuple(tokens), theme.current()
        if shown != self._shown or look is not self._look:  # a text comes twice: when it is read, and with its capture
            self._shown, self._look = shown, look
            self._draw()

    def set_field(self, first: float, last: float) -> None:
        """The tokens that a cell sees, from one edge to the other; first = last: none."""
        field = (max(int(first), 0), int(-(-last // 1))) if last > first else None
        if field != self._field:
            self._field = field
            self._draw()

    def set_colours(self, rgba: Array | None, first: int = 0) -> None:
        """(n, 4) uint8 behind the tokens from a number on; None: none."""
        if rgba is not None or self._colours is not None:
            self._colours = None if rgba is None else (rgba, first)
            self._draw()

    def set_marked(self, token: int | None) -> None:
        """Underlines a token."""
        if token != self._marked:
            self._marked = token
            self._draw()

    def _ground(self, number: int, plain: str) -> str:
        """What is behind a token: its colour over the plain one."""
        if self._colours is None or not 0 <= number - self._colours[1] < len(self._colours[0]):
            return plain
        *rgb, alpha = (int(part) for part in self._colours[0][number - self._colours[1]])
        under = QColor(plain)
        mixed = (
            round((over * alpha + low * (255 - alpha)) / 255)
            for over, low in zip(rgb, (under.red(), under.green(), under.blue()), strict=True)
        )
        return QColor(*mixed).name()

    def _draw(self) -> None:
        look = theme.current()
        parts = []
        listed = self._shown[:_MOST]
        padding = [number for number, token in enumerate(listed) if token.kind == "padding"] if self._brief else []
        for number, token in enumerate(listed):
            if number in padding[1:]:
                continue
            inside = self._field is not None and self._field[0] <= number < self._field[1]
            ground = self._ground(number, look.hover if inside else look.control)
            line = "underline" if number == self._marked else "none"
            ink = {
                "padding": look.off,
                "start": look.dim,
                "end": look.dim,
                "special": look.warm,
                "unknown": look.error,
            }.get(token.kind, look.text)
            if ground not in (look.hover, look.control):
                ink = "#000000" if QColor(ground).lightnessF() > 0.45 else "#ffffff"
            times = f" × {len(padding)}" if number in padding[:1] and len(padding) > 1 else ""
            tip = tr(
                "token {number}, id {id}{legend}",
                number=number,
                id=token.id,
                legend=f". {_LEGEND[token.kind]}" if token.kind in _LEGEND else "",
            )
            parts.append(
                f'<a href="{number}" title="{escape(tip)}" style="text-decoration:{line}; color:{ink}; '
                f'background-color:{ground}">&nbsp;{escape(token.piece)}{times}&nbsp;</a>'
            )
        more = len(self._shown) - _MOST
        html = " ".join(parts) + (tr(" and {more} more", more=more) if more > 0 else "")
        if html == self._html:
            return
        self._html = html
        self.tokens.setText(html)
        self._fit()
        self.tokens.setAccessibleDescription(" ".join(token.piece for token in self._shown if token.kind != "padding"))

    def _fit(self) -> None:
        """As high as the tokens are, up to some lines: what stands beneath is not pushed away by a long text."""
        most = self.tokens.fontMetrics().lineSpacing() * (_SEEN_BRIEF if self._brief else _SEEN) + 4
        high = max(self.tokens.heightForWidth(self.width()), 0)
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if high > most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.area.setVerticalScrollBarPolicy(
            bar
        )  # a bar as needed would stay where only the bar itself makes it needed
        self.area.setFixedHeight(min(high, most))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._look is not None:
            self.set_tokens(self._shown)

    def _edited(self) -> None:
        self._sent.add(self.field.toPlainText())
        self.edited.emit(self.field.toPlainText())

    def _hover(self, link: str) -> None:
        if link:
            self.hovered.emit(int(link))
        else:
            self.left.emit()

    def _select(self, link: str) -> None:
        self.selected.emit(int(link))

    def sizeHint(self) -> QSize:
        return QSize(240, self.field.height() + 60)
