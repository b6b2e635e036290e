"""Where the cells of an activation stand on the input: grid, receptive field and order, followed through every torch function.

A spatial tensor is either *regular* (NCHW or NHWC, cells in row-major order) or *indexed*: an int32 tensor of the activation's
own shape says which cell each element belongs to. Reindexing functions (view, permute, roll, window partition, slicing) are
simply run on that index as well, so that tokens of windowed transformers find their place without any knowledge of the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explorer.core.activations import Layout
from explorer.core.boxes import Box, ReceptiveField


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a tensor's cells stand. Exactly one of `layout` (regular) and `cells` (indexed) is set."""

    grid: tuple[int, int]
    field: ReceptiveField
    layout: Layout | None = None
    cells: Tensor | None = None
    # behind padding, whose cells are none of the map: (the field of the map's own cells, rows, columns). Windows of more
    # rows and columns than these always meet cells of the map, and what the padding repeats of it lies inside them.
    padded: tuple[ReceptiveField, int, int] | None = None
    mixed: bool = False  # the channels have different fields, and `field` covers them all

    def index(self, shape: torch.Size) -> Tensor:
        """Cell index of every element, -1 where an element belongs to none."""
        if self.cells is not None:
            return self.cells
        h, w = self.grid
        flat = torch.arange(h * w, dtype=torch.int32)
        shaped = flat.view(1, 1, h, w) if self.layout == Layout.NCHW else flat.view(1, h, w, 1)
        return shaped.expand(shape)


def input_place(shape: torch.Size) -> Provenance:
    h, w = int(shape[-2]), int(shape[-1])
    return Provenance((h, w), ReceptiveField(1, 1, 0, 0, 1, 1, within=Box(0, 0, h, w)), Layout.NCHW)


def shown(place: Provenance, size: torch.Size) -> Provenance:
    """The place as a person is told it: of the limits of its field only those inside the input of this size."""
    limits, (h, w) = place.field.within, (float(size[-2]), float(size[-1]))
    if limits is None:
        return place
    far = math.inf
    y0, x0 = limits.y0 if limits.y0 > 0 else -far, limits.x0 if limits.x0 > 0 else -far
    y1, x1 = limits.y1 if limits.y1 < h else far, limits.x1 if limits.x1 < w else far
    within = None if (y0, x0, y1, x1) == (-far, -far, far, far) else Box(y0, x0, y1, x1)
    return replace(place, field=replace(place.field, within=within))


def limited(place: Provenance) -> ReceptiveField:
    """The field within what the first and the last cell reach: what looks past them sees padding, not more of the input."""
    if place.field.within is None:
        return place.field
    first, last = place.field.box(0, 0), place.field.box(place.grid[0] - 1, place.grid[1] - 1)
    return replace(place.field, within=place.field.within.cut(Box(first.y0, first.x0, last.y1, last.x1)))


def slide(
    f: ReceptiveField, kernel: tuple[float, float], stride: tuple[float, float], pad: tuple[float, float]
) -> ReceptiveField:
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


def union(a: ReceptiveField, b: ReceptiveField) -> ReceptiveField:
    """The smallest field that covers both; whole when the grids differ."""
    if a == b:
        return a
    same = (a.jump_y, a.jump_x) == (b.jump_y, b.jump_x)
    low_y, low_x = _lower(a, b, "y"), _lower(a, b, "x")
    high_y, high_x = _higher(a, b, "y"), _higher(a, b, "x")
    within = None
    if a.within is not None and b.within is not None:
        within = Box(low_y[1], low_x[1], high_y[1], high_x[1])
    is_whole = a.whole or b.whole or not same
    return ReceptiveField(
        max(a.jump_y, b.jump_y),
        max(a.jump_x, b.jump_x),
        low_y[0],
        low_x[0],
        high_y[0] - low_y[0],
        high_x[0] - low_x[0],
        exact=a.exact and b.exact and same and all(side[2] for side in (low_y, low_x, high_y, high_x)),
        whole=is_whole,
        causal=is_whole and same and all(field.causal or not field.whole for field in (a, b)),
        within=within,
    )


Side = tuple[float, float, bool]  # where a field begins or ends, its limit, and whether one of two fields has both


def _lower(a: ReceptiveField, b: ReceptiveField, axis: str) -> Side:
    one, other = ((-getattr(f, f"start_{axis}"), -_limit(f, f"{axis}0")) for f in (a, b))
    return _outermost(one, other, -1)


def _higher(a: ReceptiveField, b: ReceptiveField, axis: str) -> Side:
    ends = ((getattr(f, f"start_{axis}") + getattr(f, f"size_{axis}"), _limit(f, f"{axis}1")) for f in (a, b))
    one, other = ends
    return _outermost(one, other, 1)


def _limit(field: ReceptiveField, side: str) -> float:
    if field.within is None:
        return -math.inf if side.endswith("0") else math.inf
    return float(getattr(field.within, side))


def _outermost(a: tuple[float, float], b: tuple[float, float], sign: int) -> Side:
    end, limit = max(a[0], b[0]), max(a[1], b[1])
    return sign * end, sign * limit, (end, limit) in (a, b)


def whole(place: Provenance) -> Provenance:
    """The same cells, each now depending on the whole input."""
    return replace(place, field=replace(place.field, whole=True, causal=False), padded=None)


def rows(place: Provenance, shape: torch.Size) -> Tensor | None:
    """Cell index of each row (all but the last dimension) when it is one cell along the last dimension, else None."""
    index = place.index(shape)
    first = index[..., :1]
    return first if bool((index == first).all()) else None


def rows_or_blocks(place: Provenance, shape: torch.Size) -> tuple[Provenance, Tensor] | None:
    """Where each row stands and its cell index: one old cell a row, or a block of them that makes a cell of a coarser grid.

    Blocks are what patches are before their linear map, and what patch merging makes.
    """
    index = rows(place, shape)
    return (place, index) if index is not None else _blocks(place, place.index(shape))


def _blocks(place: Provenance, index: Tensor) -> tuple[Provenance, Tensor] | None:
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
    return Provenance((h, w), field, cells=index, mixed=place.mixed), cells.to(torch.int32)


def _steps(values: Tensor) -> tuple[int, int, int] | None:
    """(first, step, count) of evenly spaced values, None when they are not."""
    found = torch.unique(values)
    steps = found.diff()
    if steps.numel() and bool((steps != steps[0]).any()):
        return None
    return int(found[0]), int(steps[0]) if steps.numel() else 1, int(found.numel())


def settle(index: Tensor, place: Provenance) -> Provenance | None:
    """The simplest description of a reindexed tensor: regular if its cells form a lattice, else by index; None if no cell is left."""
    if index.numel() == 0 or bool((index < 0).all()):
        return None
    # no lattice where the first dimension counts windows, each with cells of its own
    if index.dim() == 4 and bool((index >= 0).all()) and (index.shape[0] == 1 or bool((index == index[:1]).all())):
        for layout, channel in ((Layout.NCHW, 1), (Layout.NHWC, 3)):
            if layout is Layout.NHWC and _turned_map(index):
                continue
            found = _lattice(index, channel, layout, place)
            if found is not None:
                return found
    return replace(place, layout=None, cells=index.to(torch.int32), padded=None)


def _turned_map(index: Tensor) -> bool:
    """Whether (1, 1, A, B) may as well be one map whose rows and columns are about to be exchanged: every element is a cell of its
    own. To take its last dimension for channels would merge them for good."""
    one_line = index.shape[0] == index.shape[1] == 1 and index.shape[3] > 1
    return one_line and int(torch.unique(index).numel()) == index.numel()


def _lattice(index: Tensor, channel: int, layout: Layout, place: Provenance) -> Provenance | None:
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
    return Provenance((h, w), field, layout, mixed=place.mixed)


def _affine(values: Tensor, axis: int) -> bool:
    """Whether a (h, w) tensor rises by one constant step along `axis` and is constant along the other."""
    line = values.select(1 - axis, 0)
    expected = line.unsqueeze(1 - axis).expand_as(values)
    if not bool((values == expected).all()):
        return False
    steps = line.diff()
    return steps.numel() == 0 or bool((steps == steps[0]).all())


def window_field(
    place: Provenance,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    pad: tuple[int, int],
    dilation: tuple[int, int],
    count: tuple[int, int],
) -> ReceptiveField:
    """The field after a convolution or pooling with `count` rows and columns of windows."""
    extent = (dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1)
    field = limited(place)
    if place.padded is not None:
        own, rows, columns = place.padded
        if extent[0] - pad[0] > rows and extent[1] - pad[1] > columns:
            field = own
    if pad[0] >= extent[0] or pad[1] >= extent[1]:
        field = replace(field, exact=False)  # some windows lie in the padding alone
    if max(dilation) > 1:
        met = (
            ends_are_met(field, i, place.grid[i], count[i], kernel[i], stride[i], pad[i], dilation[i]) for i in (0, 1)
        )
        field = replace(field, exact=field.exact and place.padded is None and all(met))
    return slide(field, extent, stride, pad)


def ends_are_met(
    field: ReceptiveField, axis: int, cells: int, count: int, kernel: int, stride: int, pad: int, dilation: int
) -> bool:
    """Whether along rows (axis 0) or columns every window with gaps, cut off at what there is of the input, begins and ends
    with one of its own cells: where one stands past the border, the next is `dilation` cells away, and may begin after it."""
    name, (low, high) = "yx"[axis], _limits(field, axis)
    start, jump, size = (float(getattr(field, f"{word}_{name}")) for word in ("start", "jump", "size"))

    def cut(begin: int, end: int) -> tuple[float, float]:
        return max(start + begin * jump, low), min(start + end * jump + size, high)

    reach = dilation * (kernel - 1)
    least, most = 0, cells - 1  # the cells that are of the input
    if math.isfinite(low):
        least = max(least, math.floor((low - start - size) / jump) + 1)
    if math.isfinite(high):
        most = min(most, math.ceil((high - start) / jump) - 1)
    early = range(min(count, max(0, -(-(least + pad) // stride))))  # windows that begin before them
    late = range(max(len(early), (most - reach + pad) // stride + 1), count)  # and that end after them
    for number in (*early, *late):
        window = range(number * stride - pad, number * stride - pad + reach + 1, dilation)
        own = [at for at in window if least <= at <= most]
        if not own or cut(own[0], own[-1]) != cut(window[0], window[-1]):
            return False
    return True


def _limits(field: ReceptiveField, axis: int) -> tuple[float, float]:
    if field.within is None:
        return -math.inf, math.inf
    return (field.within.x0, field.within.x1) if axis else (field.within.y0, field.within.y1)


Windows = Sequence[tuple[int, int]]  # (first, past the last) old cell of each new row or column


def resampled(
    place: Provenance, layout: Layout, rows: Windows, columns: Windows, step: tuple[float, float]
) -> Provenance:
    """Cells that see these rows and columns of the old ones and stand `step` old cells apart. Exact where all windows are alike."""
    (y0, y1, same_y), (x0, x1, same_x) = _bounds(rows, step[0]), _bounds(columns, step[1])
    f = slide(limited(place), (y1 - y0, x1 - x0), step, (-y0, -x0))
    field = replace(f, exact=f.exact and same_y and same_x)
    return Provenance((len(rows), len(columns)), field, layout, mixed=place.mixed)


def _bounds(windows: Windows, step: float) -> tuple[float, float, bool]:
    """Where the windows begin and end at most, as seen from where the first stands; whether that is so of all."""
    begins = [first - i * step for i, (first, _) in enumerate(windows)]
    ends = [past - i * step for i, (_, past) in enumerate(windows)]
    alike = max(begins) - min(begins) < 1e-9 and max(ends) - min(ends) < 1e-9
    return min(begins), max(ends), alike
