"""A sentence that can be edited, and the tokens that the model makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.texts import Token
from explorer.ui import theme

_LINES = 4
_MOST = 400  # tokens that are shown
_LEGEND = {
    "unknown": "Not in the vocabulary",
    "padding": "Padding: the text is shorter than the model takes",
    "start": "Put before",
}


class TextInput(QWidget):
    """`edited` carries the text while it is written; `hovered` the number of the token under the pointer, `left` that there is none;
    `selected` the number of a token that was clicked."""

    edited = Signal(str)
    hovered = Signal(int)
    left = Signal()
    selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field, self.tokens = QPlainTextEdit(), QLabel()
        self.field.setAccessibleName("Text")
        self.field.setPlaceholderText("Write a sentence")
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(self.field.fontMetrics().lineSpacing() * _LINES + 14)
        self.tokens.setWordWrap(True)
        self.tokens.setTextFormat(Qt.TextFormat.RichText)
        self.tokens.setAccessibleName("Tokens")
        self.tokens.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._shown: tuple[Token, ...] = ()
        self._field: tuple[int, int] | None = None  # tokens from .. to
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        column.addWidget(self.field)
        column.addWidget(self.tokens)
        self.field.textChanged.connect(self._edited)
        self.tokens.linkHovered.connect(self._hover)
        self.tokens.linkActivated.connect(self._select)

    def set_text(self, text: str, tokens: Sequence[Token]) -> None:
        """Shows a text and its tokens; emits nothing. What is being written keeps its cursor."""
        if text != self.field.toPlainText():
            self.field.blockSignals(True)
            self.field.setPlainText(text)
            self.field.blockSignals(False)
        self._shown = tuple(tokens)
        self._draw()

    def set_field(self, first: float, last: float) -> None:
        """The tokens that a cell sees, from one edge to the other; first = last: none."""
        field = (max(int(first), 0), int(-(-last // 1))) if last > first else None
        if field != self._field:
            self._field = field
            self._draw()

    def _draw(self) -> None:
        look = theme.current()
        parts = []
        for number, token in enumerate(self._shown[:_MOST]):
            inside = self._field is not None and self._field[0] <= number < self._field[1]
            ground = look.hover if inside else look.control
            ink = {"padding": look.off, "start": look.dim, "unknown": look.error}.get(token.kind, look.text)
            tip = f"token {number}, id {token.id}" + (f". {_LEGEND[token.kind]}" if token.kind in _LEGEND else "")
            parts.append(
                f'<a href="{number}" title="{escape(tip)}" style="text-decoration:none; color:{ink}; '
                f'background-color:{ground}">&nbsp;{escape(token.piece)}&nbsp;</a>'
            )
        more = len(self._shown) - _MOST
        self.tokens.setText(" ".join(parts) + (f" and {more} more" if more > 0 else ""))
        self.tokens.setAccessibleDescription(" ".join(token.piece for token in self._shown if token.kind != "padding"))

    def _edited(self) -> None:
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
