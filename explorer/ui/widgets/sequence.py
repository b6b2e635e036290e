"""Channels over time, or over tokens that form no grid: a heat picture, never one pixel high."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from explorer.core import render
from explorer.core.types import Array
from explorer.ui.widgets import colorbar, text
from explorer.ui.widgets.canvas import ask_pen, draw_pixels, to_image
from explorer.ui.widgets.cells import Cell, CellCanvas

_AXIS = 18
_ROW = 24.0  # a row is not higher than that: three rows should not fill a screen


class SequenceView(CellCanvas):
    """(C, T) values: a row a channel, a column a time step. `hovered` and `selected` carry (channel, step)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sequence", "This layer has no values yet.", parent)
        self.setMinimumSize(120, 80)
        self._values: Array | None = None
        self._image = QImage()
        self._limits: render.Limits | None = None
        self._colormap, self._step = "", "step"
        self._selected: Cell | None = None

    def set_values(self, values: Array, limits: render.Limits, colormap: str, step: str = "step") -> None:
        """`limits` of `values[:, None, :]` or of one map; `step` is what a column is called: "step" or "token"."""
        self._values, self._limits, self._colormap, self._step = values, limits, colormap, step
        self._image = to_image(render.colorize(values[:, None, :], limits, colormap)[:, 0]) if values.size else QImage()
        self._hover = None
        self.setAccessibleDescription(f"{values.shape[0]} channels, {values.shape[1]} {step}s")
        self.update()

    def set_selected(self, cell: Cell | None) -> None:
        self._selected = cell
        self.update()

    def clear(self, message: str) -> None:
        self._values, self._image, self._hover, self._selected = None, QImage(), None, None
        self.set_empty(message)

    @property
    def picture(self) -> QRectF:
        """Where the heat picture is drawn."""
        rows = max(self._image.height(), 1)
        free = max(self.height() - _AXIS - colorbar.HEIGHT - 10, 8)
        return QRectF(2, _AXIS, self.width() - 4, min(free, rows * _ROW))

    def draw(self, painter: QPainter) -> None:
        if self._values is None or self._limits is None or self._image.isNull():
            self.draw_empty(painter)
            return
        place, (rows, steps) = self.picture, self._values.shape
        painter.setFont(self.small_font())
        painter.setPen(QColor(self.theme.dim))
        head, flags = QRectF(2, 0, self.width() - 4, _AXIS - 2), Qt.AlignmentFlag
        painter.drawText(head, flags.AlignLeft, f"{rows} channels ↓   {steps} {self._step}s →")
        draw_pixels(painter, place, self._image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cell, colour in ((self._selected, self.theme.accent), (self._hover, self.theme.warm)):
            if cell is not None:
                painter.setPen(ask_pen(colour, 1.5))
                high, wide = place.height() / rows, place.width() / steps
                frame = QRectF(place.left() + cell[1] * wide, place.top() + cell[0] * high, wide, high)
                painter.drawRect(frame.adjusted(-1, -1, 1, 1))
        lo, hi = float(self._limits.lo.min()), float(self._limits.hi.max())
        bar = QRectF(2, place.bottom() + 8, min(self.width() - 4, 260), colorbar.HEIGHT)
        if len(self._limits.lo) == 1:
            colorbar.draw_colorbar(painter, bar, lo, hi, self._colormap, self.small_font())
        if self._hover is not None:
            channel, step = self._hover
            value = text.number(float(self._values[channel, step]))
            self.draw_readout(painter, self._pointer, f"channel {channel}   {self._step} {step}   {value}")

    def cell_at(self, at: QPointF) -> Cell | None:
        """(channel, step) under a point."""
        place = self.picture
        if self._values is None or not self._values.size or not place.contains(at):
            return None
        rows, steps = self._values.shape
        channel = int((at.y() - place.top()) / place.height() * rows)
        step = int((at.x() - place.left()) / place.width() * steps)
        return min(channel, rows - 1), min(step, steps - 1)

    def choose(self, cell: Cell) -> None:
        self.set_selected(cell)
        super().choose(cell)

    def sizeHint(self) -> QSize:
        return QSize(500, 300)
