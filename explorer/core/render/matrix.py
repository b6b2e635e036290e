"""Matrices as colours, one pixel a cell, and as pictures. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.render import colormaps
from explorer.core.render.colormaps import looked_up

_SIDE = 448  # pixels of a picture's longer side, at least where one pixel a cell allows it
_PALE, _LEFT = 128, 0.35  # grey towards which an uncertain matrix goes, and what is left of its colours


def cell_colours(values: Array, known: Array, colormap: str, weak: bool = False) -> Array:
    """(rows, columns, 3) uint8: 0 to 1 on a fixed scale, less than 0 as 0; `weak` ones mixed with grey, unknown ones grey."""
    table = colormaps.table(colormap)
    if weak:
        table = np.rint(_LEFT * table + (1 - _LEFT) * _PALE).astype(np.uint8)
    return looked_up(table, values, known)


def enlarged(grid: Array) -> Array:
    """Every cell as many whole pixels as fit."""
    factor = max(1, _SIDE // max(grid.shape[:2]))
    found: Array = np.repeat(np.repeat(grid, factor, 0), factor, 1)
    return found
