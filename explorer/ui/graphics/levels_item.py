"""Two lines over a plot or a colour map that set a range by dragging: one end, or both from between them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter

from explorer.ui import theme
from explorer.ui.graphics.items import cosmetic_pen
from explorer.ui.graphics.setup import pg

_NEAR = 6.0  # px from a line that still take hold of it
_LOW, _HIGH, _BOTH = "low", "high", "both"


class LevelsItem(pg.GraphicsObject):
    """A range (low, high) of the first axis of a view. `dragged` carries it while a line is moved, `chosen` when it is let go.

    Unlike pyqtgraph's LinearRegionItem it does not change its bounds while it is painted, which paints every plot twice."""

    dragged = Signal(float, float)
    chosen = Signal(float, float)

    def __init__(self, width: float = 1.0, shade: int = 0) -> None:
        """Lines so many px wide; `shade`, 0 to 255: how much lighter it is between them."""
        super().__init__()
        self.low, self.high, self.movable = 0.0, 1.0, True
        self._width, self._shade = width, QColor(255, 255, 255, shade)
        self._grip = ""
        self._from = (0.0, 0.0)
        self._pointed = ""
        self.setAcceptHoverEvents(True)

    def set_levels(self, low: float, high: float, movable: bool = True) -> None:
        """Puts the lines somewhere; emits nothing."""
        if (low, high, movable) != (self.low, self.high, self.movable):
            self.low, self.high, self.movable = low, high, movable
            self.update()

    # --- pyqtgraph's and Qt's names

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return QRectF() if box is None else QRectF(box.viewRect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        look, seen = theme.current(), self.boundingRect()
        half = self.getViewBox().viewPixelSize()[0] / 2
        if self._shade.alpha():
            painter.fillRect(QRectF(self.low, seen.y(), self.high - self.low, seen.height()), self._shade)
        for name, at in ((_LOW, self.low), (_HIGH, self.high)):
            warm = name == self._pointed
            colour = look.warm if warm else look.text if self.movable else look.off
            painter.setPen(cosmetic_pen(colour, self._width + warm))
            # half a pixel inside the view, where a line at its edge is still seen
            inside = min(max(at, seen.left() + half), seen.right() - half) if seen.left() <= at <= seen.right() else at
            painter.drawLine(QLineF(inside, seen.top(), inside, seen.bottom()))

    def _at(self, x: float) -> str:
        """What a point takes hold of."""
        box = self.getViewBox()
        if box is None or not self.movable:
            return ""
        near = _NEAR * box.viewPixelSize()[0]
        distance, name = min((abs(x - self.low), _LOW), (abs(x - self.high), _HIGH))
        return name if distance <= near else _BOTH if self.low < x < self.high else ""

    def hoverEvent(self, event: Any) -> None:
        grip = "" if event.isExit() else self._at(event.pos().x())
        if grip:
            event.acceptDrags(Qt.MouseButton.LeftButton)
        if self._grip or grip == self._pointed:
            return
        self._pointed = grip
        self.update()

    def mouseDragEvent(self, event: Any) -> None:
        if event.isStart():
            self._grip = self._at(event.buttonDownPos().x()) if event.button() == Qt.MouseButton.LeftButton else ""
            self._from = self.low, self.high
        if not self._grip:
            event.ignore()
            return
        event.accept()
        self._move(event.pos().x() - event.buttonDownPos().x())
        self.dragged.emit(self.low, self.high)
        if event.isFinish():
            self._grip = ""
            self.chosen.emit(self.low, self.high)

    def _move(self, by: float) -> None:
        """Lines do not pass each other."""
        low, high = self._from
        if self._grip == _LOW:
            low = min(low + by, high)
        elif self._grip == _HIGH:
            high = max(high + by, low)
        else:
            low, high = low + by, high + by
        self.set_levels(low, high)
