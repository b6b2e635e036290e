"""Points in a plane, coloured by class, with a lasso."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainterPath
from PySide6.QtWidgets import QWidget

from explorer.core.arrays import Array
from explorer.core.geometry.polygons import Polygon, thinned
from explorer.core.translation import tr
from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.graphics.setup import pg

# Okabe and Ito 2008, which the colour-blind tell apart too; for black and yellow, which vanish on one of the themes, violet and
# brown: any two are 16 apart in CIE L*a*b* for every kind of vision (tests/ui/test_colour_vision.py)
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#9a8cff", "#964e3c")
# (of pyqtgraph, as a sign): another one where the colours begin again
SYMBOLS = (("o", "●"), ("s", "■"), ("t1", "▲"), ("d", "◆"))
_DOT, _NEAR = 7, 12.0  # px across; px to the point that a click means


def mark_of(group: int) -> tuple[str, str]:
    """(colour, sign) of a class by its number."""
    return COLOURS[group % len(COLOURS)], SYMBOLS[group // len(COLOURS) % len(SYMBOLS)][1]


class ScatterPlot(PlotPanel):
    """`chosen` carries the place of a point that was clicked, `pointed` that of the one under the pointer (-1: none), `lassoed` the
    corners of a polygon that was drawn, () where it was taken away (Esc, or a click beside all points)."""

    chosen = Signal(int)
    pointed = Signal(int)
    lassoed = Signal(tuple)

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(name, empty, parent, left=NumberAxis("left"), bottom=NumberAxis("bottom"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.scrubs, self.box.draws = False, True
        self._points: Array = np.zeros((0, 2))
        self._say: Callable[[int], str] = str
        self._items: list[pg.ScatterPlotItem] = []
        self._groups: list[int] = []  # of each item
        self._corners: list[tuple[float, float]] = []
        self._lasso, self._round, self._hover = FrameItem("warm", 1.5), FrameItem("accent", 2.0), FrameItem("warm", 2.0)
        self._chosen = self._under = -1
        self._polygon: Polygon = ()
        for mark in (self._lasso, self._round, self._hover):
            self.box.addItem(mark, ignoreBounds=True)
            mark.setZValue(20)
        self.box.dragged.connect(self._drag)
        self.box.clicked.connect(self._click)
        self.begin()

    # --- what is shown ---

    def set_points(self, points: Array, groups: Sequence[int], say: Callable[[int], str]) -> None:
        """(n, 2) points, of each the number of its class; `say` tells what is read out of one, by its place."""
        for item in self._items:
            self.box.removeItem(item)
        self._points, self._say, self._items, self._groups = np.asarray(points, np.float64), say, [], []
        self.show_message(not len(points))
        self._chosen = self._under = -1
        if not len(points):
            self._mark()
            return
        of = np.asarray(groups)
        for group in np.unique(of).tolist():
            some = self._points[of == group]
            symbol = SYMBOLS[max(group, 0) // len(COLOURS) % len(SYMBOLS)][0]
            item = pg.ScatterPlotItem(
                some[:, 0], some[:, 1], size=_DOT, pen=None, brush=self._colour(group), symbol=symbol, pxMode=True
            )
            self._items.append(item)
            self._groups.append(group)
            self.box.addItem(item, ignoreBounds=True)
        low, high = self._points.min(0), self._points.max(0)
        spare = np.maximum((high - low) * 0.05, 1e-6)
        low, high = low - spare, high + spare
        home = QRectF(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        self.box.set_home(home, home)
        self.setAccessibleDescription(tr("{count:,} points", count=len(points)))
        self._mark()

    def _colour(self, group: int) -> QColor:
        return QColor(COLOURS[group % len(COLOURS)] if group >= 0 else self.theme.dim)

    def restyle(self) -> None:
        for group, item in zip(self._groups, self._items, strict=True):
            item.setBrush(self._colour(group))

    def set_chosen(self, place: int) -> None:
        """Rings a point; -1: none."""
        self._chosen = place
        self._mark()

    def set_lasso(self, polygon: Polygon) -> None:
        """Draws a polygon; (): none."""
        self._polygon = polygon
        path = QPainterPath()
        for at, (x, y) in enumerate(polygon):
            (path.moveTo if not at else path.lineTo)(x, y)
        if polygon:
            path.closeSubpath()
        self._lasso.set_path(path)

    def moved(self) -> None:
        self._mark()

    def lay_out(self) -> None:
        self._mark()

    def _mark(self) -> None:
        down, across = self.scale_of_view
        for ring, place in ((self._round, self._chosen), (self._hover, self._under)):
            rects = []
            if 0 <= place < len(self._points):
                x, y = self._points[place]
                wide, high = 2 * _DOT / max(across, 1e-9), 2 * _DOT / max(down, 1e-9)
                rects.append(QRectF(x - wide / 2, y - high / 2, wide, high))
            ring.set_rects(rects)

    # --- hands ---

    def _nearest(self, at: QPointF) -> int:
        """The point within reach, -1: none."""
        if not len(self._points):
            return -1
        down, across = self.scale_of_view
        apart = np.hypot((self._points[:, 0] - at.x()) * across, (self._points[:, 1] - at.y()) * down)
        place = int(apart.argmin())
        return place if apart[place] <= _NEAR else -1

    def point(self, at: QPointF | None) -> None:
        place = -1 if at is None else self._nearest(at)
        if place != self._under:
            self._under = place
            self._mark()
            self.pointed.emit(place)
        if place >= 0 and at is not None:
            self.read_out.say(self._say(place), at, self.box.seen)
        else:
            self.read_out.say("", QPointF(), QRectF())

    def _click(self, at: QPointF) -> None:
        place = self._nearest(at)
        if place >= 0:
            self.chosen.emit(place)
        elif self._polygon:
            self.lassoed.emit(())

    def _drag(self, start: QPointF, here: QPointF, over: bool) -> None:
        if not self._corners:
            self._corners = [(start.x(), start.y())]
        self._corners.append((here.x(), here.y()))
        self.set_lasso(self._corners)
        if over:
            corners, self._corners = thinned(self._corners), []
            self.lassoed.emit(corners if len(corners) > 2 else ())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._polygon:
            self.lassoed.emit(())
        else:
            super().keyPressEvent(event)
