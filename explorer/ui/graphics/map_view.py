"""A feature map, large: every cell can be read, pointed at and chosen, and a region of cells drawn."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import FigureFrame, PicturePart, scale_of
from explorer.core.geometry.cells import Cell, Region
from explorer.core.translation import tr
from explorer.ui.graphics.cell_pointer import CellGrid, CellPointer
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import ARROWS, Panel
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.region_drawer import RegionDrawer
from explorer.ui.widgets import text

_LEAST = 5.0  # logical pixels of a frame round a cell


class MapView(Panel):
    """The map itself. A unit of the view is a cell; signals are those of FeatureMapPanel."""

    banded = Signal(object)
    hovered = Signal(int, int)
    selected = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Selected channel"), tr("Click a feature map to see it here."), parent)
        self.setMinimumSize(120, 60)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.values: Array | None = None
        self._colours: tuple[render.Limits, str] | None = None
        self.cell: Cell | None = None
        self.unit = ""
        self._picture = PictureItem()
        self._cross, self._frame = FrameItem("accent", 1.0, opacity=0.8), FrameItem("accent", 2.0)
        for item in (self._picture, self._cross, self._frame):
            self.box.addItem(item, ignoreBounds=True)
        self.cells = CellPointer(self, self._words, _LEAST)
        self._drawer: RegionDrawer | None = None  # made when regions are drawn for the first time
        self.cells.hovered.connect(self.hovered)
        self.cells.left.connect(self.left)
        self.box.clicked.connect(self._click)
        self.box.dragged.connect(self._drag)
        self.offer(tr("Show all"), self._fit, "0")
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    # --- what is shown

    def set_map(self, values: Array, limits: render.Limits, colormap: str, cell: Cell | None, unit: str) -> None:
        """A (H, W) map; `limits` are its own."""
        same = self.values is not None and self.values.shape == values.shape
        self.values, self.cell, self.unit, self._colours = values, cell, unit, (limits, colormap)
        pixels = render.colorize(values, limits, colormap) if values.size else values
        self.cells.set_grid(CellGrid.of_units(*values.shape))
        if not same:
            self._set_region(None)
        self._picture.set_pixels(pixels, QRectF(0, 0, values.shape[1], values.shape[0]))
        self.show_message(not values.size)
        self.lay_out(keep=same)
        self._mark()

    @property
    def figure_part(self) -> PicturePart | None:
        """The map in its colours, with the cell or the region that is selected."""
        if self.values is None or self._colours is None or not self.values.size:
            return None
        limits, colormap = self._colours
        frames = [FigureFrame(*self.cell, 1, 1)] if self.cell is not None and self.cells.grid.holds(self.cell) else []
        if self.region is not None:
            y0, x0, y1, x1 = self.region
            frames.append(FigureFrame(y0, x0, y1 - y0, x1 - x0))
        rgb = render.rgb_of(render.colorize(self.values, limits, colormap))
        scale = scale_of(limits, colormap, self.unit.strip(), 0)
        return PicturePart("", rgb, scale, np.asarray(self.values), tuple(frames))

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing, what to do."""
        self.values = self.cell = None
        self.cells.set_grid(CellGrid())
        self._set_region(None)
        self.set_empty(message)
        self.show_message(True)

    def set_cell(self, cell: Cell | None) -> None:
        """Puts the cross on a cell (None: none)."""
        if cell != self.cell:
            self.cell = cell
            self._mark()

    @property
    def hover(self) -> Cell | None:
        """The cell that is pointed at, here or elsewhere."""
        return self.cells.cell

    def set_banding(self, on: bool) -> None:
        """Whether a region can be drawn; without it there is none."""
        if on and self._drawer is None:
            self._drawer = RegionDrawer(self)
            self._drawer.resized.connect(self.banded)
        if on != self.box.draws:
            self.box.draws = on
            self._set_region(None)

    @property
    def region(self) -> Region | None:
        """The region that is drawn."""
        return None if self._drawer is None else self._drawer.region

    def _set_region(self, region: Region | None) -> None:
        if self._drawer is not None:
            self._drawer.set_region(region, (0, 0) if self.values is None else self.values.shape)

    @property
    def picture(self) -> QRectF:
        """Where the map is drawn, in the widget."""
        return self.on_screen(self.box.content)

    # --- places

    def lay_out(self, keep: bool = True) -> None:
        if self.values is None or not self.values.size:
            return
        rows, columns = self.values.shape
        width, height = max(self.viewport().width() - 4, 1), max(self.viewport().height() - 4, 1)
        scale = min(width / columns, height / rows)
        home = QRectF(0, 0, (width + 4) / scale, (height + 4) / scale)
        home.moveTopLeft(QPointF((columns - home.width()) / 2, -2 / scale))
        self.box.set_home(home, QRectF(0, 0, columns, rows), keep)

    def moved(self) -> None:
        self._mark()
        self.cells.place()

    def restyle(self) -> None:
        if self._drawer is not None:
            self._drawer.restyle()

    def _mark(self) -> None:
        """The frame of the selected cell, and a cross through it."""
        if self.cell is None or not self.cells.grid.holds(self.cell):
            self._frame.set_rects([])
            self._cross.set_rects([])
            return
        frame, content = self.cells.framed(self.cell), self.box.content
        y, x = frame.center().y(), frame.center().x()
        across = [(content.left(), y, frame.left(), y), (frame.right(), y, content.right(), y)]
        down = [(x, content.top(), x, frame.top()), (x, frame.bottom(), x, content.bottom())]
        self._frame.set_rects([frame])
        self._cross.set_lines([*across, *down])

    def _words(self, cell: Cell) -> str:
        """What stands beside the pointer."""
        value = "" if self.values is None else text.number(float(self.values[cell])) + self.unit
        return f"({cell[0]}, {cell[1]})   {value}"

    # --- hands

    def point(self, at: QPointF | None) -> None:
        self.cells.point(at)

    def _click(self, at: QPointF) -> None:
        cell = self.cells.grid.cell_at(at)
        if cell is not None:
            self._choose(cell)

    def _choose(self, cell: Cell) -> None:
        if self.region is not None:
            self._set_region(None)
            self.banded.emit(None)
        self.set_cell(cell)
        self.selected.emit(*cell)

    def _drag(self, start: QPointF, here: QPointF, over: bool) -> None:
        grid = self.cells.grid
        first, last = grid.cell_at(start, near=True), grid.cell_at(here, near=True)
        if first is None or last is None or (first == last and self.region is None):
            return
        self._set_region(_between(first, last))
        if over:
            self.set_cell(first)
            self.selected.emit(*first)
            self.banded.emit(self.region)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is None or self.values is None:
            if not self.zoom_key(event.key()):
                event.ignore()
            return
        rows, columns = self.values.shape
        grows = self.box.draws and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        anchor = self.cell or (rows // 2, columns // 2)
        y, x = _far_corner(self.region, anchor) if grows and self.region is not None else anchor
        to = min(max(y + step[0], 0), rows - 1), min(max(x + step[1], 0), columns - 1)
        if not grows:
            self._choose(to)
            return
        self.set_cell(anchor)
        self._set_region(_between(anchor, to))
        self.banded.emit(self.region)

    # --- size

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the map needs, at most square."""
        rows, columns = (1, 1) if self.values is None or not self.values.size else self.values.shape
        return min(width, max(width * int(rows) // int(columns), 60))

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(260))


def _between(first: Cell, last: Cell) -> Region:
    (y0, x0), (y1, x1) = first, last
    return min(y0, y1), min(x0, x1), max(y0, y1) + 1, max(x0, x1) + 1


def _far_corner(region: Region, anchor: Cell) -> Cell:
    """The cell of a region that is opposite to the one where it began."""
    y0, x0, y1, x1 = region
    return (y0 if anchor[0] == y1 - 1 and y0 != anchor[0] else y1 - 1), (
        x0 if anchor[1] == x1 - 1 and x0 != anchor[1] else x1 - 1
    )
