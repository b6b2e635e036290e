"""Colours and similarities as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.layer_views import coloured
from explorer.core.render import colormaps
from explorer.core.render.matrix import enlarged
from explorer.core.representations import Similarity

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


def similarity(found: Similarity, cell: tuple[int, int] | None, signed: bool) -> Array:
    """(h, w, 3) uint8 on a fixed scale, −1 to 1 or (not signed) 0 to 1, so that pictures can be compared; grey where not known.

    The cell asked about, which is 1 by definition, is green.
    """
    share = (found.values + 1) / 2 if signed else found.values
    drawn = coloured(share, found.known, colormaps.diverging_for(dark=False) if signed else "inferno")
    if cell is not None:
        drawn[cell] = (0, 200, 80)
    return drawn
