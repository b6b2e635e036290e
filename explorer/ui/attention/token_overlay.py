"""A map on the grid of tokens as a picture over the original one: every pixel as the token that answers where it is pointed at. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.boxes import Box, ReceptiveField
from explorer.core.figure.panel_parts import ATTENTION
from explorer.core.geometry import affine as geometry
from explorer.core.geometry.cells import Cell
from explorer.core.geometry.token_grid import sides
from explorer.core.models import AnyPreprocess
from explorer.core.render import colormaps

_LOW, _HIGH = 70, 190  # how opaque no weight and the largest are, of 255
_DARK = 185  # what is not looked at, or not in the mask


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Cells over a box of the original picture, of which only what lies `within` another box is drawn."""

    box: Box
    within: Box
    # rows above and below, columns before and after that repeat the outermost
    rings: tuple[tuple[int, int], tuple[int, int]]

    def spread(self, values: Array) -> Array:
        """(h, w, ...) on the grid, as it fills the box."""
        more = (*self.rings, *[(0, 0)] * (values.ndim - 2))
        return np.pad(values, more, mode="edge") if any(map(any, self.rings)) else values


def heat(values: Array, seen: Array | None = None) -> Array:
    """(h, w, 4) uint8: from 0 to the largest value, which is the most opaque; what is not `seen` is darkened."""
    top = float(values.max(initial=0.0))
    share = np.clip(values / top, 0, 1) if top > 0 else np.zeros(values.shape)
    out = np.empty((*values.shape, 4), np.uint8)
    out[..., :3] = colormaps.table(ATTENTION)[np.rint(share * 255).astype(np.uint8)]
    out[..., 3] = _LOW + share * (_HIGH - _LOW)
    if seen is not None:
        out[~seen] = (0, 0, 0, _DARK)
    return out


def veil(mask: Array) -> Array:
    """(h, w, 4) uint8: dark but where the mask is."""
    out = np.zeros((*mask.shape, 4), np.uint8)
    out[~mask, 3] = _DARK
    return out


def lay(field: ReceptiveField, grid: tuple[int, int], picture: Input, pre: AnyPreprocess) -> Laid:
    """Where a whole grid lies on the original picture."""
    down, across = sides(field, grid, (pre.height, pre.width))
    affine, rings = geometry.input_affine(picture.size, pre), (down.rings(), across.rings())
    (y0, y1), (x0, x1) = (
        (side.edge(-before), side.edge(side.count + after))
        for side, (before, after) in zip((down, across), rings, strict=True)
    )
    within = Box(down.low, across.low, down.high, across.high)
    return Laid(geometry.to_original(affine, Box(y0, x0, y1, x1)), geometry.to_original(affine, within), rings)


def cell_box(field: ReceptiveField, grid: tuple[int, int], cell: Cell, picture: Input, pre: AnyPreprocess) -> Box:
    """The pixels of the original picture that belong to one cell of a grid."""
    found = sides(field, grid, (pre.height, pre.width))
    (y0, y1), (x0, x1) = (side.span(at) for side, at in zip(found, cell, strict=True))
    return geometry.to_original(geometry.input_affine(picture.size, pre), Box(y0, x0, y1, x1))
