"""Over the whole window while files hang over it: what letting them go will do."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.ui import theme

_INSET, _WIDE = 6, 3.0  # px


class DropNote(QWidget):
    """A frame round its parent and a plate in its middle. Lets every movement through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = QLabel()
        self.words.setObjectName("plate")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setMaximumWidth(520)
        column = QVBoxLayout(self)
        column.addWidget(self.words, 0, Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def say(self, words: str) -> None:
        """Shows it over all of the parent."""
        parent = self.parentWidget()
        assert parent is not None
        self.words.setText(words)
        self.words.setMinimumWidth(min(self.words.fontMetrics().horizontalAdvance(words) + 24, 520))
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QColor(theme.current().window)
        shade.setAlpha(150)
        painter.fillRect(self.rect(), shade)
        painter.setPen(QPen(QColor(theme.current().accent), _WIDE))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET), 8, 8)
