"""Where cells stand in the model's input, and which pixels belong to which: those that lie nearest to its middle. Pure.

Where cells are patches, each covers exactly its patch. Where strided convolutions make them, cell p stands around pixel p * jump,
the middle of what it sees, and not in the middle of the p-th part of the input; the outermost ones go on to the edge of what they see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explorer.core.arrays import Array
from explorer.core.boxes import ReceptiveField


@dataclass(frozen=True, slots=True)
class CellAxis:
    """Cells along one side of the input, in its pixels; together they cover `low` to `high`."""

    middle: float  # of the first one
    jump: float
    count: int
    low: float
    high: float

    def edge(self, cell: int) -> float:
        """Where a cell begins that is as wide as those between others; also of a cell that there is not."""
        return self.middle + (cell - 0.5) * self.jump

    def span(self, cell: int) -> tuple[float, float]:
        """From where to where the pixels of a cell go."""
        first, last = cell == 0, cell == self.count - 1
        return self.low if first else self.edge(cell), self.high if last else self.edge(cell + 1)

    def rings(self) -> tuple[int, int]:
        """How many more cells of the same width there is room for, before and after."""
        if self.jump <= 0:
            return 0, 0
        before, after = self.edge(0) - self.low, self.high - self.edge(self.count)
        return max(math.ceil(before / self.jump), 0), max(math.ceil(after / self.jump), 0)

    def cells(self, pixels: int) -> Array:
        """(pixels,) int64: the cell of each pixel, -1 where none reaches."""
        middles = np.arange(pixels) + 0.5
        found = np.zeros(pixels, np.int64) if self.jump <= 0 else np.floor((middles - self.edge(0)) / self.jump)
        inside = (middles >= self.low) & (middles < self.high)
        cells: Array = np.where(inside, np.clip(found, 0, self.count - 1), -1).astype(np.int64)
        return cells


def nearest_cell(field: ReceptiveField, grid: tuple[int, int], at: tuple[float, float]) -> tuple[int, int]:
    """The cell (row, column) whose middle is nearest to a point (y, x) of the input tensor; halfway the later one.

    Pixels without a cell of their own, at an edge, belong to the outermost one.
    """
    row = _nearest(at[0] - field.start_y - field.size_y / 2, field.jump_y, grid[0])
    return row, _nearest(at[1] - field.start_x - field.size_x / 2, field.jump_x, grid[1])


def _nearest(way: float, jump: float, count: int) -> int:
    return min(max(math.floor(way / jump + 0.5) if jump > 0 else 0, 0), count - 1)


def middle_of(field: ReceptiveField, cell: tuple[int, int]) -> tuple[float, float]:
    """The point (y, x) of the input tensor that is the middle of a cell's field."""
    y, x = field.start_y + cell[0] * field.jump_y, field.start_x + cell[1] * field.jump_x
    return y + field.size_y / 2, x + field.size_x / 2


def sides(field: ReceptiveField, grid: tuple[int, int], size: tuple[int, int]) -> tuple[CellAxis, CellAxis]:
    """(down, across) of a grid (rows, columns) whose cells stand as `field` says, over an input of `size` (height, width)."""
    f = field
    return (
        _side(f.start_y, f.size_y, f.jump_y, grid[0], size[0]),
        _side(f.start_x, f.size_x, f.jump_x, grid[1], size[1]),
    )


def _side(start: float, size: float, jump: float, count: int, length: int) -> CellAxis:
    middle = start + size / 2
    low = min(middle - jump / 2, start)
    high = max(middle + (count - 0.5) * jump, start + (count - 1) * jump + size)
    return CellAxis(middle, jump, count, max(low, 0.0), min(high, float(length)))
