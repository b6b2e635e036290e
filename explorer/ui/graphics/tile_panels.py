"""Small pictures side by side: the heads of an attention, all blocks and heads."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import TilesPart
from explorer.core.figure.panel_parts import ATTENTION, blocks_part
from explorer.core.translation import tr
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.mosaic_panel import MosaicPanel
from explorer.ui.graphics.panel import ARROWS, Panel
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets import text

_MARKED = 14  # px a tile must have across for the cells in it to be marked


class AttentionHeads(MosaicPanel):
    """Tiles of weights or other sizes from 0 up, each on a scale of its own or all on one. Signals are those of the mosaic: the
    channel is the number of the tile. `rows` and `columns` say which cells of the grid are shown. `walked` carries the steps
    (down, right) of Shift and an arrow key, where `walks` is set; else Shift makes no difference."""

    walked = Signal(int, int)

    shows_strengths = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Attention maps of every head"))
        self.set_empty("")
        self.values: Array | None = None  # (tiles, h, w) as shown
        self.rows: Array = np.zeros(0, np.int64)
        self.columns: Array = np.zeros(0, np.int64)
        self.walks = False
        self._marks: Array | None = None
        self._percent = False

    def set_tiles(
        self,
        values: Array,
        names: Sequence[str],
        cells: tuple[Array, Array] | None = None,
        *,
        one_scale: bool = False,
        order: Array | None = None,
        marks: Array | None = None,
        percent: bool = False,
    ) -> None:
        """(tiles, h, w) by name. `cells`: the rows and columns of the grid that the picture shows, None: all. `marks`: cells to be
        framed. `percent`: values are shares of a whole."""
        rows, columns = cells if cells is not None else (np.arange(values.shape[1]), np.arange(values.shape[2]))
        whole = (len(rows), len(columns)) == values.shape[1:] and rows[0] == 0 and columns[0] == 0
        shown = values if whole else values[:, rows][:, :, columns]
        self.rows, self.columns = rows, columns
        self._marks = marks if marks is None or whole else marks[:, rows][:, :, columns]
        self._percent, self.values = percent, shown
        scale = render.ScaleMode.PER_LAYER if one_scale else render.ScaleMode.PER_MAP
        self.set_maps(shown, limits=render.limits(shown, scale), colormap=ATTENTION, order=order, labels=tuple(names))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the tiles; () while there are none."""
        return tuple(self._names or ())

    def clear(self, message: str) -> None:
        self.values = self._marks = None
        super().clear(message)

    def tile_cell(self, cell: tuple[int, int]) -> tuple[int, int] | None:
        """Where a cell of the grid is in each tile, None where the tiles do not show it."""
        y, x = np.flatnonzero(self.rows == cell[0]), np.flatnonzero(self.columns == cell[1])
        return (int(y[0]), int(x[0])) if len(y) and len(x) else None

    def grid_cell(self, y: int, x: int) -> tuple[int, int]:
        """The cell of the grid at a cell of the tiles."""
        return int(self.rows[y]), int(self.columns[x])

    def readout(self, channel: int, y: int, x: int) -> str:
        value = float(self.values[channel, y, x]) if self.values is not None else float("nan")
        said = text.percent(value) if self._percent else text.number(value)
        return f"{self.names[channel]}   {self.grid_cell(y, x)}   {said}"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if self.walks and step is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.walked.emit(*step)
        else:
            super().keyPressEvent(event)

    def _frame(self) -> None:
        super()._frame()
        self.set_marks(self._marks, _MARKED)

    def _describe(self) -> None:
        chosen = self.names[self._channel] if self._channel is not None and self._channel < len(self.names) else ""
        of = (
            tr("{count} tiles: {list}", count=len(self.names), list=", ".join(self.names))
            if self.names
            else self.message.text()
        )
        self.setAccessibleDescription(tr("{chosen} of {of}", chosen=chosen, of=of) if chosen else of)


@dataclass(frozen=True, slots=True, eq=False)
class BlockRow:
    """(heads, h, w) of a block; None where it has no token there, or no map."""

    number: int
    name: str
    maps: Array | None


class BlocksPanel(Panel):
    """A line a block, a picture a head, each on the grid of its own block; a unit of the view is a logical pixel. `chosen`
    carries (block, head) that was clicked, or walked to and taken with Enter."""

    chosen = Signal(int, int)

    _NAME, _GAP = 24, 2  # px of the number in front, between tiles
    _LARGEST, _SMALLEST = 48, 10  # px of a tile
    _READABLE, _HUGE = 24, 160  # px where a height is given

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Attention maps of all blocks and heads"), "", parent)
        self.setToolTip(
            tr("One row per block, one map per head, each scaled from 0 to its own maximum. Click to select")
        )
        self.box.scrubs = False
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.rows: tuple[BlockRow, ...] = ()
        self._high = 0  # px in which all lines are to find room, 0: as many as they need
        self._made_for: tuple[object, ...] = ()
        self._pictures: list[PictureItem] = []
        self._names: list[pg.TextItem] = []
        self._steps: list[int] = []
        self._tops: list[int] = []
        self._here: tuple[int, int | None] = (0, None)
        self._hover: tuple[int, int] | None = None
        self._walk: tuple[int, int] | None = None
        self._frame, self._warm = FrameItem("accent", 1.5), FrameItem("warm", 1.5)
        for item in (self._frame, self._warm):
            item.setZValue(10)
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.scene().sigPrepareForPaint.connect(self._make)
        self.begin(empty=False)

    def set_rows(self, rows: Sequence[BlockRow]) -> None:
        """Every block in order."""
        grown = [_heads(row) for row in rows] != [_heads(row) for row in self.rows]
        self.rows, self._made_for = tuple(rows), ()
        seen = sum(row.maps is not None for row in rows)
        self.setAccessibleDescription(
            tr("{seen} of {count} blocks, up to {most} heads", seen=seen, count=len(rows), most=self._most)
        )
        if grown:
            self._walk = self._hover = None
            self._place(self.width())
            self.updateGeometry()
        self._mark()
        self.viewport().update()

    def set_here(self, block: int, head: int | None) -> None:
        """Frames the block that is shown, and its head."""
        self._here, self._made_for = (block, head), ()
        self._mark()
        self.viewport().update()

    @property
    def _most(self) -> int:
        return max((_heads(row) for row in self.rows), default=0)

    @property
    def figure_part(self) -> TilesPart | None:
        """Every head of every block that has a map."""
        return blocks_part([(row.number, row.maps) for row in self.rows if row.maps is not None])

    def fit(self, high: int) -> None:
        """So large that all lines find room in so many px, as long as they are to be read."""
        if high != self._high:
            self._high, self._made_for = high, ()
            self._place(self.width())
            self.updateGeometry()
            self.viewport().update()

    def _step(self, row: BlockRow, width: int) -> int:
        """px from one head to the next."""
        across = (width - self._NAME) // max(_heads(row), 1) - self._GAP
        down = (self._high - self._GAP) // max(len(self.rows), 1) - self._GAP
        largest = min(max(down, self._READABLE), self._HUGE) if self._high else self._LARGEST
        return min(max(across, self._SMALLEST), largest) + self._GAP

    def _place(self, width: int) -> None:
        """How far it is from one tile to the next in each line, and where the lines begin."""
        self._steps = [self._step(row, width) for row in self.rows]
        self._tops = list(accumulate(self._steps, initial=1))[:-1]

    def tile(self, block: int, head: int) -> QRectF:
        """Where a head's picture is."""
        step = self._steps[block]
        return QRectF(self._NAME + head * step, self._tops[block], step - self._GAP, step - self._GAP)

    def lay_out(self) -> None:
        area = QRectF(self.viewport().rect())
        self.box.set_home(area, area, keep=False)
        self._place(self.width())
        self._made_for = ()
        self._mark()

    def restyle(self) -> None:
        self._made_for = ()
        self.viewport().update()

    def _make(self) -> None:
        """One picture for all blocks in a row that are alike, at the pixels of the screen."""
        ratio = self.devicePixelRatioF()
        wanted = (self.width(), ratio, self.theme.name, self._here[0])
        if self._made_for == wanted or not self.rows:
            return
        self._made_for = wanted
        for item in (*self._pictures, *self._names):
            self.box.removeItem(item)
        self._pictures, self._names = [], []
        for first, maps in _alike(self.rows):
            side, heads = round((self._steps[first] - self._GAP) * ratio), _heads(self.rows[first])
            rows, columns = maps.shape[1:]
            grid = render.TileGrid(len(maps), rows, columns, heads, side, side, round(self._GAP * ratio))
            limits = render.limits(maps, render.ScaleMode.PER_MAP)
            gap = QColor(self.theme.mosaic_gap).rgb()
            pixels = render.mosaic(maps, grid, limits, ATTENTION, background=gap).pixels
            picture = PictureItem()
            rect = QRectF(self._NAME, self._tops[first], pixels.shape[1] / ratio, pixels.shape[0] / ratio)
            picture.set_pixels(pixels, rect)
            self._pictures.append(picture)
            self.box.addItem(picture, ignoreBounds=True)
        for at, row in enumerate(self.rows):
            colour = self.theme.accent if at == self._here[0] else self.theme.dim
            words = str(row.number) if row.maps is not None else tr("{number}    no map", number=row.number)
            name = pg.TextItem(words, color=colour, anchor=(0, 0.5))
            name.setFont(self.small_font())
            name.setPos(-3, self._tops[at] + self._steps[at] / 2)
            self._names.append(name)
            self.box.addItem(name, ignoreBounds=True)

    def _mark(self) -> None:
        block, chosen = self._here
        known = chosen is not None and block < len(self.rows) and chosen < _heads(self.rows[block])
        self._frame.set_rects([self.tile(block, chosen)] if known and chosen is not None else [])
        marked = self._hover or self._walk
        self._warm.set_rects([] if marked is None else [self.tile(*marked)])

    def hit(self, at: QPointF) -> tuple[int, int] | None:
        """(block, head) under a point."""
        block = bisect_right(self._tops, at.y()) - 1
        if at.x() < self._NAME or not 0 <= block < len(self.rows):
            return None
        head = int((at.x() - self._NAME) // self._steps[block])
        return (block, head) if head < _heads(self.rows[block]) else None

    def point(self, at: QPointF | None) -> None:
        self._hover = None if at is None else self.hit(at)
        self._mark()
        words = (
            tr("{name}   head {hover}", name=self.rows[self._hover[0]].name, hover=self._hover[1])
            if self._hover is not None
            else ""
        )
        self.read_out.say(words, at or QPointF(), self.box.seen)

    def _click(self, at: QPointF) -> None:
        hit = self.hit(at)
        if hit is not None:
            self._walk = hit
            self.chosen.emit(*hit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is not None and self.rows:
            block, head = self._walk or (self._here[0], self._here[1] or 0)
            block = min(max(block + step[0], 0), len(self.rows) - 1)
            self._walk = block, min(max(head + step[1], 0), max(_heads(self.rows[block]) - 1, 0))
            self._mark()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._walk is not None:
            self.chosen.emit(*self._walk)
        else:
            event.ignore()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return sum(self._step(row, width) for row in self.rows) + 2

    def sizeHint(self) -> QSize:
        return QSize(280, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))


def _heads(row: BlockRow) -> int:
    return 0 if row.maps is None else len(row.maps)


def _alike(rows: Sequence[BlockRow]) -> list[tuple[int, Array]]:
    """(first block, maps of all of them) for blocks one after the other with as many heads and the same grid."""
    found: list[tuple[int, list[Array]]] = []
    for at, row in enumerate(rows):
        if row.maps is None:
            continue
        last = found[-1] if found else None
        if last is not None and last[0] + len(last[1]) == at and last[1][-1].shape == row.maps.shape:
            last[1].append(row.maps)
        else:
            found.append((at, [row.maps]))
    return [(first, np.concatenate(maps)) for first, maps in found]
