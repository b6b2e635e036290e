"""Skip connections and branches as arcs over a layer strip; neighbours that feed each other are joined by a short line."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from explorer.core.layer_graph import LayerGraph
from explorer.ui import theme
from explorer.ui.graphics.items import cosmetic_pen
from explorer.ui.graphics.setup import pg

HEIGHT = 26.0  # px of the band
_LEAST, _BASE = 6.0, 2.5  # height of the lowest arc; from the feet of the arcs to the thumbnails
_TURNED = 1.33  # a cubic curve reaches 3/4 of the height of its handles
_FAINT = 0.55


class ArcsItem(pg.GraphicsObject):
    """All arcs are painted once; those of one layer (`focus`) over them: what feeds it in the accent colour, what it feeds in the warm
    one and dashed. A unit of the view is a logical pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.graph = LayerGraph()
        self._pitch, self._top, self._made, self._ratio = 1.0, 0.0, range(0), 1.0
        self._kept = QPixmap()
        self._kept_for: tuple[object, ...] = ()
        self._paths: dict[int, tuple[QPainterPath, QPainterPath]] = {}
        self._focus = -1

    def set_graph(self, graph: LayerGraph) -> None:
        """Other layers."""
        self.graph, self._kept_for, self._focus = graph, (), -1
        self._paths.clear()
        self.update()

    def place(self, pitch: float, top: float, made: range, ratio: float) -> None:
        """From one thumbnail to the next, where the band begins, which thumbnails are painted, device pixels a logical one."""
        placed = (pitch, top, made, ratio)
        if placed != (self._pitch, self._top, self._made, self._ratio):
            self.prepareGeometryChange()
            if pitch != self._pitch:
                self._paths.clear()
            self._pitch, self._top, self._made, self._ratio = placed

    def focus(self, index: int) -> None:
        """Whose connections stand out; -1: nobody's."""
        if index != self._focus:
            self._focus = index
            self.update()

    # --- Qt's names

    def boundingRect(self) -> QRectF:
        return QRectF(self._made.start * self._pitch, self._top, max(len(self._made) * self._pitch, 1), HEIGHT)

    def paint(self, painter: QPainter, *_: Any) -> None:
        if not self.graph.feeds:
            return
        look, rect = theme.current(), self.boundingRect()
        wanted = (self._pitch, self._made, self._ratio, look.name)
        if self._kept_for != wanted:
            self._kept_for = wanted
            self._kept = self._painted(rect)
        painter.drawPixmap(rect.topLeft(), self._kept)
        if 0 <= self._focus < len(self.graph.feeds):
            feeding, fed = self._of(self._focus)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(0, self._top)
            for path, colour, dashed in ((feeding, look.accent, False), (fed, look.warm, True)):
                painter.setPen(cosmetic_pen(colour, 2.0, dashed))
                painter.drawPath(path)
            painter.translate(0, -self._top)

    def _painted(self, rect: QRectF) -> QPixmap:
        kept = QPixmap(max(math.ceil(rect.width() * self._ratio), 1), math.ceil(HEIGHT * self._ratio))
        kept.setDevicePixelRatio(self._ratio)
        kept.fill("#00000000")
        painter = QPainter(kept)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-rect.left(), 0)
        painter.setPen(cosmetic_pen(theme.current().dim, 1.2, opacity=_FAINT))
        path = QPainterPath()
        for at, sources in enumerate(self.graph.feeds):
            for source in sources:
                if source in self._made or at in self._made:
                    self._join(path, source, at)
        painter.drawPath(path)
        painter.end()
        return kept

    def _of(self, index: int) -> tuple[QPainterPath, QPainterPath]:
        if index not in self._paths:
            feeding, fed = QPainterPath(), QPainterPath()
            for source in self.graph.feeds[index]:
                self._join(feeding, source, index)
            for target in self.graph.fed[index]:
                self._join(fed, index, target)
            self._paths[index] = feeding, fed
        return self._paths[index]

    def _join(self, path: QPainterPath, source: int, target: int) -> None:
        left, right = (source + 0.5) * self._pitch, (target + 0.5) * self._pitch
        base = HEIGHT - _BASE
        path.moveTo(QPointF(left, base))
        if target == source + 1:
            path.lineTo(QPointF(right, base))
            return
        high = base - self._height(abs(target - source)) * _TURNED
        path.cubicTo(QPointF(left, high), QPointF(right, high), QPointF(right, base))

    def _height(self, steps: int) -> float:
        """Longer arcs are higher, so that those inside each other can be told apart."""
        most = HEIGHT - _BASE - 2
        return min(_LEAST + (most - _LEAST) * math.log2(max(steps, 2) / 2) / 5, most)
