"""All feature maps of a layer as one picture that can be pointed at, zoomed and walked through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import TilesPart
from explorer.core.figure.layer_figures import mosaic_part
from explorer.core.geometry.cells import Cell
from explorer.core.render import colormaps
from explorer.core.translation import tr
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import ARROWS, Panel
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.tile_labels import LABEL_FROM, MOST_LABELS, TileLabels
from explorer.ui.graphics.tile_strengths import TileStrengths, strengths_of
from explorer.ui.graphics.tiles import Tiles
from explorer.ui.widgets import text

_MARGIN = 4  # logical pixels that stay free round the tiles, together
_MAX_PIXELS = 16_000_000
_LEAST_CELL = 5.0  # logical pixels of a frame round a cell
_NONE = np.zeros(0, np.int64)

Hit = tuple[int, int, int, int]  # position, channel, cell y, cell x


class MosaicPanel(Panel):
    """Shows (C, H, W) maps. Their places follow at once, their picture is made when it is painted, for the size it is painted at.

    Signals carry (channel, cell y, cell x). `selected` has cell -1, -1 as long as no cell has been chosen. `scrubbed` carries
    the steps through depth that the wheel asks for. `left`: the pointer is over no cell any more."""

    hovered = Signal(int, int, int)
    selected = Signal(int, int, int)
    scrubbed = Signal(int)

    shows_strengths = True  # whether tiles with scales of their own say how strong each is beside the others

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Feature maps"), tr("Open a picture to see the feature maps of this layer."), parent)
        self.setMinimumSize(160, 120)
        self.maps: Array | None = None
        self.order: Array = _NONE
        self.tiles_: Tiles | None = None  # None: nothing is shown
        self._plain: render.TileGrid | None = None  # of the tiles at zoom 1
        self._mosaic: render.Mosaic | None = None  # the picture, once it has been made
        self._limits: render.Limits | None = None
        self._colormap, self._across = "", 0
        self._names: Sequence[str] | None = None
        self._strengths: Array | None = None  # by channel, of maps with scales of their own
        self._made_for: tuple[object, ...] = ()
        self._channel: int | None = None
        self._cell: Cell | None = None
        self._pointed: Cell | None = None
        self._hover: Hit | None = None
        self._pointer = QPointF()
        self._picture, self._labels = PictureItem(), TileLabels(self)
        self._pointed_frames, self._marked_frames = FrameItem("warm", 1.0), FrameItem("accent", 1.5)
        self._tile_frame, self._cell_frame = FrameItem("accent", 2.5), FrameItem("accent", 1.5)
        self._hover_tile, self._hover_cell = FrameItem("warm", 1.0), FrameItem("warm", 1.5)
        frames = (self._pointed_frames, self._marked_frames, self._tile_frame, self._cell_frame)
        self.strengths = TileStrengths(self)
        for item in (self._picture, self._labels, self.strengths, *frames, self._hover_tile, self._hover_cell):
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.box.scrubbed.connect(self.scrubbed)
        self.scene().sigPrepareForPaint.connect(self._make)
        self.offer(tr("Show all"), self._fit, "0")
        self.begin()

    # --- setters

    def set_maps(
        self,
        maps: Array,
        *,
        limits: render.Limits,
        colormap: str,
        order: Array | None = None,
        labels: Sequence[str] | None = None,
        across: int = 0,
    ) -> None:
        """Shows maps in an order (None: by index), each with its label (None: its number), `across` of them in a row (0: as
        many as fill the area best). Zoom and place stay when the number and size of the maps stay. The array is kept, not
        copied: it must not be written to."""
        order = np.arange(len(maps)) if order is None else np.asarray(order)
        same = self.maps is not None and (len(self.order), *self.maps.shape[1:]) == (len(order), *maps.shape[1:])
        self.maps, self.order, self._limits, self._colormap = maps, order, limits, colormap
        self._names, self._across, self._mosaic = labels, across, None
        self._strengths = strengths_of(limits) if self.shows_strengths else None
        if self._hover is not None:  # the pointer rests at a position, where another channel may be now
            position, _, y, x = self._hover
            self._hover = (position, int(order[position]), y, x) if same else None
        self.show_message(not len(order))
        self.lay_out(keep=same)
        self._describe()
        self.viewport().update()

    def clear(self, message: str) -> None:
        """Shows a sentence instead of maps: why there are none, what to do."""
        self.maps = self.tiles_ = self._mosaic = self._limits = self._names = None
        self.order, self._made_for = _NONE, ()
        self._hover = self._channel = self._cell = self._pointed = None
        self.set_empty(message)
        self.show_message(True)
        self._describe()

    def set_selected(self, channel: int | None, cell: Cell | None = None) -> None:
        """Frames a channel's tile, and marks a cell in it."""
        if (channel, cell) != (self._channel, self._cell):
            self._channel, self._cell = channel, cell
            self._describe()
            self._frame()

    def set_pointed(self, cell: Cell | None) -> None:
        """Marks the cell that is pointed at elsewhere, in every tile that is large enough."""
        if cell != self._pointed:
            self._pointed = cell
            self._frame_pointed()

    def fit(self) -> None:
        """Back to the whole picture."""
        self.box.fit()

    def _fit(self, *_: object) -> None:
        self.fit()

    # --- what is shown, and where

    @property
    def mosaic(self) -> render.Mosaic | None:
        """The picture as shown, for copying and saving."""
        self._make()
        return self._mosaic

    @property
    def figure_part(self) -> TilesPart | None:
        """What is shown, for a figure: the same colours, order and names; None while nothing is."""
        if self.maps is None or self._limits is None or not len(self.order):
            return None
        return mosaic_part(self.maps, self._limits, self._colormap, self.order, tuple(self._names or ()))

    @property
    def zoom(self) -> float:
        return self.box.zoom

    @property
    def light(self) -> bool:
        """Whether most of the picture is light: zero is, on a diverging map for light themes."""
        signed = self._limits is not None and self._limits.signed
        return signed and self._colormap == colormaps.diverging_for(dark=False)

    def position(self, channel: int | None) -> int | None:
        """Where a channel is shown; None when it is not."""
        places = np.flatnonzero(self.order == channel) if channel is not None and self.tiles_ is not None else _NONE
        return int(places[0]) if places.size else None

    def channel_rect(self, channel: int) -> QRectF | None:
        """Where a channel's tile is in the widget; None when it is not shown."""
        position = self.position(channel)
        return None if position is None else self.on_screen(self.tile(position))

    def tile(self, position: int) -> QRectF:
        """A tile in the view's units."""
        return QRectF() if self.tiles_ is None else self.tiles_.tile(position)

    def cell(self, position: int, y: int, x: int) -> QRectF:
        """A cell's frame in the view's units, never smaller than can be seen."""
        if self.tiles_ is None:
            return QRectF()
        frame, (down, across) = self.tiles_.cell(position, y, x), self.scale_of_view
        wider = max(_LEAST_CELL / across - frame.width(), 0) / 2
        higher = max(_LEAST_CELL / down - frame.height(), 0) / 2
        return frame.adjusted(-wider, -higher, wider, higher)

    def _hit(self, at: QPointF) -> Hit | None:
        hit = None if self.tiles_ is None else self.tiles_.hit(at)
        return None if hit is None else (hit[0], int(self.order[hit[0]]), hit[1], hit[2])

    # --- the picture

    def lay_out(self, keep: bool = True) -> None:
        """Pixel for pixel where that fits, on whole device pixels: else the painter has to resample."""
        if self.maps is None:
            return
        width, height = self._area
        self._plain = self._plain_grid()
        rows, columns = self._plain.size if len(self.order) else (0, 0)
        scale = min(width / max(columns, 1), height / max(rows, 1), 1.0)
        content = QRectF(0, 0, max(columns, 1) * scale, max(rows, 1) * scale)
        x, y = int((width - content.width()) / 2), int((height - content.height()) / 2)
        if not self.box.set_home(QRectF(-x, -y, width, height), content, keep):
            self._place()

    @property
    def _area(self) -> tuple[int, int]:
        """Device pixels of the panel: across, down. At zoom 1 they are the units of the view."""
        ratio = self.devicePixelRatioF()
        return max(int(self.viewport().width() * ratio), 1), max(int(self.viewport().height() * ratio), 1)

    def _plain_grid(self) -> render.TileGrid:
        assert self.maps is not None
        (width, height), margin = self._area, int(_MARGIN * self.devicePixelRatioF())
        shape = self.maps.shape[1], self.maps.shape[2]
        return render.fit_grid(
            len(self.order), *shape, max(height - margin, 1), max(width - margin, 1), across=self._across
        )

    def _detailed(self, plain: render.TileGrid) -> render.TileGrid:
        """Where only every k-th cell fits, the others appear as the person zooms in."""
        zoom = self.box.zoom
        tile_h, tile_w = min(int(plain.tile_h * zoom), plain.height), min(int(plain.tile_w * zoom), plain.width)
        if plain.tile_h >= plain.height or zoom <= 1 or plain.count * tile_h * tile_w > _MAX_PIXELS:
            return plain
        return render.TileGrid(plain.count, plain.height, plain.width, plain.columns, tile_h, tile_w, plain.gap)

    def _place(self) -> None:
        """Where the tiles are now; the frames follow."""
        small = min(self._area) <= _MARGIN * self.devicePixelRatioF()
        if self.maps is None or self._plain is None or not self.maps.size or not len(self.order) or small:
            self.tiles_ = self._mosaic = None  # what is left of other maps must not be pointed at with these
        else:
            self.tiles_ = Tiles(self._detailed(self._plain), QRectF(self.box.content))
            self._picture.place(self.box.content)
            self._labels.set_tiles(self.tiles_, self.order, self._names, self.light)
            if self._strengths is None:
                self.strengths.hide()
            else:
                first = self.on_screen(self.tiles_.tile(0))
                self.strengths.set_tiles(self.tiles_, self.order, self._strengths, first)
        self._frame()

    def _make(self) -> None:
        """The picture, at the latest just before it is painted."""
        if self.tiles_ is None or self.maps is None or self._limits is None:
            return
        wanted = self.tiles_.grid, QColor(self.theme.mosaic_gap).rgb()
        if self._mosaic is None or self._made_for != wanted:
            self._mosaic = render.mosaic(self.maps, wanted[0], self._limits, self._colormap, self.order, wanted[1])
            self._made_for = wanted
            self._picture.fill(self._mosaic.pixels)

    # --- frames

    def moved(self) -> None:
        if self.maps is not None:
            self._place()

    def _frame(self) -> None:
        position = self.position(self._channel)
        self._tile_frame.set_rects([] if position is None else [self.tile(position)])
        cell = [] if position is None or self._cell is None else [self.cell(position, *self._cell)]
        self._cell_frame.set_rects(cell)
        self._frame_pointed()
        self._frame_hover()

    def _frame_pointed(self) -> None:
        maps, cell, tiles = self.maps, self._pointed, self.tiles_
        if cell is None or maps is None or tiles is None or cell[0] >= maps.shape[1] or cell[1] >= maps.shape[2]:
            self._pointed_frames.set_rects([])
            return
        seen = tiles.seen(self.box.seen)[:MOST_LABELS]
        if self.on_screen(self.tile(0)).width() < LABEL_FROM[0]:
            # marks would hide small tiles: the selected one has to do
            seen = [position for position in seen if self.order[position] == self._channel]
        self._pointed_frames.set_rects(self.cell(position, *cell) for position in seen)

    def _frame_hover(self) -> None:
        if self._hover is None or self.tiles_ is None:
            self._hover_tile.set_rects([])
            self._hover_cell.set_rects([])
            self.read_out.say("", QPointF(), QRectF())
            return
        position, channel, y, x = self._hover
        self._hover_tile.set_rects([self.tile(position)])
        self._hover_cell.set_rects([self.cell(position, y, x)])
        self.read_out.say(self.readout(channel, y, x), self._pointer, self.box.seen)

    def set_marks(self, marks: Array | None, least: float) -> None:
        """Frames marked cells (C, H, W) bool where a tile is at least so many logical pixels across."""
        if marks is None or self.tiles_ is None or self.on_screen(self.tile(0)).width() < least:
            self._marked_frames.set_rects([])
            return
        cells = ((at, *map(int, cell)) for at, tile in enumerate(self.order) for cell in np.argwhere(marks[tile]))
        self._marked_frames.set_rects(self.cell(*cell) for cell in cells)

    def readout(self, channel: int, y: int, x: int) -> str:
        """What stands beside the pointer."""
        named = self._names is not None and channel < len(self._names)
        name = (
            tr("channel {channel}", channel=channel)
            if self._names is None
            else self._names[channel]
            if named
            else str(channel)
        )
        value = [] if self.maps is None else [text.number(float(self.maps[channel, y, x]))]
        return "   ".join([name, f"({y}, {x})", *value])

    # --- hands

    def point(self, at: QPointF | None) -> None:
        hit = None if at is None else self._hit(at)
        self._pointer = at or self._pointer
        if hit is None and self._hover is not None and at is not None:
            self.left.emit()
        if hit is not None and (self._hover is None or hit[1:] != self._hover[1:]):
            self.hovered.emit(*hit[1:])
        self._hover = hit
        self._frame_hover()

    def _click(self, at: QPointF) -> None:
        hit = self._hit(at)
        if hit is not None:
            self._choose(hit[1], (hit[2], hit[3]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, kept = event.key(), Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        if event.modifiers() & ~kept:
            event.ignore()
        elif key in ARROWS and len(self.order):
            self._step(*ARROWS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and len(self.order):
            self._choose(int(self.order[0 if key == Qt.Key.Key_Home else -1]), self._cell)
        elif not self.zoom_key(key):
            event.ignore()

    def _step(self, down: int, right: int) -> None:
        """To a neighbouring tile; stays at the edges."""
        if self.tiles_ is None:
            return
        at = self.position(self._channel)
        wanted = 0 if at is None else at + right + down * self.tiles_.grid.columns
        if 0 <= wanted < len(self.order):
            self._choose(int(self.order[wanted]), self._cell)

    def _choose(self, channel: int, cell: Cell | None) -> None:
        self.set_selected(channel, cell)
        position = self.position(channel)
        if position is not None and self.box.zoom > 1:
            self.box.bring_into_sight(self.tile(position))
        self.selected.emit(channel, *(cell or (-1, -1)))

    def _describe(self) -> None:
        chosen = "" if self._channel is None else tr("Channel {channel} of ", channel=self._channel)
        count = len(self.order)
        self.setAccessibleDescription(
            tr("{chosen}{count} feature maps", chosen=chosen, count=count) if count else self.message.text()
        )

    def sizeHint(self) -> QSize:
        return QSize(700, 520)
