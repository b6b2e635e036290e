"""What a mosaic view shows, and where: the maps, their picture for the size they are seen at, the way back to a cell."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage

from explorer.core import colormaps, render
from explorer.core.types import Array
from explorer.ui.widgets.canvas import to_image
from explorer.ui.widgets.viewport import Viewport

_MAX_PIXELS = 16_000_000
_NONE = np.zeros(0, np.int64)

Hit = tuple[int, int, int, int]  # position, channel, cell y, cell x


class Tiles:
    """Makes the picture late, when it is asked for, so that several changes cost one picture."""

    def __init__(self) -> None:
        self.maps: Array | None = None
        self.order: Array = _NONE
        self.mosaic: render.Mosaic | None = None
        self.image = QImage()
        self.view = Viewport()
        self._limits: render.Limits | None = None
        self._colormap = ""
        self.across = 0  # tiles in a row; 0: as many as fill the area best
        self._made_for: tuple[object, ...] | None = None  # None: out of date

    def set_maps(self, maps: Array, limits: render.Limits, colormap: str, order: Array) -> bool:
        """Takes new maps; says whether they have the same number and size, so that zoom and pointer still mean the same."""
        same = self.maps is not None and (len(self.order), *self.maps.shape[1:]) == (len(order), *maps.shape[1:])
        self.maps, self._limits, self._colormap, self.order = maps, limits, colormap, order
        self._made_for = None
        if not same:
            self.view.reset()
        return same

    def set_ready(self, mosaic: render.Mosaic, maps: Array | None) -> None:
        """Takes a finished picture."""
        self.mosaic, self.image, self.maps, self.order = mosaic, to_image(mosaic.pixels), maps, mosaic.order
        self._limits = None
        self.view.reset()

    @property
    def light(self) -> bool:
        """Whether most of the picture is light: zero is, on a diverging map for light themes."""
        return (
            self._limits is not None and self._limits.signed and self._colormap == colormaps.diverging_for(dark=False)
        )

    def clear(self) -> None:
        self.maps = self.mosaic = self._limits = None
        self.order, self.image = _NONE, QImage()

    def make(self, area: QRectF, ratio: float, gap: int) -> None:
        """Brings picture and place up to date for an area in logical pixels, `ratio` device pixels each."""
        if self._limits is not None and (
            self.maps is None or not self.maps.size or not len(self.order) or area.isEmpty()
        ):
            # what is left of other maps must not be pointed at with these
            self.mosaic, self.image, self._made_for = None, QImage(), None
            return
        if self._limits is not None:
            plain = self._plain_grid(area, ratio)
            self._paint(self._detailed(plain), gap)
            size = plain.size
        elif self.mosaic is not None:
            size = self.mosaic.grid.size
        else:
            return
        self.view.place(area, self._home(area, ratio, size))

    def _plain_grid(self, area: QRectF, ratio: float) -> render.TileGrid:
        assert self.maps is not None
        height, width = int(area.height() * ratio), int(area.width() * ratio)
        return render.fit_grid(
            len(self.order), self.maps.shape[1], self.maps.shape[2], height, width, across=self.across
        )

    def _detailed(self, plain: render.TileGrid) -> render.TileGrid:
        """Where only every k-th cell fits, the others appear as the person zooms in."""
        zoom = self.view.zoom
        tile_h, tile_w = min(int(plain.tile_h * zoom), plain.height), min(int(plain.tile_w * zoom), plain.width)
        if plain.tile_h >= plain.height or zoom <= 1 or plain.count * tile_h * tile_w > _MAX_PIXELS:
            return plain
        return render.TileGrid(plain.count, plain.height, plain.width, plain.columns, tile_h, tile_w, plain.gap)

    def _paint(self, grid: render.TileGrid, gap: int) -> None:
        assert self.maps is not None
        assert self._limits is not None
        if self._made_for != (grid, gap):
            self.mosaic = render.mosaic(self.maps, grid, self._limits, self._colormap, self.order, gap)
            self.image, self._made_for = to_image(self.mosaic.pixels), (grid, gap)

    def _home(self, area: QRectF, ratio: float, size: tuple[int, int]) -> QRectF:
        """Pixel for pixel where that fits; what was made elsewhere is also enlarged."""
        height, width = max(size[0] / ratio, 1.0), max(size[1] / ratio, 1.0)
        scale = min(area.width() / width, area.height() / height)
        if self._limits is not None:
            scale = min(scale, 1.0)
        home = QRectF(0, 0, width * scale, height * scale)
        # on whole device pixels, else the painter has to resample
        corner = area.center() - QPointF(home.width() / 2, home.height() / 2)
        home.moveTopLeft(QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio))
        return home

    # ---- from cells to the screen and back

    @property
    def scale(self) -> tuple[float, float]:
        """Logical pixels of the screen for a pixel of the picture, down and across."""
        rows, columns = self.mosaic.grid.size if self.mosaic else (1, 1)
        target = self.view.target
        return target.height() / max(rows, 1), target.width() / max(columns, 1)

    def on_screen(self, y: float, x: float, height: float, width: float) -> QRectF:
        down, across = self.scale
        corner = self.view.target.topLeft()
        return QRectF(corner.x() + x * across, corner.y() + y * down, width * across, height * down)

    def tile(self, position: int) -> QRectF:
        assert self.mosaic is not None
        return self.on_screen(*self.mosaic.grid.rect(position))

    def cell(self, position: int, y: int, x: int) -> QRectF:
        """A cell's frame, never smaller than can be seen."""
        assert self.mosaic is not None
        frame = self.on_screen(*self.mosaic.grid.cell_rect(position, y, x))
        wider, higher = max(5 - frame.width(), 0) / 2, max(5 - frame.height(), 0) / 2
        return frame.adjusted(-wider, -higher, wider, higher)

    def hit(self, at: QPointF) -> Hit | None:
        target = self.view.target
        if self.mosaic is None or not target.contains(at):
            return None
        down, across = self.scale
        return self.mosaic.hit((at.y() - target.top()) / down, (at.x() - target.left()) / across)

    def corners(self, area: QRectF) -> list[tuple[int, float, float]]:
        """(position, left, top) on the screen of the tiles that are at least partly inside an area."""
        if self.mosaic is None:
            return []
        grid, target, (down, across) = self.mosaic.grid, self.view.target, self.scale
        left, top = target.left(), target.top()
        seen = area.intersected(target).translated(-left, -top)
        pitch_y, pitch_x = (grid.tile_h + grid.gap) * down, (grid.tile_w + grid.gap) * across
        rows = range(int(seen.top() / pitch_y), min(int(seen.bottom() / pitch_y) + 1, grid.rows))
        columns = range(int(seen.left() / pitch_x), min(int(seen.right() / pitch_x) + 1, grid.columns))
        places = ((row * grid.columns + column, row, column) for row in rows for column in columns)
        return [(at, left + c * pitch_x, top + r * pitch_y) for at, r, c in places if at < grid.count]
