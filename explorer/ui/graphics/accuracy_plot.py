"""Accuracies over layers or over numbers of pictures: points with their intervals, level lines, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from explorer.core.figure.figure_parts import CurvesPart, FigureAxis, FigureCurve
from explorer.core.translation import tr
from explorer.ui.graphics.axes import NumberAxis, PlaceAxis
from explorer.ui.graphics.items import FrameItem, cosmetic_pen
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.graphics.setup import pg

_POINT, _BEST, _BAND = 6, 12, 46  # px, px, opacity of 255
_ROOM = 5.0  # percent above 100 and beneath 0
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True, slots=True)
class AccuracyPoint:
    """At a place of the bottom axis, in shares of one: the value with its interval over draws, and `said` beside the pointer."""

    place: int
    value: float
    low: float
    high: float
    said: str = ""
    alone: bool = False  # is no part of the line


@dataclass(frozen=True, slots=True)
class AccuracySeries:
    """Points of one kind, from left to right. `role`: a colour of the theme. `level`: one value for all places, as a dashed line."""

    name: str
    points: tuple[AccuracyPoint, ...]
    role: str = "accent"
    level: bool = False


class AccuracyPlot(PlotPanel):
    """`chosen` carries the place of a point that a person goes to, by a click or with the arrow keys."""

    chosen = Signal(int)

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        self.names = PlaceAxis("bottom")
        super().__init__(name, empty, parent, left=NumberAxis("left"), bottom=self.names)
        assert self.left_axis is not None
        self.left_axis.set_unit(" %")
        self.box.scrubs = False
        self._series: tuple[AccuracySeries, ...] = ()
        self._places = 0
        self._named: tuple[str, ...] = ()
        self._current: int | None = None
        self._interval: tuple[float, float] | None = None
        self._best: tuple[int, float] | None = None
        self._drawn: list[tuple[AccuracySeries, list[pg.GraphicsObject | QGraphicsPathItem]]] = []
        self._at, self._bar, self._best_ring = (
            FrameItem("accent", 1.0),
            FrameItem("accent", 2.0),
            FrameItem("warm", 1.5),
        )
        for mark in (self._at, self._bar, self._best_ring):
            self.box.addItem(mark, ignoreBounds=True)
            mark.setZValue(20)
        self.box.clicked.connect(self._click)
        self.begin()

    # --- what is shown ---

    def set_series(self, names: Sequence[str], series: Sequence[AccuracySeries]) -> None:
        """`names` of all places, "" where the axis needs none; then what is known so far."""
        self._named = tuple(names)
        self.names.set_names(self._named)
        others, self._places = len(names) != self._places, len(names)
        self._series = tuple(series)
        self.show_message(not names or not any(each.points for each in series))
        home = QRectF(0, -_ROOM, max(len(names), 1), 100 + 2 * _ROOM)
        self.box.set_home(home, home, keep=not others)
        self._draw()
        self._mark()
        self.setAccessibleDescription(
            "; ".join(tr("{each}: {count} points", each=each.name, count=len(each.points)) for each in self._series)
        )

    def set_current(self, place: int | None, interval: tuple[float, float] | None = None) -> None:
        """The place that is looked at; `interval`: what so few test pictures can tell of its value, in shares of one."""
        self._current, self._interval = place, interval
        self._mark()

    def set_best(self, place: int | None, value: float = 0.0) -> None:
        """Rings a point."""
        self._best = None if place is None else (place, value)
        self._mark()

    @property
    def series(self) -> tuple[AccuracySeries, ...]:
        """What is shown."""
        return self._series

    @property
    def figure_part(self) -> CurvesPart | None:
        """Accuracy in per cent over the places, with the range of each point."""
        curves = tuple(self._curve(each) for each in self._series if each.points)
        axis = FigureAxis(tr("accuracy"), "%", (0.0, 100.0))
        return CurvesPart("", curves, y=axis, names=self._named) if curves else None

    def _curve(self, series: AccuracySeries) -> FigureCurve:
        points = series.points
        if series.level:
            ends = np.array([0.0, max(self._places - 1, 1)])
            return FigureCurve(series.name, ends, np.full(2, 100 * points[0].value), dashed=True)
        x = np.array([point.place for point in points], float)
        value, low, high = (100 * np.array([getattr(p, n) for p in points]) for n in ("value", "low", "high"))
        return FigureCurve(series.name, x, value, low, high)

    def _draw(self) -> None:
        for _series, items in self._drawn:
            for item in items:
                self.box.removeItem(item)
        self._drawn = [(each, self._items(each)) for each in self._series if each.points]
        for _series, items in self._drawn:
            for item in items:
                self.box.addItem(item, ignoreBounds=True)

    def _items(self, series: AccuracySeries) -> list[pg.GraphicsObject | QGraphicsPathItem]:
        colour = str(getattr(self.theme, series.role))
        if series.level:
            y = 100 * series.points[0].value
            pen = cosmetic_pen(colour, 1.5, dashed=True)
            return [pg.PlotCurveItem(np.array([0.0, self._places]), np.array([y, y]), pen=pen)]
        joined = [point for point in series.points if not point.alone]
        x = np.array([point.place + 0.5 for point in joined])
        band = QGraphicsPathItem(_band(joined))
        shade = QColor(colour)
        shade.setAlpha(_BAND)
        band.setBrush(shade)
        band.setPen(Qt.PenStyle.NoPen)
        line = pg.PlotCurveItem(x, np.array([100 * p.value for p in joined]), pen=cosmetic_pen(colour, 1.5))
        bars = FrameItem(series.role, 1.0)
        bars.set_lines((p.place + 0.5, 100 * p.low, p.place + 0.5, 100 * p.high) for p in series.points if p.alone)
        dots = pg.ScatterPlotItem(
            [p.place + 0.5 for p in series.points],
            [100 * p.value for p in series.points],
            size=_POINT,
            pen=None,
            brush=QColor(colour),
        )
        return [band, line, bars, dots]

    def restyle(self) -> None:
        self._draw()
        self._mark()

    def moved(self) -> None:
        self._mark()

    def lay_out(self) -> None:
        self._mark()

    def _mark(self) -> None:
        """The line at the current place with its interval, the ring round the best point."""
        (down, across), x = self.scale_of_view, None if self._current is None else self._current + 0.5
        self._at.set_lines([] if x is None else [(x, -_ROOM, x, 100 + _ROOM)])
        if x is None or self._interval is None:
            self._bar.set_lines([])
        else:
            low, high, half = 100 * self._interval[0], 100 * self._interval[1], 4 / max(across, 1e-9)
            ends = [(x - half, at, x + half, at) for at in (low, high)]
            self._bar.set_lines([(x, low, x, high), *ends])
        path = QPainterPath()
        if self._best is not None:
            wide, high = _BEST / 2 / max(across, 1e-9), _BEST / 2 / max(down, 1e-9)
            path.addEllipse(QPointF(self._best[0] + 0.5, 100 * self._best[1]), wide, high)
        self._best_ring.set_path(path)

    # --- hands ---

    def place_at(self, at: QPointF) -> int | None:
        """The nearest place with a point."""
        known = sorted({point.place for each in self._series if not each.level for point in each.points})
        return min(known, key=lambda place: abs(place + 0.5 - at.x())) if known else None

    def _click(self, at: QPointF) -> None:
        place = self.place_at(at)
        if place is not None:
            self.chosen.emit(place)

    def point(self, at: QPointF | None) -> None:
        place = None if at is None else self.place_at(at)
        if at is None or place is None:
            self.read_out.say("", QPointF(), QRectF())
            return
        said = [p.said for each in self._series for p in each.points if p.said and (each.level or p.place == place)]
        self.read_out.say("\n".join(said), at, self.box.seen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        known = sorted({point.place for each in self._series if not each.level for point in each.points})
        if step is None or not known:
            if not self.zoom_key(event.key()):
                event.ignore()
            return
        here = self._current if self._current is not None else known[0] - step
        ahead = [place for place in known if (place - here) * step > 0]
        if ahead:
            self.chosen.emit(min(ahead) if step > 0 else max(ahead))


def _band(points: Sequence[AccuracyPoint]) -> QPainterPath:
    path = QPainterPath()
    if len(points) > 1:
        upper = [QPointF(p.place + 0.5, 100 * p.high) for p in points]
        path.addPolygon(QPolygonF([*upper, *(QPointF(p.place + 0.5, 100 * p.low) for p in reversed(points))]))
        path.closeSubpath()
    return path
