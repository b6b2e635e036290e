"""A row of numbers as bars about zero: vectors, rows of weights."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import BarsPart, CurvesPart, FigureAxis, FigureCurve
from explorer.core.translation import tr
from explorer.ui.graphics.axes import IndexAxis, NumberAxis
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.widgets import text

_NAMED = 60  # bars that a figure names


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


class BarPlot(PlotPanel):
    """Values as bars, the one under the pointer named and numbered. `hovered` and `selected` carry an index."""

    hovered = Signal(int)
    selected = Signal(int)

    def __init__(self, name: str, empty: str, parent: QWidget | None = None, what: str = "") -> None:
        """`what` is counted along the bottom, "" for an axis without numbers."""
        bottom = IndexAxis("bottom", title=what) if what else None
        super().__init__(name, empty, parent, left=NumberAxis("left"), bottom=bottom)
        self.setMinimumHeight(48)
        self.box.scrubs = False
        self._values: Array = np.zeros(0)
        self._order: Array = np.zeros(0, np.int64)
        self._labels: tuple[str, ...] = ()
        self._what = "entry"
        self._made_for: tuple[object, ...] = ()
        self._selected: int | None = None
        self._hover: int | None = None  # position
        self._picture = PictureItem()
        self._zero, self._frame, self._hover_frame = (
            FrameItem("dim", 1.0),
            FrameItem("accent", 1.5),
            FrameItem("warm", 1.5),
        )
        for item in (self._picture, self._zero, self._frame, self._hover_frame):
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.scene().sigPrepareForPaint.connect(self._make)
        self.begin()

    def set_values(
        self, values: Array, labels: tuple[str, ...] = (), order: Array | None = None, what: str = "entry"
    ) -> None:
        """(C,) values; `labels` by index; `order` lists the indices from left to right; `what` one of them is."""
        self._values, self._labels, self._what = values, labels, what
        self._order = np.arange(len(values)) if order is None else np.asarray(order)
        self._made_for, self._hover = (), None
        self.setAccessibleDescription(tr("{count} values", count=len(values)))
        self.show_message(not len(values))
        self.lay_out(keep=False)
        self._mark()
        self.viewport().update()

    @property
    def figure_part(self) -> BarsPart | CurvesPart | None:
        """Bars with their names; of very many a curve over their places."""
        if not len(self._values):
            return None
        values = self._values[self._order].astype(np.float64)
        if len(values) > _NAMED:
            return CurvesPart("", (FigureCurve("", np.arange(len(values)), values),), FigureAxis(self._what))
        names = tuple(self._labels[at] if self._labels else str(at) for at in self._order.tolist())
        words = tuple(written(value) for value in values.tolist())
        return BarsPart("", names, tuple(values.tolist()), words, bool((values < 0).any()))

    def set_selected(self, index: int | None) -> None:
        """Frames a bar."""
        self._selected = index
        self._mark()

    def clear(self, message: str = "") -> None:
        """Shows a sentence instead: why there is nothing."""
        self._values, self._order, self._hover = np.zeros(0), np.zeros(0, np.int64), None
        self.set_empty(message or self.message.text())
        self.show_message(True)

    def lay_out(self, keep: bool = True) -> None:
        if len(self._values):
            lo, hi = span(self._values)
            home = QRectF(0, lo, len(self._values), hi - lo)
            self.box.set_home(home, home, keep)
            self._picture.place(home)
            self._zero.set_lines([(0, 0, len(self._values), 0)])

    def _make(self) -> None:
        if not len(self._values):
            return
        ratio, area = self.devicePixelRatioF(), self.area
        wanted = (max(int(area.width() * ratio), 1), max(int(area.height() * ratio), 1), self.theme.name)
        if self._made_for == wanted:
            return
        ink, ground = QColor(self.theme.accent).rgb(), QColor(self.theme.panel).rgb()
        pixels = bars_picture(self._values[self._order], *wanted[:2], ink, int(render.BAD), ground)
        self._picture.fill(np.ascontiguousarray(pixels[::-1]))
        self._made_for = wanted

    def _mark(self) -> None:
        found = np.flatnonzero(self._order == self._selected)
        self._frame.set_rects([self._bar(int(found[0]))] if found.size and self._selected is not None else [])
        self._hover_frame.set_rects([] if self._hover is None else [self._bar(self._hover)])

    def _bar(self, position: int) -> QRectF:
        return QRectF(position, self.box.home.y(), 1, self.box.home.height())

    def sentence(self, index: int) -> str:
        """What stands beside the pointer."""
        name = self._labels[index] if index < len(self._labels) else ""
        return "   ".join(p for p in (f"{self._what} {index}", name, text.number(float(self._values[index]), 4)) if p)

    def _position(self, at: QPointF) -> int | None:
        position = int(np.floor(at.x()))
        return position if 0 <= position < len(self._order) and self.box.home.contains(at) else None

    def point(self, at: QPointF | None) -> None:
        position = None if at is None else self._position(at)
        if position is not None and position != self._hover:
            self.hovered.emit(int(self._order[position]))
        if position is None and self._hover is not None and at is not None:
            self.left.emit()
        self._hover = position
        self._mark()
        if position is None or at is None:
            self.read_out.say("", QPointF(), QRectF())
        else:
            self.read_out.say(self.sentence(int(self._order[position])), at, self.box.seen)

    def _click(self, at: QPointF) -> None:
        position = self._position(at)
        if position is not None:
            self.set_selected(int(self._order[position]))
            self.selected.emit(int(self._order[position]))

    def sizeHint(self) -> QSize:
        return QSize(400, 160)
