"""The names of the stages over a layer strip."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from explorer.ui import text_size
from explorer.ui.graphics.items import cosmetic_pen
from explorer.ui.graphics.setup import pg
from explorer.ui.graphics.strip_layout import GAP

NAMES = 18  # px of the line
_LARGEST = 14  # px: a larger letter has no room in the line


class StageNames(pg.GraphicsObject):
    """The names of the stages over brackets, each as far as its stage is seen."""

    def __init__(self, view: Any) -> None:
        """`view`: a StripView."""
        super().__init__()
        self._view = view
        self._short: dict[tuple[str, int], str] = {}
        self._kept, self._kept_for = QPixmap(), ()  # type: QPixmap, tuple[object, ...]
        self._made: tuple[float, QFont] | None = None  # for a size of text

    def boundingRect(self) -> QRectF:
        return QRectF(self._view.box.seen.x(), 0, max(self._view.box.seen.width(), 1), NAMES)

    def viewRangeChanged(self) -> None:
        """pyqtgraph's name."""
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: Any) -> None:
        view, ratio = self._view, self._view.devicePixelRatioF()
        seen, at = view.box.seen, view.current
        current = next((n for n, (_, first, last) in enumerate(view.stages) if first <= at <= last), -1)
        look, size = (view.theme.name, text_size.factor()), (ratio, view.layout_.pitch)
        wanted = (seen.getRect(), current, look, size, tuple(view.stages))
        if self._kept_for != wanted:
            self._kept_for, self._kept = wanted, self._painted(seen, current, ratio)
        painter.drawPixmap(seen.topLeft(), self._kept)

    def _painted(self, seen: QRectF, current: int, ratio: float) -> QPixmap:
        """The names on nothing: they stay while one scrubs within a stage."""
        kept = QPixmap(max(math.ceil(seen.width() * ratio), 1), math.ceil(NAMES * ratio))
        kept.setDevicePixelRatio(ratio)
        kept.fill(Qt.GlobalColor.transparent)
        painter = QPainter(kept)
        painter.setFont(self._font())
        painter.translate(-seen.left(), 0)
        for at, stage in enumerate(self._view.stages):
            self._draw(painter, seen, stage, at == current)
        painter.end()
        return kept

    def _draw(self, painter: QPainter, seen: QRectF, stage: tuple[str, int, int], current: bool) -> None:
        look, pitch, (name, first, last) = self._view.theme, self._view.layout_.pitch, stage
        left, right = max(first * pitch, seen.left()), min((last + 1) * pitch - GAP, seen.right())
        if not name or right < left:
            return
        base = NAMES - 3.5
        painter.setPen(cosmetic_pen(look.accent if current else look.off))
        painter.drawPolyline(
            [QPointF(left, base + 2), QPointF(left, base), QPointF(right, base), QPointF(right, base + 2)]
        )
        room = QRectF(left + 2, 0, right - left - 2, NAMES - 4)
        short = self._shortened(painter, name, int(room.width()))
        if short == name or len(short) - 1 > len(name) / 2:  # what is left of a name can be told
            painter.setPen(cosmetic_pen(look.text if current else look.dim))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), short)

    def _font(self) -> QFont:
        if self._made is None or self._made[0] != text_size.factor():
            font = self._view.small_font()
            font.setPixelSize(min(font.pixelSize(), _LARGEST))
            self._made, self._short = (text_size.factor(), font), {}
        return self._made[1]

    def _shortened(self, painter: QPainter, name: str, room: int) -> str:
        """Each is measured once: names keep their width while one scrubs."""
        key = (name, room)
        if key not in self._short:
            if len(self._short) > 500:
                self._short.clear()
            self._short[key] = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        return self._short[key]
