"""Over the window, or a part of it, while files hang over it: what letting them go will do."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.ui import theme

_INSET, _WIDE, _WIDEST = 6, 3.0, 520  # px


class DropHint(QEvent):
    """Sent to the window by a part of it that takes files itself: what letting them go there will do; "" once they are gone."""

    KIND = QEvent.Type(QEvent.registerEventType())

    def __init__(self, over: QWidget, words: str) -> None:
        super().__init__(self.KIND)
        self.over, self.words = over, words


def hint_drop(over: QWidget, words: str) -> None:
    """Shows what will be done, over a part of the window; "" for nothing."""
    QCoreApplication.sendEvent(over.window(), DropHint(over, words))


class DropNote(QWidget):
    """A frame round its parent, or a part of it, and a plate in its middle. Lets every movement through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = QLabel()
        self.words.setObjectName("plate")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.addWidget(self.words, 0, Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def say(self, words: str, over: QWidget | None = None) -> None:
        """Shows it over all of the parent, or over something in it; "" hides it."""
        parent = self.parentWidget()
        assert parent is not None
        if not words:
            self.hide()
            return
        place = parent.rect() if over is None else QRect(over.mapTo(parent, over.rect().topLeft()), over.size())
        self.words.setText(words)
        most = min(_WIDEST, place.width() - 6 * _INSET)
        self.words.setMaximumWidth(most)
        self.words.setMinimumWidth(min(self.words.fontMetrics().horizontalAdvance(words) + 24, most))
        self.setGeometry(place)
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
