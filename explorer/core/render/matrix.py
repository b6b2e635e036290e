"""The matrix of CKA as colours, one pixel a cell. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.render import colormaps
from explorer.core.render.colormaps import looked_up

_PALE, _LEFT = 128, 0.35  # grey towards which an uncertain matrix goes, and what is left of its colours


def cell_colours(values: Array, known: Array, colormap: str, weak: bool = False) -> Array:
    """(rows, columns, 3) uint8: 0 to 1 on a fixed scale, less than 0 as 0; `weak` ones mixed with grey, unknown ones grey."""
    table = colormaps.table(colormap)
    if weak:
        table = np.rint(_LEFT * table + (1 - _LEFT) * _PALE).astype(np.uint8)
    return looked_up(table, values, known)
