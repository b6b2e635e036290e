"""What the pages beneath the large map share: a column, or words in its place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui import theme
from explorer.ui.widgets.nesting import nest


def paragraph(dim: bool = False) -> QLabel:
    """A label for sentences: wraps, can be copied, never taken for HTML."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    # a long word (the name of a layer) must not widen the panel
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if dim:
        label.setObjectName("dim")
    return label


class Page(QWidget):
    """`body` holds what was added; `message` stands in its place while there is something to say instead."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message, self.body = paragraph(True), QWidget()
        self._column = column_of(self.body)
        self.outer = column_of(self, self.message, self.body)

    def add(self, *parts: QWidget | QLayout) -> None:
        """One beneath the other."""
        fill(self._column, *parts)

    def say(self, message: str) -> None:
        """Words instead of everything; "" shows it."""
        self.message.setText(message)
        self.message.setVisible(bool(message))
        self.body.setVisible(not message)


def column_of(holder: QWidget, *parts: QWidget | QLayout) -> QVBoxLayout:
    """A column of parts inside a holder, without a frame."""
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.current().space)
    fill(column, *parts)
    return column


def fill(column: QVBoxLayout, *parts: QWidget | QLayout) -> None:
    """Adds parts to a column."""
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            nest(column, part)
