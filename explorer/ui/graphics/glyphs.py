"""Small labels on pictures, hundreds in a frame: each is drawn once and kept, since laying out text takes 20 times as long."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
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
        self._made: dict[str, QPixmap] = {}

    def label(self, text: str, room: int) -> QPixmap:
        """A text, shortened to `room` logical pixels."""
        made = self._made.get(text)
        if made is None:
            made = self._keep(text, self._number(text) if text.isdecimal() else self._draw(text))
        if made.width() <= (room + 4) * self._ratio:
            return made
        short = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        return self._made.get(short) or self._keep(short, self._draw(short))

    def _keep(self, text: str, pixmap: QPixmap) -> QPixmap:
        if len(self._made) >= _MOST:
            self._made.clear()
        self._made[text] = pixmap
        return pixmap

    def _number(self, text: str) -> QPixmap:
        """Channel numbers come by the hundred: put together from ten digits, they cost a tenth of laying them out."""
        digits = [self._made.get(digit) or self._keep(digit, self._draw(digit)) for digit in text]
        if len(digits) == 1:
            return digits[0]
        pixmap = self._blank(self._metrics.horizontalAdvance(text))
        painter = QPainter(pixmap)
        at = 0.0
        for digit, drawn in zip(text, digits, strict=True):
            painter.drawPixmap(QPointF(at, 0), drawn)
            at += self._metrics.horizontalAdvance(digit)
        painter.end()
        return pixmap

    def _blank(self, advance: float) -> QPixmap:
        width, height = advance + 3, self._metrics.height() + 3
        pixmap = QPixmap(int(width * self._ratio) + 1, int(height * self._ratio) + 1)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _draw(self, text: str) -> QPixmap:
        advance = self._metrics.horizontalAdvance(text)
        pixmap = self._blank(advance)
        painter = QPainter(pixmap)
        painter.setFont(self._font)
        painter.setPen(QColor(*self._edge, 90))
        size = (advance + 3, self._metrics.height() + 3)
        for x, y in _AROUND:
            painter.drawText(QRectF(x, y, *size), Qt.AlignmentFlag.AlignLeft, text)
        painter.setPen(QColor(*self._ink, 235))
        painter.drawText(QRectF(1, 1, *size), Qt.AlignmentFlag.AlignLeft, text)
        painter.end()
        return pixmap
