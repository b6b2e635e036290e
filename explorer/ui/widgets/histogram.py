"""How often which value occurs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import Canvas

_AXIS = 16


class Histogram(Canvas):
    """Bars on a logarithmic scale (zeros after a ReLU would flatten everything else), axis numbers, the count under the
    pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Histogram", "No values yet.", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._counts: Array = np.zeros(0, np.int64)
        self._edges: Array = np.zeros(1)
        self._hover: int | None = None
        self._pointer = QPointF()

    def set_counts(self, counts: Array, edges: Array) -> None:
        """`edges` has one entry more than `counts` (see `render.histogram`)."""
        self._counts, self._edges, self._hover = counts, edges, None
        total = int(counts.sum())
        self.setAccessibleDescription(
            f"{total} values from {text.number(float(edges[0]))} to {text.number(float(edges[-1]))}"
        )
        self.update()

    def clear(self) -> None:
        self._counts = np.zeros(0, np.int64)
        self.update()

    def draw(self, painter: QPainter) -> None:
        if not self._counts.sum():
            self.draw_empty(painter)
            return
        width, height = float(self.width()), float(self.height() - _AXIS)
        heights = np.log1p(self._counts) / np.log1p(self._counts.max()) * (height - 2)
        step = width / len(self._counts)
        painter.setPen(Qt.PenStyle.NoPen)
        for at, tall in enumerate(heights.tolist()):
            if tall:
                colour = self.theme.warm if at == self._hover else self.theme.accent
                painter.fillRect(
                    QRectF(at * step, height - max(tall, 1), max(step - 1, 1), max(tall, 1)), QColor(colour)
                )
        painter.fillRect(QRectF(0, height, width, 1), QColor(self.theme.line))
        self._draw_axis(painter, width, height)
        if self._hover is not None:
            lo, hi = (text.number(float(self._edges[self._hover + n])) for n in (0, 1))
            self.draw_readout(painter, self._pointer, f"{lo} … {hi}   {int(self._counts[self._hover])}×")

    def _draw_axis(self, painter: QPainter, width: float, height: float) -> None:
        lo, hi = float(self._edges[0]), float(self._edges[-1])
        painter.setFont(self.small_font())
        painter.setPen(QColor(self.theme.dim))
        below, flags = QRectF(0, height + 2, width, _AXIS - 2), Qt.AlignmentFlag
        painter.drawText(below, flags.AlignLeft | flags.AlignVCenter, text.number(lo))
        painter.drawText(below, flags.AlignRight | flags.AlignVCenter, text.number(hi))
        zero = -lo / (hi - lo) * width
        if lo < 0 < hi and 50 < zero < width - 50:
            painter.drawText(QRectF(zero - 20, height + 2, 40, _AXIS - 2), flags.AlignCenter, "0")
        painter.drawText(QRectF(0, 0, width, 14), flags.AlignRight | flags.AlignTop, "log")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        at = int(self._pointer.x() / max(self.width(), 1) * len(self._counts))
        self._hover = at if 0 <= at < len(self._counts) else None
        self.update()

    def forget_pointer(self) -> None:
        self._hover = None

    def sizeHint(self) -> QSize:
        return QSize(240, 76)
