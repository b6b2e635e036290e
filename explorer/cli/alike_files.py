"""Colours, similarities and CKA matrices as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.layer_views import coloured
from explorer.core.render import colormaps
from explorer.core.render.matrix import cell_colours
from explorer.core.representations import Cka, Similarity

_SIDE = 448  # pixels of a tile's longer side, at least where one pixel a cell allows it
_GAP = 6  # pixels between tiles
_GROUND = 24  # grey between tiles


def sheet(grids: Sequence[Array]) -> Array:
    """(H, W, 3) uint8: grids of colours (h, w, 3) side by side, every cell a square."""
    tiles = [enlarged(grid) for grid in grids]
    height = max(len(tile) for tile in tiles)
    width = sum(tile.shape[1] for tile in tiles) + _GAP * (len(tiles) - 1)
    found = np.full((height, width, 3), _GROUND, np.uint8)
    left = 0
    for tile in tiles:
        found[: len(tile), left : left + tile.shape[1]] = tile
        left += tile.shape[1] + _GAP
    return found


def enlarged(grid: Array) -> Array:
    """Every cell as many whole pixels as fit."""
    factor = max(1, _SIDE // max(grid.shape[:2]))
    found: Array = np.repeat(np.repeat(grid, factor, 0), factor, 1)
    return found


def similarity(found: Similarity, cell: tuple[int, int] | None, signed: bool) -> Array:
    """(h, w, 3) uint8 on a fixed scale, −1 to 1 or (not signed) 0 to 1, so that pictures can be compared; grey where not known.

    The cell asked about, which is 1 by definition, is green.
    """
    share = (found.values + 1) / 2 if signed else found.values
    drawn = coloured(share, found.known, colormaps.diverging_for(dark=False) if signed else "inferno")
    if cell is not None:
        drawn[cell] = (0, 200, 80)
    return drawn


def matrix(found: Cka, path: Sequence[int]) -> Array:
    """(H, W, 3) uint8: 0 to 1 on a fixed scale, with a white mark on the path; paler where there were too few inputs."""
    colours = cell_colours(found.values, found.known, "viridis", found.weak)
    side = max(4, _SIDE // max(found.values.shape))
    drawn = np.repeat(np.repeat(colours, side, 0), side, 1)
    mark, half = max(1, side // 8), side // 2
    for row, column in enumerate(path):
        y, x = row * side + half, column * side + half
        drawn[y - mark : y + mark, x - mark : x + mark] = 255
    return drawn
