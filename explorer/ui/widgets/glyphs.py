"""Small labels on pictures, hundreds in a frame: each is drawn once and kept, since laying out text takes 20 times as long."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_AROUND = [(x, y) for x in (0.0, 1.0, 2.0) for y in (0.0, 1.0, 2.0) if (x, y) != (1.0, 1.0)]
_MOST = 5000  # labels kept


class Glyphs:
    """White text with a dark edge, or the other way round for pictures that are mostly light. For one font and one device
    pixel ratio."""

    def __init__(self, font: QFont, ratio: float, light: bool = False) -> None:
        self._font, self._ratio = font, ratio
        self._ink, self._edge = (_BLACK, _WHITE) if light else (_WHITE, _BLACK)
        self._metrics = QFontMetricsF(font)
        self._made: dict[tuple[str, int], QPixmap] = {}

    def label(self, text: str, room: int) -> QPixmap:
        """A text, shortened to `room` logical pixels."""
        return self._made.get((text, room)) or self._make(text, room)

    def _make(self, text: str, room: int) -> QPixmap:
        short = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        width, height = self._metrics.horizontalAdvance(short) + 3, self._metrics.height() + 3
        pixmap = QPixmap(int(width * self._ratio) + 1, int(height * self._ratio) + 1)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self._font)
        painter.setPen(QColor(*self._edge, 90))
        for x, y in _AROUND:
            painter.drawText(QRectF(x, y, width, height), Qt.AlignmentFlag.AlignLeft, short)
        painter.setPen(QColor(*self._ink, 235))
        painter.drawText(QRectF(1, 1, width, height), Qt.AlignmentFlag.AlignLeft, short)
        painter.end()
        if len(self._made) >= _MOST:
            self._made.clear()
        self._made[text, room] = pixmap
        return pixmap
