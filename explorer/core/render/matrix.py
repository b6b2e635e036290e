"""Matrices as colours, one pixel a cell, and as pictures. Pure."""

from __future__ import annotations

from collections.abc import Sequence

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


def path_picture(values: Array, known: Array, path: Sequence[int], weak: bool) -> Array:
    """(H, W, 3) uint8: as `cell_colours`, enlarged, with a white mark on the column of each row that is on the path."""
    colours = cell_colours(values, known, "viridis", weak)
    side = max(4, _SIDE // max(values.shape))
    drawn: Array = np.repeat(np.repeat(colours, side, 0), side, 1)
    mark, half = max(1, side // 8), side // 2
    for row, column in enumerate(path):
        y, x = row * side + half, column * side + half
        drawn[y - mark : y + mark, x - mark : x + mark] = 255
    return drawn
