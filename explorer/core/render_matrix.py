"""The matrix of CKA as colours, one pixel a cell. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.core import colormaps
from explorer.core.types import Array

UNKNOWN = 128  # grey of what has no value
_LEFT = 0.35  # of the colours where there were too few inputs


def cell_colours(
    values: Array, known: Array, colormap: str, weak: bool = False, unknown: int = UNKNOWN
) -> NDArray[np.uint8]:
    """(rows, columns, 3) uint8: 0 to 1 on a fixed scale, less than 0 as 0; `weak` ones mixed with grey, unknown ones grey."""
    table = colormaps.table(colormap)
    colours = table[np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)]
    if weak:
        colours = np.rint(_LEFT * colours + (1 - _LEFT) * UNKNOWN)
    found: NDArray[np.uint8] = np.where(known[..., None], colours, unknown).astype(np.uint8)
    return found
