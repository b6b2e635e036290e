"""Where the cells of an activation stand on the input: grid, receptive field and order, followed through every torch function.

A spatial tensor is either *regular* (NCHW or NHWC, cells in row-major order) or *indexed*: an int32 tensor of the activation's
own shape says which cell each element belongs to. Reindexing functions (view, permute, roll, window partition, slicing) are
simply run on that index as well, so that tokens of windowed transformers find their place without any knowledge of the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.types import Field, Layout


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor's cells stand. Exactly one of `layout` (regular) and `cells` (indexed) is set."""

    grid: tuple[int, int]
    field: Field
    layout: Layout | None = None
    cells: Tensor | None = None
    # behind padding that mirrors or repeats: (the field as if it were zeros, rows, columns of padding). A window at least
    # as wide as the padding on both sides only meets cells that it covers anyway.
    mirrored: tuple[Field, int, int] | None = None

    def index(self, shape: torch.Size) -> Tensor:
        """Cell index of every element, -1 where an element belongs to none."""
        if self.cells is not None:
            return self.cells
        h, w = self.grid
        flat = torch.arange(h * w, dtype=torch.int32)
        shaped = flat.view(1, 1, h, w) if self.layout == Layout.NCHW else flat.view(1, h, w, 1)
        return shaped.expand(shape)


def input_place(shape: torch.Size) -> Place:
    h, w = int(shape[-2]), int(shape[-1])
    return Place((h, w), Field(1, 1, 0, 0, 1, 1), Layout.NCHW)


def slide(f: Field, kernel: tuple[float, float], stride: tuple[float, float], pad: tuple[float, float]) -> Field:
    """The field of a window sliding over cells that have the field `f`; kernel is the dilated extent in cells."""
    return replace(
        f,
        jump_y=f.jump_y * stride[0],
        jump_x=f.jump_x * stride[1],
        start_y=f.start_y - pad[0] * f.jump_y,
        start_x=f.start_x - pad[1] * f.jump_x,
        size_y=f.size_y + (kernel[0] - 1) * f.jump_y,
        size_x=f.size_x + (kernel[1] - 1) * f.jump_x,
    )


def union(a: Field, b: Field) -> Field:
    """The smallest field that covers both; inexact when the grids differ."""
    y0, x0 = min(a.start_y, b.start_y), min(a.start_x, b.start_x)
    same = (a.jump_y, a.jump_x) == (b.jump_y, b.jump_x)
    return Field(
        max(a.jump_y, b.jump_y),
        max(a.jump_x, b.jump_x),
        y0,
        x0,
        max(a.start_y + a.size_y, b.start_y + b.size_y) - y0,
        max(a.start_x + a.size_x, b.start_x + b.size_x) - x0,
        exact=a.exact and b.exact and same,
        whole=a.whole or b.whole or not same,
    )


def whole(place: Place) -> Place:
    """The same cells, each now depending on the whole input."""
    return replace(place, field=replace(place.field, whole=True), mirrored=None)


def rows(place: Place, shape: torch.Size) -> Tensor | None:
    """Cell index of each row (all but the last dimension) when it is one cell along the last dimension, else None."""
    index = place.index(shape)
    first = index[..., :1]
    return first if bool((index == first).all()) else None


def rows_or_blocks(place: Place, shape: torch.Size) -> tuple[Place, Tensor] | None:
    """Where each row stands and its cell index: one old cell a row, or a block of them that makes a cell of a coarser grid.

    Blocks are what patches are before their linear map, and what patch merging makes.
    """
    index = rows(place, shape)
    return (place, index) if index is not None else _blocks(place, place.index(shape))


def _blocks(place: Place, index: Tensor) -> tuple[Place, Tensor] | None:
    if bool((index < 0).any()):
        return None
    width = place.grid[1]
    row, column = index // width, index % width
    top, left = row.amin(-1, keepdim=True), column.amin(-1, keepdim=True)
    high, wide = row.amax(-1, keepdim=True) - top, column.amax(-1, keepdim=True) - left
    if int(high.min()) != int(high.max()) or int(wide.min()) != int(wide.max()):
        return None
    down, across = _steps(top), _steps(left)
    if down is None or across is None:
        return None
    (y0, step_y, h), (x0, step_x, w) = down, across
    extent = (int(high.flatten()[0]) + 1, int(wide.flatten()[0]) + 1)
    field = slide(place.field, extent, (step_y, step_x), (-y0, -x0))
    cells = (top - y0) // step_y * w + (left - x0) // step_x
    return Place((h, w), field, cells=index), cells.to(torch.int32)


def _steps(values: Tensor) -> tuple[int, int, int] | None:
    """(first, step, count) of evenly spaced values, None when they are not."""
    found = torch.unique(values)
    steps = found.diff()
    if steps.numel() and bool((steps != steps[0]).any()):
        return None
    return int(found[0]), int(steps[0]) if steps.numel() else 1, int(found.numel())


def settle(index: Tensor, place: Place) -> Place | None:
    """The simplest description of a reindexed tensor: regular if its cells form a lattice, else by index; None if no cell is left."""
    if index.numel() == 0 or bool((index < 0).all()):
        return None
    # no lattice where the first dimension counts windows, each with cells of its own
    if index.dim() == 4 and bool((index >= 0).all()) and (index.shape[0] == 1 or bool((index == index[:1]).all())):
        for layout, channel in ((Layout.NCHW, 1), (Layout.NHWC, 3)):
            found = _lattice(index, channel, layout, place)
            if found is not None:
                return found
    return Place(place.grid, place.field, cells=index.to(torch.int32))


def _lattice(index: Tensor, channel: int, layout: Layout, place: Place) -> Place | None:
    """A regular grid, when each position's cells start at (b + a*i, d + c*j) and have one extent (1 x 1, or 2 x 2 after patch merging)."""
    width = place.grid[1]
    row, column = index[0] // width, index[0] % width
    dim = channel - 1
    top, bottom = row.amin(dim), row.amax(dim)
    left, right = column.amin(dim), column.amax(dim)
    if not (_affine(top, 0) and _affine(left, 1)):
        return None
    high, wide = bottom - top, right - left
    if int(high.min()) != int(high.max()) or int(wide.min()) != int(wide.max()):
        return None
    h, w = int(top.shape[0]), int(top.shape[1])
    if (h, w) != (1, 1) and h * w > 1 and int(top.max() - top.min()) == 0 and int(left.max() - left.min()) == 0:
        return None  # one cell repeated is no grid
    step = (
        int(top[1, 0] - top[0, 0]) if h > 1 else place.grid[0],
        int(left[0, 1] - left[0, 0]) if w > 1 else place.grid[1],
    )
    if (h > 1 and step[0] <= 0) or (w > 1 and step[1] <= 0):
        return None
    field = slide(
        place.field,
        (int(high[0, 0]) + 1, int(wide[0, 0]) + 1),
        (step[0] if h > 1 else 1, step[1] if w > 1 else 1),
        (-int(top[0, 0]), -int(left[0, 0])),
    )
    return Place((h, w), field, layout)


def _affine(values: Tensor, axis: int) -> bool:
    """Whether a (h, w) tensor rises by one constant step along `axis` and is constant along the other."""
    line = values.select(1 - axis, 0)
    expected = line.unsqueeze(1 - axis).expand_as(values)
    if not bool((values == expected).all()):
        return False
    steps = line.diff()
    return steps.numel() == 0 or bool((steps == steps[0]).all())


def window_field(
    place: Place, kernel: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int], dilation: tuple[int, int]
) -> Field:
    """The field after a convolution or pooling."""
    extent = (dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1)
    field = place.field
    if place.mirrored is not None:
        nominal, rows, columns = place.mirrored
        if extent[0] - pad[0] > 2 * rows and extent[1] - pad[1] > 2 * columns:
            field = nominal
    return slide(field, extent, stride, pad)


def resized(place: Place, grid: tuple[int, int], reach: float) -> Place:
    """Cells resampled to another grid; `reach` is how many old cells a new one may see on each side. An upper bound."""
    fy, fx = place.grid[0] / grid[0], place.grid[1] / grid[1]
    f = place.field
    field = replace(
        f,
        jump_y=f.jump_y * fy,
        jump_x=f.jump_x * fx,
        start_y=f.start_y - reach * f.jump_y,
        start_x=f.start_x - reach * f.jump_x,
        size_y=f.size_y + (2 * reach + math.ceil(fy) - 1) * f.jump_y,
        size_x=f.size_x + (2 * reach + math.ceil(fx) - 1) * f.jump_x,
        exact=False,
    )
    return Place(grid, field, Layout.NCHW)
