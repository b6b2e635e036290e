"""A row of numbers as bars about zero; shared by vectors, weight rows and tokens."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from explorer.core import colormaps, render
from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import Canvas, ask_pen, to_image

_NUMBERS = 18


def bars_picture(values: Array, width: int, height: int, ink: int, bad: int, ground: int) -> Array:
    """(height, width) uint32 picture of values as bars from a zero line, one column of pixels each or more.

    Where there are more values than columns, a column spans the smallest to the largest of its values, so that no peak is
    lost. Non-finite ones fill their column with `bad`."""
    out = np.full((height, width), ground, np.uint32)
    if values.size == 0 or not width or not height:
        return out
    finite = np.isfinite(values)
    good = np.where(finite, values, 0.0).astype(np.float64)
    lo, hi = span(values)
    edges = np.arange(width + 1) * values.size // width
    starts = np.minimum(edges[:-1], values.size - 1)
    low, high = np.minimum(np.minimum.reduceat(good, starts), 0), np.maximum(np.maximum.reduceat(good, starts), 0)
    scale = (height - 1) / (hi - lo)
    top, bottom = np.rint((hi - high) * scale), np.rint((hi - low) * scale)
    rows = np.arange(height)[:, None]
    out[(rows >= top) & (rows <= bottom)] = ink
    out[:, np.add.reduceat(~finite, starts) > 0] = bad
    if width >= 3 * values.size:  # room for a gap between bars
        out[:, np.flatnonzero(np.diff(starts, prepend=-1) > 0)] = ground
    return out


def span(values: Array) -> tuple[float, float]:
    """(lowest, highest) finite value, with zero among them; never empty."""
    good = values[np.isfinite(values)]
    lo, hi = min(float(good.min(initial=0.0)), 0.0), max(float(good.max(initial=0.0)), 0.0)
    return (lo, hi) if hi > lo else (0.0, 1.0)


class Bars(Canvas):
    """Values as bars, the one under the pointer named and numbered. `hovered` and `selected` carry an index."""

    hovered = Signal(int)
    selected = Signal(int)

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(name, empty, parent)
        self.setMinimumHeight(48)
        self._values: Array = np.zeros(0)
        self._order: Array = np.zeros(0, np.int64)
        self._labels: tuple[str, ...] = ()
        self._what = "entry"
        self._image, self._made_for = QImage(), ()
        self._selected: int | None = None
        self._hover: int | None = None  # position
        self._pointer = QPointF()

    def set_values(
        self, values: Array, labels: tuple[str, ...] = (), order: Array | None = None, what: str = "entry"
    ) -> None:
        """(C,) values; `labels` by index; `order` lists the indices from left to right; `what` one of them is."""
        self._values, self._labels, self._what = values, labels, what
        self._order = np.arange(len(values)) if order is None else np.asarray(order)
        self._made_for, self._hover = (), None
        self.setAccessibleDescription(f"{len(values)} values")
        self.update()

    def set_selected(self, index: int | None) -> None:
        self._selected = index
        self.update()

    def clear(self, message: str = "") -> None:
        self._values, self._order, self._hover = np.zeros(0), np.zeros(0, np.int64), None
        self.set_empty(message or self._empty)

    @property
    def plot(self) -> QRectF:
        """Where the bars are."""
        return QRectF(0, 2, self.width(), max(self.height() - _NUMBERS - 4, 8))

    def draw(self, painter: QPainter) -> None:
        if not len(self._values):
            self.draw_empty(painter)
            return
        self._make()
        area = self.plot
        painter.drawImage(area, self._image)
        lo, hi = span(self._values)
        zero = area.top() + area.height() * hi / (hi - lo)
        painter.fillRect(QRectF(area.left(), zero - 0.5, area.width(), 1), QColor(self.theme.dim))
        self._mark(painter, area)
        painter.setFont(self.small_font())
        painter.setPen(QColor(self.theme.dim))
        below, flags = QRectF(0, area.bottom() + 2, self.width(), _NUMBERS), Qt.AlignmentFlag
        painter.drawText(below, flags.AlignLeft | flags.AlignVCenter, f"{len(self._values)} × {self._what}")
        painter.drawText(below, flags.AlignRight | flags.AlignVCenter, f"{text.number(lo)} … {text.number(hi)}")
        if self._hover is not None:
            self.draw_readout(painter, self._pointer, self._sentence(int(self._order[self._hover])))

    def _make(self) -> None:
        ratio, area, theme = self.devicePixelRatioF(), self.plot, self.theme
        wanted = (int(area.width() * ratio), int(area.height() * ratio), theme.name)
        if self._made_for != wanted:
            ink, ground = QColor(theme.accent).rgb(), QColor(theme.panel).rgb()
            shown = self._values[self._order]
            self._image = to_image(bars_picture(shown, wanted[0], wanted[1], ink, int(render.BAD), ground))
            self._made_for = wanted

    def _mark(self, painter: QPainter, area: QRectF) -> None:
        width = area.width() / len(self._order)
        found = np.flatnonzero(self._order == self._selected) if self._selected is not None else []
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for position, colour in (
            (int(found[0]) if len(found) else None, self.theme.accent),
            (self._hover, self.theme.warm),
        ):
            if position is not None:
                left = area.left() + position * width
                painter.setPen(ask_pen(colour, 1.5))
                painter.drawRect(QRectF(left, area.top(), width, area.height()).adjusted(-1, -1, 1, 0))

    def _sentence(self, index: int) -> str:
        name = self._labels[index] if index < len(self._labels) else ""
        return "   ".join(p for p in (f"{self._what} {index}", name, text.number(float(self._values[index]), 4)) if p)

    def index_at(self, at: QPointF) -> int | None:
        """Position (not index) of the bar at a point."""
        if not len(self._order) or not self.plot.contains(at):
            return None
        return min(int((at.x() - self.plot.left()) / self.plot.width() * len(self._order)), len(self._order) - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        position = self.index_at(self._pointer)
        if position is not None and position != self._hover:
            self.hovered.emit(int(self._order[position]))
        if position is None and self._hover is not None:
            self.left.emit()
        self._hover = position
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self.index_at(event.position())
        if position is not None and event.button() == Qt.MouseButton.LeftButton:
            self.set_selected(int(self._order[position]))
            self.selected.emit(int(self._order[position]))
        else:
            super().mousePressEvent(event)

    def forget_pointer(self) -> None:
        self._hover = None

    def sizeHint(self) -> QSize:
        return QSize(400, 160)


def heat_rows(values: Array, dark: bool) -> tuple[Array, render.Limits, str]:
    """(R, C) values as 32-bit pixels on one scale for all rows; the limits and the colour map that were used."""
    limits = render.limits(values[None], render.ScaleMode.PER_LAYER)
    colormap = colormaps.diverging_for(dark) if limits.signed else "magma"
    return render.colorize(values, limits, colormap), limits, colormap
