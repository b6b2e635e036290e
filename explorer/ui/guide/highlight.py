"""A frame round what a guide points at. Lets every click and movement through."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.ui import theme

_OUT, _WIDE, _ROUND = 7, 3.0, 9.0  # px


class Highlight(QWidget):
    """Over its parent, as large as the frame."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def frame(self, target: QRect | None) -> None:
        """Another target; None: nothing is pointed at."""
        if target is None or target.isEmpty():
            self.hide()
            return
        around = target.adjusted(-_OUT, -_OUT, _OUT, _OUT)
        if around != self.geometry():
            self.setGeometry(around)
        if self.isHidden():
            self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        warm = QColor(theme.current().warm)
        soft = QColor(warm)
        soft.setAlpha(70)
        for colour, width in ((soft, 2 * _WIDE), (warm, _WIDE - 0.5)):
            painter.setPen(QPen(colour, width))
            inset = _WIDE + 0.5
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), _ROUND, _ROUND)
