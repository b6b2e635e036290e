"""Small labels on pictures, hundreds in a frame: each is drawn once and kept, since laying out text takes 20 times as long."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

_SHADOW, _INK = QColor(0, 0, 0, 200), QColor(255, 255, 255, 230)
_MOST = 5000  # labels kept


class Glyphs:
    """White text with a dark shadow, legible on any colour map. For one font and one device pixel ratio."""

    def __init__(self, font: QFont, ratio: float) -> None:
        self._font, self._ratio = font, ratio
        self._metrics = QFontMetricsF(font)
        self._made: dict[tuple[str, int], QPixmap] = {}

    def label(self, text: str, room: int) -> QPixmap:
        """A text, shortened to `room` logical pixels."""
        return self._made.get((text, room)) or self._make(text, room)

    def _make(self, text: str, room: int) -> QPixmap:
        short = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        width, height = self._metrics.horizontalAdvance(short) + 2, self._metrics.height() + 2
        pixmap = QPixmap(int(width * self._ratio) + 1, int(height * self._ratio) + 1)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self._font)
        for offset, colour in ((1.0, _SHADOW), (0.0, _INK)):
            painter.setPen(colour)
            painter.drawText(QRectF(offset, offset, width, height), Qt.AlignmentFlag.AlignLeft, short)
        painter.end()
        if len(self._made) >= _MOST:
            self._made.clear()
        self._made[text, room] = pixmap
        return pixmap
