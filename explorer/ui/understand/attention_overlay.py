"""A map on the grid of tokens as a picture over the original one. Pure.

A pixel belongs to the token that answers when it is pointed at: the one whose middle is nearest. Where tokens are patches, a cell
covers exactly its patch. Where a stem of strided convolutions makes them, cell p stands around pixel p * jump, the middle of what
it sees, and not in the middle of the p-th part of the picture; the outermost ones go on to the edge of what they see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explorer.core import colormaps, geometry
from explorer.core.cells import Cell
from explorer.core.types import Array, Box, Field, Picture, Preprocess
from explorer.ui.widgets.attention_heads import COLOURS

_LOW, _HIGH = 70, 190  # how opaque no weight and the largest are, of 255
_DARK = 185  # what is not looked at, or not in the mask


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Cells over a box of the original picture, of which only what lies `within` another box is drawn."""

    box: Box
    within: Box
    rings: tuple[
        tuple[int, int], tuple[int, int]
    ]  # rows above and below, columns before and after that repeat the outermost

    def spread(self, values: Array) -> Array:
        """(h, w, ...) on the grid, as it fills the box."""
        more = (*self.rings, *[(0, 0)] * (values.ndim - 2))
        return np.pad(values, more, mode="edge") if any(map(any, self.rings)) else values


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


def lay(field: Field, grid: tuple[int, int], picture: Picture, pre: Preprocess) -> Laid:
    """Where a whole grid lies on the original picture."""
    down, across = _axes(field, grid, pre)
    affine = geometry.input_affine(picture.size, pre)
    rings = down.rings, across.rings
    return Laid(
        geometry.to_original(
            affine, Box(*(side.edge(-side.rings[0]) for side in (down, across)), *_ends(down, across))
        ),
        geometry.to_original(affine, Box(down.low, across.low, down.high, across.high)),
        rings,
    )


def cell_box(field: Field, grid: tuple[int, int], cell: Cell, picture: Picture, pre: Preprocess) -> Box:
    """The pixels of the original picture that belong to one cell of a grid."""
    (y0, y1), (x0, x1) = (side.span(at) for side, at in zip(_axes(field, grid, pre), cell, strict=True))
    return geometry.to_original(geometry.input_affine(picture.size, pre), Box(y0, x0, y1, x1))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Cells along one side of the model's input, in its pixels; together they cover `low` to `high`."""

    middle: float  # of the first one
    jump: float
    count: int
    low: float
    high: float

    def edge(self, cell: int) -> float:
        """Where a cell begins."""
        return self.middle + (cell - 0.5) * self.jump

    def span(self, cell: int) -> tuple[float, float]:
        """What one cell covers."""
        first, last = cell == 0, cell == self.count - 1
        return self.low if first else self.edge(cell), self.high if last else self.edge(cell + 1)

    @property
    def rings(self) -> tuple[int, int]:
        """How many more cells there is room for, before and after."""
        if self.jump <= 0:
            return 0, 0
        before, after = self.edge(0) - self.low, self.high - self.edge(self.count)
        return max(math.ceil(before / self.jump), 0), max(math.ceil(after / self.jump), 0)


def _axes(field: Field, grid: tuple[int, int], pre: Preprocess) -> tuple[_Axis, _Axis]:
    f = field
    return (
        _axis(f.start_y, f.size_y, f.jump_y, grid[0], pre.height),
        _axis(f.start_x, f.size_x, f.jump_x, grid[1], pre.width),
    )


def _axis(start: float, size: float, jump: float, count: int, length: int) -> _Axis:
    middle = start + size / 2
    low = min(middle - jump / 2, start)
    high = max(middle + (count - 0.5) * jump, start + (count - 1) * jump + size)
    return _Axis(middle, jump, count, max(low, 0.0), min(high, float(length)))


def _ends(*axes: _Axis) -> tuple[float, ...]:
    return tuple(axis.edge(axis.count + axis.rings[1]) for axis in axes)
