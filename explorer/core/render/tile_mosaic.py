"""All maps of a layer as one picture, and the way back from a pixel to a channel and a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from explorer.core.arrays import Array
from explorer.core.render import colormaps
from explorer.core.render.scale import BAD, Limits, Pixels, ScaleMode, limits, rgb_of, to_index
from explorer.core.translation import tr

Order = NDArray[np.int64]

_BLOCK = 1 << 16  # pixels worked on at a time

# from here on cells of uneven size (3 and 4 px) are no longer seen, below it a whole factor is preferred if it costs little
_WHOLE_FACTOR_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Where the tiles of a mosaic are. A tile shows height x width cells on tile_h x tile_w pixels (which may be more, fewer or
    as many); tiles are `gap` pixels apart, without a gap around the whole."""

    count: int
    height: int
    width: int
    columns: int
    tile_h: int
    tile_w: int
    gap: int = 2

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns) if self.columns else 0

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the picture in pixels."""
        pitch_h, pitch_w = self.tile_h + self.gap, self.tile_w + self.gap
        return max(self.rows * pitch_h - self.gap, 0), max(self.columns * pitch_w - self.gap, 0)

    def rect(self, position: int) -> tuple[int, int, int, int]:
        """(y, x, height, width) in pixels of the tile at `position`, counted row by row."""
        row, column = divmod(position, self.columns)
        return row * (self.tile_h + self.gap), column * (self.tile_w + self.gap), self.tile_h, self.tile_w

    def cell_rect(self, position: int, y: int, x: int) -> tuple[float, float, float, float]:
        """(y, x, height, width) in pixels of one cell."""
        top, left, _, _ = self.rect(position)
        step_y, step_x = self.tile_h / self.height, self.tile_w / self.width
        return top + y * step_y, left + x * step_x, step_y, step_x

    def hit(self, y: float, x: float) -> tuple[int, int, int] | None:
        """(position, cell y, cell x) under a point in pixels; None in a gap, in the unfilled end or outside."""
        height, width = self.size
        if not (0 <= y < height and 0 <= x < width):
            return None
        row, inner_y = divmod(int(y), self.tile_h + self.gap)
        column, inner_x = divmod(int(x), self.tile_w + self.gap)
        position = row * self.columns + column
        if inner_y >= self.tile_h or inner_x >= self.tile_w or position >= self.count:
            return None
        return position, inner_y * self.height // self.tile_h, inner_x * self.width // self.tile_w


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """A finished picture: `pixels` (H, W) uint32 0xffRRGGBB (what Qt calls RGB32), the channel at each position, and where."""

    pixels: Pixels
    grid: TileGrid
    order: Order

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, a copy."""
        return rgb_of(self.pixels)

    def position(self, channel: int) -> int | None:
        """Where a channel is shown; None when it is not."""
        found = np.flatnonzero(self.order == channel)
        return int(found[0]) if found.size else None

    def hit(self, y: float, x: float) -> tuple[int, int, int, int] | None:
        """(position, channel, cell y, cell x) under a point in pixels."""
        found = self.grid.hit(y, x)
        return None if found is None else (found[0], int(self.order[found[0]]), found[1], found[2])

    def tile_rect(self, channel: int) -> tuple[int, int, int, int] | None:
        """(y, x, height, width) in pixels of a channel's tile; None when it is not shown."""
        position = self.position(channel)
        return None if position is None else self.grid.rect(position)


def best_columns(n: int, tile_h: int, tile_w: int, view_h: int, view_w: int, gap: int = 2) -> int:
    """Number of columns with which n tiles of that shape become largest in a view; at least 1."""
    return _best(n, tile_h, tile_w, view_h, view_w, gap)[0]


def fit_grid(n: int, height: int, width: int, view_h: int, view_w: int, gap: int = 2, across: int = 0) -> TileGrid:
    """The grid whose tiles of height x width cells fill a view of that many pixels best, with `across` columns if that is given.

    Tiles that must shrink keep one pixel a cell (the view scales the picture down smoothly) until less than half a pixel is
    left for a cell; then every k-th cell is shown, so that the picture never grows far beyond the view."""
    columns, scale = _best(n, height, width, view_h, view_w, gap, across)
    whole = int(scale)
    if scale >= 1 and whole >= _WHOLE_FACTOR_SHARE * scale:
        scale = whole
    elif 0.5 < scale < 1:
        scale = 1.0
    elif scale <= 0.5:
        scale = 1.0 / max(int(1.0 / max(scale, 1e-6)), 1)
    tile_h, tile_w = max(int(height * scale), 1), max(int(width * scale), 1)
    return TileGrid(n, height, width, columns, tile_h, tile_w, gap)


def _best(n: int, tile_h: int, tile_w: int, view_h: int, view_w: int, gap: int, across: int = 0) -> tuple[int, float]:
    columns = np.array([across]) if across else np.arange(1, max(n, 1) + 1)
    rows = -(-n // columns)
    wide = (view_w - (columns - 1) * gap) / (columns * max(tile_w, 1))
    down = (view_h - (rows - 1) * gap) / (np.maximum(rows, 1) * max(tile_h, 1))
    scale = np.minimum(wide, down)
    at = int(scale.argmax())
    if scale[at] <= 0:  # not even the gaps fit: as square as it gets
        return across or max(int(np.sqrt(n)), 1), 1e-6
    return int(columns[at]), float(scale[at])


def mosaic(
    maps: Array, grid: TileGrid, scale: Limits, colormap: str, order: Order | None = None, background: int = 0xFF000000
) -> Mosaic:
    """(C, H, W) maps as one picture. `order` lists the channels to show, position by position (None: all, by index);
    `background` (0xffRRGGBB) fills gaps and the unfilled end. Non-finite values are magenta.

    Every pixel of a tile is one cell's colour, nothing is averaged. Raises ValueError when grid and maps disagree."""
    order = np.arange(len(maps)) if order is None else np.asarray(order)
    if (len(order), *maps.shape[1:]) != (grid.count, grid.height, grid.width):
        raise ValueError(
            tr(
                "a grid for {value} cannot show {value2}",
                value=(grid.count, grid.height, grid.width),
                value2=(len(order), *maps.shape[1:]),
            )
        )
    if grid.count == 0 or grid.height == 0 or grid.width == 0:
        return Mosaic(np.zeros((0, 0), np.uint32), grid, order)
    plain = len(order) == len(maps) and bool((order == np.arange(len(maps))).all())
    maps, shown = _shown_cells(maps, grid)
    index = to_index(maps, scale)
    sheet = _sheet(index if plain else index[order], shown)
    mask = None
    if scale.bad.any():
        bad = ~np.isfinite(maps)
        mask = _sheet(bad if plain else bad[order], shown)
    return Mosaic(_paint(sheet, mask, shown, colormaps.packed(colormap), background), grid, order)


def _shown_cells(maps: Array, grid: TileGrid) -> tuple[Array, TileGrid]:
    """The cells that get a pixel at all, and the grid of these: where tiles are smaller than maps the rest is not even looked at."""
    height, width = min(grid.height, grid.tile_h), min(grid.width, grid.tile_w)
    if (height, width) == (grid.height, grid.width):
        return maps, grid
    thin = maps[:, _every(grid.height, height)][:, :, _every(grid.width, width)]
    return thin, replace(grid, height=height, width=width)


def _every(cells: int, pixels: int) -> slice | Order:
    """The cells that `pixels` of them stand for; without a copy where they are evenly spaced."""
    return slice(None, None, cells // pixels) if cells % pixels == 0 else np.arange(pixels) * cells // pixels


def _paint(sheet: Array, bad: Array | None, grid: TileGrid, colours: Pixels, background: int) -> Pixels:
    """Sheet of table entries -> picture, a few rows of tiles at a time so that the work stays in the processor's cache."""
    out = np.empty(grid.size, np.uint32)
    columns = _spread(grid.columns, grid.width, grid.tile_w, grid.gap)
    pitch = grid.tile_h + grid.gap
    step = max(_BLOCK // (grid.height * sheet.shape[1]), 1)
    for start in range(0, grid.rows, step):
        tiles = min(step, grid.rows - start)
        part = slice(start * grid.height, (start + tiles) * grid.height + 1)
        small = np.take(colours, sheet[part], mode="clip")
        if bad is not None:
            small[bad[part]] = BAD
        if start + tiles == grid.rows:
            _blank_end(small, grid, background)
        small[-1, :] = small[:, -1] = background
        rows = _spread(tiles, grid.height, grid.tile_h, grid.gap, last_gap=start + tiles < grid.rows)
        small[:, columns].take(rows, axis=0, out=out[start * pitch : start * pitch + len(rows)], mode="clip")
    return out


def _sheet(tiles: Array, grid: TileGrid) -> Array:
    """Tiles side by side at one pixel a cell, and one row and column more, which the gaps are taken from."""
    rows, columns = grid.rows, grid.columns
    out = np.zeros((rows * grid.height + 1, columns * grid.width + 1), tiles.dtype)
    full = grid.count // columns
    body = out[: full * grid.height, :-1].reshape(full, grid.height, columns, grid.width)
    body[...] = tiles[: full * columns].reshape(full, columns, grid.height, grid.width).swapaxes(1, 2)
    for at, tile in enumerate(tiles[full * columns :]):
        out[full * grid.height : -1, at * grid.width : (at + 1) * grid.width] = tile
    return out


def _blank_end(small: Pixels, grid: TileGrid, background: int) -> None:
    """Empties what is left of the last row of tiles; `small` ends with it and one row more."""
    rest = grid.count % grid.columns
    if rest:
        small[-1 - grid.height :, rest * grid.width :] = background


def _spread(tiles: int, cells: int, pixels: int, gap: int, last_gap: bool = False) -> Order:
    """Row (or column) of the sheet that each row of the picture shows; the one past the tiles for gaps."""
    inside = np.arange(pixels) * cells // pixels
    out = np.full((tiles, pixels + gap), tiles * cells)
    out[:, :pixels] = inside + np.arange(tiles)[:, None] * cells
    flat = out.reshape(-1)
    return flat if last_gap or not gap else flat[:-gap]


def thumbnail(
    maps: Array, colormap: str, diverging: str, tiles: int = 4, side: int = 24, background: int = 0xFF000000
) -> Pixels:
    """The maps with the largest spread, up to `tiles` of them, as a square of about 2 * side pixels for the layer strip;
    `background` (0xffRRGGBB) between them.

    Every k-th cell is shown where maps are larger than a tile. Each map has its own scale; which maps are shown is decided on
    at most 64 evenly spaced ones, so that a whole strip takes milliseconds."""
    count = min(tiles, len(maps))
    step = max(len(maps) // 64, 1)
    thin = maps[::step, :: max(maps.shape[1] // side, 1), :: max(maps.shape[2] // side, 1)]
    with np.errstate(invalid="ignore", over="ignore"):
        spread = thin.std(axis=(1, 2), dtype=np.float32)
    chosen = np.sort(np.argsort(-np.nan_to_num(spread, nan=-1.0), kind="stable")[:count])
    shown = thin[chosen]
    scale = limits(shown, ScaleMode.PER_MAP)
    columns = max(int(np.ceil(np.sqrt(count))), 1)
    grid = TileGrid(count, shown.shape[1], shown.shape[2], columns, side, side, gap=1)
    return mosaic(shown, grid, scale, diverging if scale.signed else colormap, background=background).pixels


def strip_of(vector: Array, colormap: str, diverging: str, side: int = 49) -> Pixels:
    """A vector's entries row by row in a square: its thumbnail, (side, side)."""
    flat = np.asarray(vector).reshape(-1)
    edge = max(int(np.ceil(np.sqrt(flat.size))), 1)
    sheet = np.zeros(edge * edge, flat.dtype)
    sheet[: flat.size] = flat
    return thumbnail(sheet.reshape(1, edge, edge), colormap, diverging, 1, side)
