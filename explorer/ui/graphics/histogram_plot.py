"""How often which value occurs, and the colour range as a region that can be dragged."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QSizePolicy, QWidget

from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import HistogramPart
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.levels_item import LevelsItem
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.widgets import text


class CountAxis(NumberAxis):
    """Counts on a scale of log(1 + n): zeros after a ReLU would flatten everything else."""

    def levels(self, low: float, high: float, _length: float) -> list[list[float]]:
        """Powers of ten, so few that they can be read."""
        top = max(float(np.expm1(high)), 1.0)
        if top < 10:
            return [[float(np.log1p(count)) for count in (1, 2, 5) if count <= top]]
        step = max(int(np.ceil(np.log10(top) / 3)), 1)
        powers = np.arange(0, int(np.log10(top)) + 1, step)
        return [[float(np.log1p(10.0**power)) for power in powers if np.log1p(10.0**power) >= low]]

    def words(self, value: float) -> str:
        """A count."""
        return text.count(round(float(np.expm1(value))))


class BarsItem(QGraphicsPathItem):
    """Bars from zero up in a colour of the theme ("accent", "warm")."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role
        self.setPen(Qt.PenStyle.NoPen)

    def set_bars(self, edges: Array, heights: Array) -> None:
        """(n + 1,) edges and (n,) heights in the view's units."""
        path = QPainterPath()
        for low, high, height in zip(edges[:-1].tolist(), edges[1:].tolist(), heights.tolist(), strict=True):
            if height > 0:
                path.addRect(low, 0.0, high - low, height)
        self.setPath(path)

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        """Qt's name."""
        painter.fillPath(self.path(), QColor(getattr(theme.current(), self._role)))


class HistogramPlot(PlotPanel):
    """Bars on a logarithmic scale, the count under the pointer. `levels_chosen` carries the colour range (low, high) that was
    set by dragging the region, which stands over the values that the colours show."""

    levels_chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Histogram"),
            tr("No values yet."),
            parent,
            left=CountAxis("left", 28, title=tr("count")),
            bottom=NumberAxis("bottom"),
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            tr("Histogram of the values (counts on a logarithmic scale). Drag a line to set the colour range.")
        )
        self.box.scrubs = False
        self._counts: Array = np.zeros(0, np.int64)
        self._edges: Array = np.zeros(1)
        self._hover: int | None = None
        self._bars, self._pointed, self._levels = BarsItem("accent"), BarsItem("warm"), LevelsItem(shade=18)
        self._levels.hide()
        for item in (self._bars, self._pointed, self._levels):
            self.box.addItem(item, ignoreBounds=True)
        self._levels.chosen.connect(self.levels_chosen)
        self.begin()

    def set_counts(self, counts: Array, edges: Array) -> None:
        """`edges` has one entry more than `counts` (see `render.histogram`)."""
        self._counts, self._edges, self._hover = counts, edges, None
        total = int(counts.sum())
        self.setAccessibleDescription(
            tr(
                "{total} values from {edges} to {edges2}",
                total=total,
                edges=text.number(float(edges[0])),
                edges2=text.number(float(edges[-1])),
            )
        )
        self.show_message(not total)
        if not total:
            return
        heights = np.log1p(counts.astype(np.float64))
        self._bars.set_bars(edges, heights)
        home = QRectF(float(edges[0]), 0, float(edges[-1] - edges[0]), float(heights.max()) * 1.05)
        self.box.set_home(home, home, keep=False)
        self._point_at(None)

    @property
    def figure_part(self) -> HistogramPart | None:
        """Counts as they are, on a linear axis."""
        return HistogramPart("", self._counts, self._edges) if self._counts.sum() else None

    def set_levels(self, low: float, high: float) -> None:
        """The range of the colours; emits nothing."""
        self._levels.set_levels(low, high)
        self._levels.setVisible(bool(self._counts.sum()) and high > low)

    def clear(self) -> None:
        """There are no values."""
        self._counts = np.zeros(0, np.int64)
        self.show_message(True)

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
            self._pointed.set_bars(np.zeros(1), np.zeros(0))
        else:
            self._pointed.set_bars(self._edges[bin_ : bin_ + 2], np.log1p(self._counts[bin_ : bin_ + 1]))

    def sizeHint(self) -> QSize:
        return QSize(240, 92)
