"""A map on the grid of tokens as a picture over the original one. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core import colormaps, geometry
from explorer.core.types import Array, Box, Field, Picture, Preprocess
from explorer.ui.widgets.attention_heads import COLOURS

_LOW, _HIGH = 70, 190  # how opaque no weight and the largest are, of 255
_DARK = 185  # what is not looked at, or not in the mask


def heat(values: Array, seen: Array | None = None) -> Array:
    """(h, w, 4) uint8: from 0 to the largest value, which is the most opaque; what is not `seen` is darkened."""
    top = float(values.max(initial=0.0))
    share = np.clip(values / top, 0, 1) if top > 0 else np.zeros(values.shape)
    out = np.empty((*values.shape, 4), np.uint8)
    out[..., :3] = colormaps.table(COLOURS)[np.rint(share * 255).astype(np.uint8)]
    out[..., 3] = _LOW + share * (_HIGH - _LOW)
    if seen is not None:
        out[~seen] = (0, 0, 0, _DARK)
    return out


def veil(mask: Array) -> Array:
    """(h, w, 4) uint8: dark but where the mask is."""
    out = np.zeros((*mask.shape, 4), np.uint8)
    out[~mask, 3] = _DARK
    return out


def grid_box(field: Field, grid: tuple[int, int], picture: Picture, pre: Preprocess) -> Box:
    """Where a grid of cells lies on the original picture; each cell reaches half way to its neighbours."""
    return _cells_box(field, (0, 0), grid, picture, pre)


def cell_box(field: Field, cell: tuple[int, int], picture: Picture, pre: Preprocess) -> Box:
    """Where one cell lies on the original picture."""
    return _cells_box(field, cell, (1, 1), picture, pre)


def _cells_box(field: Field, first: tuple[int, int], count: tuple[int, int], picture: Picture, pre: Preprocess) -> Box:
    y0 = field.start_y + field.size_y / 2 + (first[0] - 0.5) * field.jump_y
    x0 = field.start_x + field.size_x / 2 + (first[1] - 0.5) * field.jump_x
    box = Box(y0, x0, y0 + count[0] * field.jump_y, x0 + count[1] * field.jump_x)
    return geometry.to_original(geometry.input_affine(picture.size, pre), box)
