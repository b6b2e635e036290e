"""How one-dimensional functions move the cells of an activation: a line of cells is a grid of one row, or of one column.

What a line stands over is read from the cells of whatever went in: the samples of a sound, tokens, one row of a picture, or whole
columns of it. A map that is read row after row is no line: its cells have no box of one size, and are not followed further.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.boxes import Box, ReceptiveField
from explorer.engine.capture.calls import Call
from explorer.engine.capture.causal_rules import recurrent
from explorer.engine.capture.dimensions import REDUCING, dims_of
from explorer.engine.capture.function_rules import RULES, Rule, reaches_its_sides
from explorer.engine.capture.function_rules import place_of as place_of_maps
from explorer.engine.capture.provenance import Provenance, ends_are_met, rows_or_blocks, settle, slide, whole


@dataclass(frozen=True, slots=True)
class CellLine:
    """Cells in a row (axis 1) or in a column (axis 0) of the input, one a step."""

    field: ReceptiveField
    count: int
    axis: int
    mixed: bool = False  # the channels have different fields

    def place(self, index: Tensor) -> Provenance:
        """`index` is the step of every element."""
        grid = (1, self.count) if self.axis else (self.count, 1)
        return Provenance(grid, self.field, cells=index.to(torch.int32), mixed=self.mixed)


def start_place(shape: torch.Size, turned: bool = False) -> Provenance | None:
    """Of an input that is no picture: each sample or token is a cell, (1, L); of (1, A, B) each pair is one, in B rows of A where
    it is `turned`."""
    if len(shape) not in (2, 3) or shape[0] != 1 or not shape.numel():
        return None
    grid = (1, int(shape[1])) if len(shape) == 2 else (int(shape[1]), int(shape[2]))
    index = torch.arange(grid[0] * grid[1], dtype=torch.int32).view(shape)
    if turned and len(shape) == 3:
        grid = grid[::-1]
        index = torch.arange(grid[0] * grid[1], dtype=torch.int32).view(1, *grid).transpose(1, 2).contiguous()
    return Provenance(grid, ReceptiveField(1, 1, 0, 0, 1, 1, within=Box(0, 0, *grid)), cells=index)


def line_of(place: Provenance, shape: torch.Size, channel: int) -> CellLine | None:
    """The line along the dimension that is neither the batch nor `channel` of a tensor of two or three dimensions.

    Elements without a cell, which padding makes, count as steps before and after. None where the cells are not evenly spaced
    in one row or column, or differ from item to item of a batch.
    """
    index = place.index(shape).movedim(channel, -1)
    if index.dim() == 3 and not bool((index == index[:1]).all()):
        return None
    rows = index if index.dim() == 2 else index[0]
    found = rows_or_blocks(replace(place, layout=None, cells=rows), rows.shape)
    return None if found is None else _along(found[0], found[1].reshape(-1))


def _along(place: Provenance, cells: Tensor) -> CellLine | None:
    standing = torch.nonzero(cells >= 0).reshape(-1)
    if not standing.numel() or int(standing[-1] - standing[0]) + 1 != standing.numel():
        return None
    first, width = int(standing[0]), place.grid[1]
    seen = cells[standing]
    down, across = _steps(seen // width), _steps(seen % width)
    if down is None or across is None or (down[1] and across[1]):
        return None
    axis = 0 if down[1] or (not across[1] and place.grid[1] == 1 and place.grid[0] > 1) else 1
    start, step = (down, across)[axis]
    if step < 0 or (seen.numel() > 1 and not step):
        return None
    step = step or 1
    offsets, steps = [-float(down[0]), -float(across[0])], [1.0, 1.0]
    offsets[axis], steps[axis] = float(first * step - start), float(step)
    field = slide(place.field, (1, 1), (steps[0], steps[1]), (offsets[0], offsets[1]))
    return CellLine(_cut(field, axis, first, int(standing[-1])), int(cells.numel()), axis, place.mixed)


def _steps(values: Tensor) -> tuple[int, int] | None:
    """(first, step) of evenly spaced values."""
    steps = values.diff()
    if steps.numel() and bool((steps != steps[0]).any()):
        return None
    return int(values[0]), int(steps[0]) if steps.numel() else 0


def _cut(field: ReceptiveField, axis: int, first: int, last: int) -> ReceptiveField:
    """Within what these steps reach: what looks past them sees padding, not more of the input."""
    if field.within is None:
        return field
    one, other = (field.box(*((0, step) if axis else (step, 0))) for step in (first, last))
    return replace(field, within=field.within.cut(Box(one.y0, one.x0, other.y1, other.x1)))


def slid(line: CellLine, extent: float, stride: float, pad: float, count: int) -> CellLine:
    """After a window of `extent` steps, of which `pad` stand before the first."""
    field = _cut(line.field, line.axis, 0, line.count - 1)
    if line.axis:
        return CellLine(slide(field, (1, extent), (1, stride), (0, pad)), count, 1, line.mixed)
    return CellLine(slide(field, (extent, 1), (stride, 1), (pad, 0)), count, 0, line.mixed)


def _number(value: Any) -> int:
    return int(value[0]) if isinstance(value, (tuple, list)) else int(value)


def _line_in(call: Call) -> CellLine | None:
    """Of the first argument, (N, C, T) or (C, T)."""
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None or source.dim() not in (2, 3) or call.out.dim() != source.dim():
        return None
    return line_of(place, source.shape, source.dim() - 2)


def _out(line: CellLine, call: Call) -> Provenance:
    return line.place(torch.arange(call.out.shape[-1], dtype=torch.int32).expand(call.out.shape))


def _gaps_end_well(line: CellLine, count: int, kernel: int, stride: int, pad: int, dilation: int) -> bool:
    field = _cut(line.field, line.axis, 0, line.count - 1)
    return dilation == 1 or ends_are_met(field, line.axis, line.count, count, kernel, stride, pad, dilation)


def convolution(call: Call) -> Provenance | None:
    line = _line_in(call)
    if line is None:
        return None
    kernel, dilation = int(call.arg(1, "weight").shape[2]), _number(call.arg(5, "dilation", 1))
    padding = call.arg(4, "padding", 0)
    if isinstance(padding, str):
        padding = dilation * (kernel - 1) // 2 if padding == "same" else 0
    extent, stride = dilation * (kernel - 1) + 1, _number(call.arg(3, "stride", 1))
    count = int(call.out.shape[-1])
    wide = slid(line, extent, stride, _number(padding), count)
    exact = wide.field.exact and reaches_its_sides(call.arg(1, "weight"))
    exact = exact and _gaps_end_well(line, count, kernel, stride, _number(padding), dilation)
    mixed = line.mixed and int(call.arg(6, "groups", 1)) > 1
    return _out(replace(wide, field=replace(wide.field, exact=exact), mixed=mixed), call)


def transposed_convolution(call: Call) -> Provenance | None:
    """Step o sees steps i with o = i*stride - padding + dilation*t, t in [0, kernel): bounded from both sides."""
    line = _line_in(call)
    if line is None:
        return None
    stride, padding = _number(call.arg(3, "stride", 1)), _number(call.arg(4, "padding", 0))
    reach = _number(call.arg(7, "dilation", 1)) * (int(call.arg(1, "weight").shape[2]) - 1)
    wide = slid(line, 1 + reach / stride, 1 / stride, (reach - padding) / stride, int(call.out.shape[-1]))
    return _out(replace(wide, field=replace(wide.field, exact=False)), call)


def pool(call: Call) -> Provenance | None:
    line = _line_in(call)
    if line is None:
        return None
    at = 2 if call.name == "lp_pool1d" else 1  # its second argument is the power
    kernel = _number(call.arg(at, "kernel_size"))
    stride = call.arg(at + 1, "stride")
    stride = kernel if stride is None or stride == () or stride == [] else _number(stride)
    padding = 0 if call.name == "lp_pool1d" else _number(call.arg(3, "padding", 0))
    dilation = _number(call.arg(4, "dilation", 1)) if "max" in call.name else 1
    count = int(call.out.shape[-1])
    wide = slid(line, dilation * (kernel - 1) + 1, stride, padding, count)
    exact = wide.field.exact and _gaps_end_well(line, count, kernel, stride, padding, dilation)
    return _out(replace(wide, field=replace(wide.field, exact=exact)), call)


def adaptive_pool(call: Call) -> Provenance | None:
    line = _line_in(call)
    if line is None:
        return None
    count = int(call.out.shape[-1])
    return _out(_resampled(line, count, 0 if line.count % count == 0 else 1), call)


def _resampled(line: CellLine, count: int, reach: int) -> CellLine:
    """Steps resampled to another number; a new one may see `reach` old ones on each side of its part. An upper bound unless 0."""
    factor = line.count / count
    wide = slid(line, math.ceil(factor) + 2 * reach, factor, reach, count)
    return replace(wide, field=replace(wide.field, exact=wide.field.exact and not reach))


def interpolate(call: Call) -> Provenance | None:
    line = _line_in(call)
    return None if line is None else _out(_resampled(line, int(call.out.shape[-1]), 1), call)


def pad(call: Call) -> Provenance | None:
    """Along the last dimension, where the steps are; elsewhere as any other."""
    widths, mode = tuple(call.arg(1, "pad")), call.arg(2, "mode", "constant")
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None:
        return None
    channel = source.dim() - 2
    index = place.index(source.shape)
    if len(widths) != 2 or bool((index != index.narrow(channel, 0, 1)).any()):
        return RULES["pad"](call)
    line = line_of(place, source.shape, channel)
    if line is None:
        return None
    left, right = widths
    count = int(call.out.shape[-1])
    if mode == "circular":
        shifted = slid(line, 1, 1, left, count)
        return whole(_out(shifted, call))
    # the line's own steps, as far inside as outside (reflect) or the last one (replicate): an upper bound
    farther = {"constant": 0, "reflect": 2}.get(mode, 1) * max(left, right, 0)
    wide = slid(line, 1 + 2 * farther, 1, left + farther, count)
    return _out(replace(wide, field=replace(wide.field, exact=wide.field.exact and not farther)), call)


def embedding(call: Call) -> Provenance | None:
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None:
        return None
    return settle(place.index(source.shape).unsqueeze(-1).expand(call.out.shape), place)


def collapsed(call: Call) -> Provenance | None:
    """Sums and statistics over dimensions that go: over whole rows or columns of a map they leave a line."""
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None or call.out.dim() == source.dim():
        return None
    gone = dims_of(call.arg(REDUCING[call.name], "dim"), source)
    index = place.index(source.shape).movedim(gone, tuple(range(-len(gone), 0))).flatten(-len(gone))
    found = rows_or_blocks(replace(place, layout=None, cells=index), index.shape)
    if found is None or found[1].shape[:-1] != call.out.shape:
        return None
    return settle(found[1][..., 0].expand(call.out.shape), replace(found[0], mixed=False))


_SEQUENCE: dict[str, Rule] = {
    "conv1d": convolution,
    "conv_transpose1d": transposed_convolution,
    **dict.fromkeys(("max_pool1d", "max_pool1d_with_indices", "avg_pool1d", "lp_pool1d"), pool),
    **dict.fromkeys(("adaptive_avg_pool1d", "adaptive_max_pool1d", "adaptive_max_pool1d_with_indices"), adaptive_pool),
    "embedding": embedding,
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), recurrent),
}
# functions of any number of dimensions, which have a rule for maps
_ALSO_LINES: dict[str, Rule] = {"interpolate": interpolate, "upsample": interpolate, "pad": pad}


def place_of(call: Call) -> Provenance | None:
    """Where the cells of a call's result stand, of maps and of lines; whole where other operands derive from the input, too."""
    rule = _SEQUENCE.get(call.name) or (_ALSO_LINES.get(call.name) if call.out.dim() < 4 else None)
    if rule is None:
        found = place_of_maps(call)
        return collapsed(call) if found is None and call.name in REDUCING else found
    place = rule(call)
    lost = place is not None and any(call.depends(tensor) for tensor in call.operands[1:])
    return whole(place) if place is not None and lost else place
