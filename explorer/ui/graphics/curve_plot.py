"""Curves over a quantity, with axes and a line of names in their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import CurvesPart, FigureAxis, FigureCurve
from explorer.core.render.waveform_reduced import waveform_reduced
from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets import text
from explorer.ui.widgets.series_names import DOT, LINE, SeriesNames

_POINTS = 2000  # of a curve: as many as it has pixels, or more
_DOT = 9  # px across


@dataclass(frozen=True, slots=True, eq=False)
class CurveData:
    """(n,) values over (n,) positions, what they are, and a colour of the theme ("accent", "warm", "dim"). One value alone is a dot."""

    x: Array
    y: Array
    name: str
    role: str = "accent"
    width: float = 1.0  # px; wider pens take ten times as long: for few points only


class CurveView(PlotPanel):
    """The plot itself; the value under the pointer is read out."""

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None, title: str = "") -> None:
        """`title`: what the left axis counts."""
        super().__init__(name, empty, parent, left=NumberAxis("left", title=title), bottom=NumberAxis("bottom"))
        self.box.scrubs = False
        self._curves: tuple[CurveData, ...] = ()
        self._items: list[Any] = []
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        self.box.addItem(self._line, ignoreBounds=True)
        self.begin()

    def set_curves(self, curves: Sequence[CurveData], x_range: tuple[float, float] | None, from_zero: bool) -> None:
        self._curves = tuple(curve for curve in curves if len(curve.x))
        for item in self._items:
            self.box.removeItem(item)
        self._items = []
        self.show_message(not self._curves)
        if not self._curves:
            return
        for curve in self._curves:
            item = self._item(curve)
            self._items.append(item)
            self.box.addItem(item, ignoreBounds=True)
        home = _bounds(self._curves, x_range, from_zero)
        self.box.set_home(home, home, keep=True)

    @property
    def figure_part(self) -> CurvesPart | None:
        """All points of the curves."""
        if not self._curves:
            return None
        curves = tuple(FigureCurve(curve.name, curve.x, curve.y) for curve in self._curves)
        return CurvesPart("", curves, self._named(self.bottom_axis), self._named(self.left_axis))

    def _named(self, axis: NumberAxis | None) -> FigureAxis:
        return FigureAxis(axis.title if axis is not None else "")

    def _item(self, curve: CurveData) -> Any:
        colour = getattr(self.theme, curve.role)
        if len(curve.x) == 1:
            ring = pg.mkPen(self.theme.panel, width=1)
            return pg.ScatterPlotItem(curve.x, curve.y, size=_DOT, brush=pg.mkBrush(colour), pen=ring)
        pen = pg.mkPen(colour, width=curve.width)
        x, y = _drawn(curve)
        # gaps are left where a value is not finite
        return pg.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=True)

    def restyle(self) -> None:
        for curve, item in zip(self._curves, self._items, strict=True):
            if len(curve.x) == 1:
                item.setBrush(pg.mkBrush(getattr(self.theme, curve.role)))
            else:
                item.setPen(pg.mkPen(getattr(self.theme, curve.role), width=curve.width))

    def point(self, at: QPointF | None) -> None:
        self._line.setVisible(at is not None and bool(self._curves))
        if at is None or not self._curves:
            self.read_out.say("", QPointF(), QRectF())
            return
        self._line.setPen(pg.mkPen(self.theme.warm, width=1))
        self._line.setPos(at.x())
        lines = [curve for curve in self._curves if len(curve.x) > 1] or self._curves
        said = [f"{curve.name.split(',')[0]} {text.number(_at(curve, at.x()))}" for curve in lines]
        unit = self.bottom_axis.unit if self.bottom_axis is not None else ""
        self.read_out.say(f"{text.number(at.x())}{unit}   " + "   ".join(said), at, self.box.seen)


class CurvePlot(QWidget):
    """Curves with their names above. `x_unit` and `y_unit` stand behind the numbers of the axes."""

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None, title: str = "") -> None:
        """`title`: what the left axis counts, where the names of the curves do not say it."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.names, self.view = SeriesNames(), CurveView(name, empty, title=title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.names)
        column.addWidget(self.view, 1)

    def set_curves(
        self,
        curves: Sequence[CurveData],
        x_unit: str = "",
        y_unit: str = "",
        x_range: tuple[float, float] | None = None,
        from_zero: bool = True,
        x_title: str = "",
    ) -> None:
        """Shows curves; `x_range` is what the bottom axis covers (None: the data), `from_zero`: the left one holds zero; `x_title`: what
        the bottom axis counts."""
        assert self.view.bottom_axis is not None
        assert self.view.left_axis is not None
        self.view.bottom_axis.set_unit(x_unit)
        self.view.bottom_axis.set_title(x_title)
        self.view.left_axis.set_unit(y_unit)
        self.view.set_curves(curves, x_range, from_zero)
        self.names.set_entries((DOT if len(curve.x) == 1 else LINE, curve.role, curve.name) for curve in curves)
        self.setAccessibleDescription("; ".join(curve.name for curve in curves))

    def sizeHint(self) -> QSize:
        return QSize(220, 132)


def _drawn(curve: CurveData) -> tuple[Array, Array]:
    """At most `_POINTS` points: of a longer curve the smallest and the largest value of each column, so that no peak is lost."""
    if len(curve.x) <= _POINTS:
        return curve.x, curve.y
    columns = _POINTS // 2
    reduced = waveform_reduced(curve.y, columns)
    x = curve.x[np.arange(columns) * len(curve.x) // columns]
    return np.repeat(x, 2), np.stack([reduced.low, reduced.high], 1).reshape(-1)


def _at(curve: CurveData, x: float) -> float:
    return float(curve.y[int(np.abs(curve.x - x).argmin())])


def _bounds(curves: Sequence[CurveData], x_range: tuple[float, float] | None, from_zero: bool) -> QRectF:
    y = np.concatenate([curve.y[np.isfinite(curve.y)] for curve in curves]).astype(np.float64)
    low, high = (float(y.min()), float(y.max())) if y.size else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * 0.04 or 0.5
    first, last = x_range or (min(float(c.x.min()) for c in curves), max(float(c.x.max()) for c in curves))
    return QRectF(first, low - (0 if from_zero and low == 0 else room), max(last - first, 1e-9), high - low + 2 * room)
