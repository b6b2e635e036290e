"""Clips and volumes: each channel has several slices, which are laid side by side as one map of that channel. Pure.

Slice d of a channel stands at row d // across and column d % across of the slices; a cell of the tap is a cell of that map.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from explorer.core.activations import Layout
from explorer.core.arrays import Array

MAPPED = frozenset((Layout.NCHW, Layout.NHWC, Layout.NCDHW))


@dataclass(frozen=True, slots=True)
class Slices:
    """`count` slices of `height` × `width` cells, so many `across` in a row."""

    count: int
    height: int
    width: int

    @property
    def across(self) -> int:
        """The smallest divisor from which on there are not more rows than columns."""
        least = isqrt(max(self.count - 1, 0)) + 1
        return next((k for k in range(least, self.count + 1) if self.count % k == 0), 1)

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of the map of a channel."""
        return max(self.count // self.across, 1) * self.height, self.across * self.width

    def at(self, cell: tuple[int, int]) -> tuple[int, int, int]:
        """(slice, row, column) of a cell of the map."""
        down, y = divmod(cell[0], self.height)
        right, x = divmod(cell[1], self.width)
        return down * self.across + right, y, x

    def tiled(self, values: Array) -> Array:
        """(C, count, height, width) as (C, rows, columns)."""
        rows = max(self.count // self.across, 1)
        apart = values.reshape(len(values), rows, self.across, self.height, self.width)
        tiled: Array = apart.transpose(0, 1, 3, 2, 4).reshape(len(values), *self.grid)
        return tiled


def slices_of(layout: Layout, shape: tuple[int, ...]) -> Slices | None:
    """Of a volume (1, C, D, H, W), or of maps (D, C, H, W) whose first dimension is no batch; None for all else."""
    if layout is Layout.NCDHW:
        return Slices(shape[2], shape[3], shape[4])
    if layout is Layout.NCHW and shape and shape[0] != 1:
        return Slices(shape[0], shape[2], shape[3])
    return None


def grid_of(layout: Layout, shape: tuple[int, ...]) -> tuple[int, int]:
    """(rows, columns) of the maps of a tensor of this layout, which is one of `MAPPED`."""
    slices = slices_of(layout, shape)
    if slices is not None:
        return slices.grid
    return (shape[1], shape[2]) if layout is Layout.NHWC else (shape[2], shape[3])
