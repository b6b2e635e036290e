"""One feature map, large: every cell can be read, pointed at and chosen; its colour range is set by dragging."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.core import render
from explorer.core.cells import Cell, Region
from explorer.core.types import Array
from explorer.ui import theme
from explorer.ui.graphics.colour_bar import ColourBar
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import ARROWS, Panel
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets import text
from explorer.ui.widgets.panel import Elided

_LEAST = 5.0  # logical pixels of a frame round a cell


class MapView(Panel):
    """The map itself. A unit of the view is a cell; signals are those of FeatureMapPanel."""

    banded = Signal(object)
    hovered = Signal(int, int)
    selected = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Selected channel", "Click a feature map to see it here.", parent)
        self.setMinimumSize(120, 60)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.values: Array | None = None
        self.cell: Cell | None = None
        self.hover: Cell | None = None
        self.unit = ""
        self.region: Region | None = None
        self._banding = self._drawing = False
        self._pointer = QPointF()
        self._picture = PictureItem()
        self._cross, self._frame = FrameItem("accent", 1.0, opacity=0.8), FrameItem("accent", 2.0)
        self._hover_frame = FrameItem("warm", 1.5)
        self._roi = pg.RectROI((0, 0), (1, 1), snapSize=1.0, translateSnap=True, scaleSnap=True, sideScalers=True)
        self._roi.hide()
        for handle in self._roi.getHandles():  # pyqtgraph makes each a menu without a parent, which nothing here opens
            handle.menu.deleteLater()
            handle.menu = None
        for item in (self._picture, self._cross, self._frame, self._hover_frame, self._roi):
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.box.double_clicked.connect(self._fit)
        self.box.dragged.connect(self._drag)
        self._roi.sigRegionChangeFinished.connect(self._resized)
        self.offer("Show all", self._fit, "0")
        self.restyle()
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    # --- what is shown

    def set_pixels(self, values: Array, pixels: Array, cell: Cell | None, unit: str) -> None:
        """A (H, W) map with its colours."""
        same = self.values is not None and self.values.shape == values.shape
        self.values, self.cell, self.unit = values, cell, unit
        if not same:
            self._set_region(None)
            self.updateGeometry()
        if self.hover is not None and not (self.hover[0] < values.shape[0] and self.hover[1] < values.shape[1]):
            self.hover = None
        self._picture.set_pixels(pixels, QRectF(0, 0, values.shape[1], values.shape[0]))
        self.show_message(not values.size)
        self.lay_out(keep=same)
        self._place_frames()

    def clear(self, message: str) -> None:
        self.values = self.cell = self.hover = None
        self._set_region(None)
        self.set_empty(message)
        self.show_message(True)

    def set_cell(self, cell: Cell | None) -> None:
        self.cell = cell
        self._place_frames()

    def set_hover(self, cell: Cell | None) -> None:
        self.hover = cell
        self._place_frames()

    def set_banding(self, on: bool) -> None:
        if on != self._banding:
            self._banding = self.box.draws = on
            self._set_region(None)

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
        self._place_frames()

    def restyle(self) -> None:
        self._roi.setPen(pg.mkPen(theme.current().accent, width=2))
        self._roi.hoverPen = pg.mkPen(theme.current().warm, width=2)
        for handle in self._roi.getHandles():
            handle.pen = handle.currentPen = pg.mkPen(theme.current().accent, width=2)

    def _place_frames(self) -> None:
        self._frame.set_rects([] if self.cell is None else [self._rect(self.cell)])
        self._hover_frame.set_rects([] if self.hover is None else [self._rect(self.hover)])
        if self.cell is None:
            self._cross.set_rects([])
        else:
            frame, content = self._rect(self.cell), self.box.content
            y, x = frame.center().y(), frame.center().x()
            across = [(content.left(), y, frame.left(), y), (frame.right(), y, content.right(), y)]
            self._cross.set_lines(
                [*across, (x, content.top(), x, frame.top()), (x, frame.bottom(), x, content.bottom())]
            )
        self._say()

    def _rect(self, cell: Cell) -> QRectF:
        """A cell, never smaller than can be seen."""
        down, across = self.scale_of_view
        grow_x, grow_y = max(_LEAST / across - 1, 0) / 2, max(_LEAST / down - 1, 0) / 2
        return QRectF(cell[1], cell[0], 1, 1).adjusted(-grow_x, -grow_y, grow_x, grow_y)

    def _say(self) -> None:
        if self.hover is None or self.values is None or not self.underMouse():
            self.read_out.say("", QPointF(), QRectF())
            return
        value = text.number(float(self.values[self.hover])) + self.unit
        self.read_out.say(f"({self.hover[0]}, {self.hover[1]})   {value}", self._pointer, self.box.seen)

    def cell_at(self, at: QPointF, near: bool = False) -> Cell | None:
        """The cell at a point of the view; `near`: that at the edge for a point beyond it."""
        if self.values is None or not self.values.size or not (near or self.box.content.contains(at)):
            return None
        rows, columns = self.values.shape
        return min(max(int(at.y()), 0), rows - 1), min(max(int(at.x()), 0), columns - 1)

    # --- hands

    def point(self, at: QPointF | None) -> None:
        cell = None if at is None else self.cell_at(at)
        self._pointer = at or self._pointer
        before, self.hover = self.hover, cell
        if cell is None and before is not None and at is not None:
            self.left.emit()
        if cell is not None and cell != before:
            self.hovered.emit(*cell)
        self._place_frames()

    def _click(self, at: QPointF) -> None:
        cell = self.cell_at(at)
        if cell is not None:
            self._choose(cell)

    def _choose(self, cell: Cell) -> None:
        if self.region is not None:
            self._set_region(None)
            self.banded.emit(None)
        self.set_cell(cell)
        self.selected.emit(*cell)

    def _drag(self, start: QPointF, here: QPointF, over: bool) -> None:
        first, last = self.cell_at(start, near=True), self.cell_at(here, near=True)
        if first is None or last is None or (first == last and self.region is None):
            return
        self._set_region(_between(first, last))
        if over:
            self.set_cell(first)
            self.selected.emit(*first)
            self.banded.emit(self.region)

    def _set_region(self, region: Region | None) -> None:
        self.region, self._drawing = region, True
        self._roi.setVisible(region is not None)
        if region is not None and self.values is not None:
            y0, x0, y1, x1 = region
            self._roi.maxBounds = QRectF(0, 0, self.values.shape[1], self.values.shape[0])
            self._roi.setPos((x0, y0), finish=False)
            self._roi.setSize((x1 - x0, y1 - y0), finish=False)
        self._drawing = False

    def _resized(self) -> None:
        """The region was moved or resized by its handles."""
        if self._drawing or self.region is None or self.values is None:
            return
        (x, y), (width, height) = self._roi.pos(), self._roi.size()
        rows, columns = self.values.shape
        y0, x0 = min(max(round(y), 0), rows - 1), min(max(round(x), 0), columns - 1)
        region = (y0, x0, min(max(round(y + height), y0 + 1), rows), min(max(round(x + width), x0 + 1), columns))
        if region != self.region:
            self._set_region(region)
            self.banded.emit(region)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is None or self.values is None:
            if not self.zoom_key(event.key()):
                event.ignore()
            return
        rows, columns = self.values.shape
        grows = self._banding and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
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


class FeatureMapPanel(QWidget):
    """A (H, W) map with its colour bar and two lines of numbers. `hovered` and `selected` carry (y, x) of a cell; `scrubbed`
    the steps the wheel asks for (to the next channel); `banded` the Region that was drawn by dragging, by its handles or with
    Shift and the arrows, None when it is given up; `levels_chosen` the colour range that was set by dragging."""

    banded = Signal(object)
    hovered = Signal(int, int)
    selected = Signal(int, int)
    scrubbed = Signal(int)
    left = Signal()
    levels_chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None, levels: bool = True) -> None:
        """`levels`: whether the colour range can be set by dragging."""
        super().__init__(parent)
        self._levels = levels
        self.view, self.bar, self.numbers = MapView(), ColourBar(), (Elided(), Elided())
        for line in self.numbers:
            line.setObjectName("dim")
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        for part in (self.view, self.bar, *self.numbers):
            column.addWidget(part)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusProxy(self.view)
        self.setAccessibleName("Selected channel")
        self.limits: render.Limits | None = None
        self.colormap = ""
        self.view.banded.connect(self.banded)
        self.view.hovered.connect(self.hovered)
        self.view.selected.connect(self.selected)
        self.view.left.connect(self.left)
        self.view.box.scrubbed.connect(self.scrubbed)
        self.bar.levels_changed.connect(self._preview)
        self.bar.levels_chosen.connect(self.levels_chosen)

    def set_map(
        self,
        values: Array,
        limits: render.Limits,
        colormap: str,
        cell: Cell | None = None,
        unit: str = "",
        note: str = "",
    ) -> None:
        """Shows a (H, W) map; `limits` is that map's own (`render.pick`), `unit` stands behind its numbers (" %"), `note` in
        the place of the second line of them. The array is kept: it must not be written to."""
        self.limits, self.colormap = limits, colormap
        pixels = render.colorize(values, limits, colormap) if values.size else values
        self.view.set_pixels(values, pixels, cell, unit)
        self.bar.set_range(*limits.of(0), colormap, unit, movable=self._levels)
        summary = summary_of(values, unit, note)
        self._write(summary)

    def _preview(self, low: float, high: float) -> None:
        """The map between the levels that are being dragged."""
        values = self.view.values
        if values is None or self.limits is None or not high > low:
            return
        bad, signed = self.limits.bad, self.limits.signed
        dragged = render.Limits(np.array([low]), np.array([high]), signed, bad, covers=False)
        self.view.set_pixels(values, render.colorize(values, dragged, self.colormap), self.view.cell, self.view.unit)

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing, what to do."""
        self.view.clear(message)
        self._write("")
        self.limits = None

    def _write(self, summary: str) -> None:
        for line, said in zip(self.numbers, [*summary.splitlines(), "", ""], strict=False):
            line.set_text(said, at_end=True)
        self.setAccessibleDescription(summary)

    def set_cell(self, cell: Cell | None) -> None:
        """Puts the cross on a cell (None: none)."""
        self.view.set_cell(cell)

    def set_hover(self, cell: Cell | None) -> None:
        """Frames a cell that is pointed at elsewhere."""
        self.view.set_hover(cell)

    def set_banding(self, on: bool) -> None:
        """Whether a region can be drawn; without it there is none."""
        self.view.set_banding(on)

    @property
    def band(self) -> Region | None:
        """The region that is drawn."""
        return self.view.region

    @property
    def picture(self) -> QRectF:
        """Where the map is drawn, in `view`."""
        return self.view.picture


def summary_of(values: Array, unit: str = "", note: str = "") -> str:
    """Two lines: max with its place and min; mean, zeros and how many values are no numbers, or a note."""
    finite = np.isfinite(values)
    if not finite.any():
        return "no finite value"
    good = values[finite]
    peak = np.unravel_index(int(np.where(finite, values, -np.inf).argmax()), values.shape)
    zeros = text.percent(1 - np.count_nonzero(good) / good.size)
    bad = values.size - good.size
    least, most = (f"{text.number(float(value))}{unit}" for value in (good.min(), good.max()))
    first = f"max {most} at ({peak[0]}, {peak[1]})   min {least}"
    if note:
        return f"{first}\n{note}"
    second = f"mean {text.number(float(good.mean(dtype=np.float64)))}   zero {zeros}"
    return f"{first}\n{second}" + (f"   {bad} not finite" if bad else "")
