"""How often which value occurs, and the colour range as a region that can be dragged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.types import Array
from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets import text


class CountAxis(NumberAxis):
    """Counts on a scale of log(1 + n): zeros after a ReLU would flatten everything else."""

    def tickValues(self, low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        """pyqtgraph's name: powers of ten, so few that they can be read."""
        top = max(float(np.expm1(high)), 1.0)
        step = max(int(np.ceil(np.log10(top) / 3)), 1)
        powers = np.arange(0, int(np.log10(top)) + 1, step)
        return [(1.0, [float(np.log1p(10.0**power)) for power in powers if np.log1p(10.0**power) >= low])]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """pyqtgraph's name."""
        return [text.count(round(float(np.expm1(value)))) for value in values]


class HistogramPlot(PlotPanel):
    """Bars on a logarithmic scale, the count under the pointer. `levels_chosen` carries the colour range (low, high) that was
    set by dragging the region, which stands over the values that the colours show."""

    levels_chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Histogram", "No values yet.", parent, left=CountAxis("left"), bottom=NumberAxis("bottom"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Histogram of the values (counts on a logarithmic scale). Drag a line to set the colour range.")
        self.box.scrubs = False
        self._counts: Array = np.zeros(0, np.int64)
        self._edges: Array = np.zeros(1)
        self._hover: int | None = None
        self._setting = False
        self._bars = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)
        self._pointed = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)
        self._region = pg.LinearRegionItem(
            (0, 1), swapMode="block", brush=(255, 255, 255, 18), hoverBrush=(255, 255, 255, 18)
        )
        self._region.hide()
        for item in (self._bars, self._pointed, self._region):
            self.box.addItem(item, ignoreBounds=True)
        self._region.sigRegionChangeFinished.connect(self._dragged)
        self.begin()

    def set_counts(self, counts: Array, edges: Array) -> None:
        """`edges` has one entry more than `counts` (see `render.histogram`)."""
        self._counts, self._edges, self._hover = counts, edges, None
        total = int(counts.sum())
        self.setAccessibleDescription(
            f"{total} values from {text.number(float(edges[0]))} to {text.number(float(edges[-1]))}"
        )
        self.show_message(not total)
        if not total:
            return
        heights = np.log1p(counts.astype(np.float64))
        shown = counts > 0
        self._bars.setOpts(x0=edges[:-1][shown], x1=edges[1:][shown], y0=np.zeros(shown.sum()), y1=heights[shown])
        self._bars.setOpts(brush=self.theme.accent)
        home = QRectF(float(edges[0]), 0, float(edges[-1] - edges[0]), float(heights.max()) * 1.05)
        self.box.set_home(home, home, keep=False)
        self._point_at(None)

    def set_levels(self, low: float, high: float) -> None:
        """The range of the colours; emits nothing."""
        self._setting = True
        self._region.setRegion((low, high))
        for line in self._region.lines:
            line.setPen(pg.mkPen(self.theme.text, width=1))
            line.setHoverPen(pg.mkPen(self.theme.warm, width=2))
        self._region.setVisible(bool(self._counts.sum()) and high > low)
        self._setting = False

    def clear(self) -> None:
        """There are no values."""
        self._counts = np.zeros(0, np.int64)
        self.show_message(True)

    def _dragged(self) -> None:
        if not self._setting:
            self.levels_chosen.emit(*map(float, self._region.getRegion()))

    def point(self, at: QPointF | None) -> None:
        inside = at is not None and self._counts.size and self._edges[0] <= at.x() < self._edges[-1]
        bin_ = int(np.searchsorted(self._edges, at.x(), side="right")) - 1 if at is not None and inside else None
        self._point_at(bin_)
        if bin_ is None or at is None:
            self.read_out.say("", QPointF(), QRectF())
            return
        low, high = (text.number(float(self._edges[bin_ + n])) for n in (0, 1))
        self.read_out.say(f"{low} … {high}   {int(self._counts[bin_])}×", at, self.box.seen)

    def _point_at(self, bin_: int | None) -> None:
        self._hover = bin_
        if bin_ is None or not self._counts[bin_]:
            self._pointed.setOpts(x0=[], x1=[], y0=[], y1=[])
            return
        x0, x1, y1 = self._edges[bin_], self._edges[bin_ + 1], np.log1p(self._counts[bin_])
        self._pointed.setOpts(x0=[x0], x1=[x1], y0=[0], y1=[y1], brush=self.theme.warm)

    def restyle(self) -> None:
        super().restyle()
        self._bars.setOpts(brush=self.theme.accent)

    def sizeHint(self) -> QSize:
        return QSize(240, 92)
