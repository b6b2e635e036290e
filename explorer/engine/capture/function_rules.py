"""How each torch function moves the cells of an activation: one small rule a function, and the safe answer for the rest.

A function without a rule that returns an activation of the same shape keeps the cells but marks them as seeing the whole
input; one that changes the shape loses them. Nothing is ever claimed to see less than it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.activations import Layout
from explorer.core.boxes import ReceptiveField
from explorer.engine.capture.calls import Call, getter, pair, tensors
from explorer.engine.capture.causal_rules import ATTENTION, attention
from explorer.engine.capture.dimensions import (
    ALONG,
    REDUCING,
    SORTING,
    added_product,
    along,
    gated,
    last_dimension,
    layer_norm,
    reduction,
)
from explorer.engine.capture.provenance import Provenance, limited, resampled, settle, slide, union, whole, window_field
from explorer.engine.capture.writes import copied

Rule = Callable[[Call], "Provenance | None"]

# no gradient passes: what is claimed of the cells is an upper bound
STEPS = frozenset(
    """floor round ceil trunc sign frac gt lt ge le eq ne greater less greater_equal less_equal not_equal __gt__ __lt__ __ge__ __le__ __eq__
    __ne__ logical_and logical_or logical_not logical_xor bitwise_and bitwise_or bitwise_not bitwise_xor __and__ __or__ __invert__ isnan
    isinf isfinite quantize_per_tensor dequantize bool int long byte short char bernoulli bernoulli_ detach floor_divide
    __floordiv__ __rfloordiv__""".split()
)
POINTWISE = STEPS | frozenset(
    """relu relu_ relu6 hardtanh hardtanh_ gelu silu hardswish hardsigmoid sigmoid sigmoid_ tanh tanh_ elu elu_ celu selu leaky_relu
    leaky_relu_ prelu rrelu mish softplus softsign logsigmoid threshold threshold_ dropout dropout_ dropout1d dropout2d dropout3d
    alpha_dropout feature_alpha_dropout batch_norm add add_ sub sub_ mul mul_ div div_ true_divide rsub neg pow pow_ sqrt rsqrt exp exp_ log
    log1p abs square reciprocal clamp clamp_ clamp_min clamp_max clip clip_ where maximum minimum erf sin cos lerp addcmul addcdiv
    __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__ __truediv__ __rtruediv__ __itruediv__ __div__ __idiv__
    __pow__ __rpow__ __ipow__ __neg__ contiguous clone to float half double bfloat16 type type_as requires_grad_ cpu cuda
    nan_to_num masked_fill masked_fill_ stochastic_depth
    hardswish_ hardsigmoid_ silu_ mish_ selu_ celu_ rrelu_ relu6_ square_ sqrt_ rsqrt_ neg_ abs_ reciprocal_ log_ log2 log10 expm1 exp2
    sinh cosh tan asin acos atan asinh acosh atanh atan2 erfc expit logit sigmoid hypot logaddexp fmax fmin fmod remainder __mod__
    subtract multiply divide negative absolute arctan hardshrink softshrink tanhshrink lerp_ addcmul_ addcdiv_ clamp_min_ clamp_max_
    maximum_ xlogy sinc alpha_dropout_""".split()
)
REINDEX = frozenset(
    """view reshape permute transpose movedim moveaxis swapaxes swapdims flatten unflatten unsqueeze squeeze expand repeat roll flip
    __getitem__ select narrow slice chunk split unbind t index_select gather view_as reshape_as tensor_split pixel_unshuffle expand_as
    rot90 unfold T __get__ permute_copy tile repeat_interleave fliplr flipud hsplit vsplit dsplit split_with_sizes ravel
    channel_shuffle unsqueeze_ squeeze_ broadcast_to adjoint""".split()
)
# the other argument only says a shape or a type
LIKE = frozenset("view_as reshape_as expand_as type_as".split())


def _covers(place: Provenance, tensor: Tensor, out: Tensor) -> bool:
    """Whether an operand that is broadcast over channels alone has the cells of the result."""
    if place.layout is None or tensor.dim() != out.dim():
        return False
    sides = (2, 3) if place.layout == Layout.NCHW else (1, 2)
    return all(tensor.shape[side] == out.shape[side] for side in sides)


def _same_cells(a: Provenance, b: Provenance) -> bool:
    if a.grid != b.grid or a.layout != b.layout:
        return False
    if a.layout is not None or a.cells is b.cells:
        return True
    assert a.cells is not None
    assert b.cells is not None
    return a.cells.shape == b.cells.shape and torch.equal(a.cells, b.cells)


def pointwise(call: Call) -> Provenance | None:
    """Each cell of the result depends on the same cells of all operands; on all of them where the operands' cells differ."""
    found = [(tensor, call.place(tensor)) for tensor in call.operands]
    placed = [(tensor, place) for tensor, place in found if place is not None]
    standing = [place for tensor, place in placed if tensor.shape == call.out.shape]
    standing += [p for t, p in placed if t.shape != call.out.shape and _covers(p, t, call.out)]
    if not standing:
        return None
    result = standing[0]
    if len(standing) < len(placed) or not all(_same_cells(result, other) for other in standing[1:]):
        return whole(result)
    for other in standing[1:]:
        if other is not result:
            joined, mixed = union(result.field, other.field), result.mixed or other.mixed
            result = replace(result, field=joined, padded=None, mixed=mixed)
    return _at_most(result) if call.name in STEPS else result


def _at_most(place: Provenance) -> Provenance:
    return replace(place, field=replace(place.field, exact=False))


def foreach(call: Call) -> Provenance | None:
    """`torch._foreach_*`: the function on each tensor of a list, with that of the other lists at the same position."""
    at = call.position
    args = tuple(a[at] if isinstance(a, (list, tuple)) and len(a) > at else a for a in call.args)
    return pointwise(replace(call, args=args))


def extremum(call: Call) -> Provenance | None:
    """max and min of two tensors, or along dimensions."""
    return pointwise(call) if len(call.operands) > 1 else reduction(call)


def batch_norm(call: Call) -> Provenance | None:
    place = pointwise(call)
    return whole(place) if place is not None and call.arg(5, "training", False) else place


def _same_padding(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    return dilation[0] * (kernel[0] - 1) // 2, dilation[1] * (kernel[1] - 1) // 2


def _size(maps: Tensor) -> tuple[int, int]:
    return int(maps.shape[2]), int(maps.shape[3])


def convolution(call: Call) -> Provenance | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    weight = call.arg(1, "weight")
    kernel = (int(weight.shape[2]), int(weight.shape[3]))
    stride, dilation = pair(call.arg(3, "stride", 1)), pair(call.arg(5, "dilation", 1))
    padding = call.arg(4, "padding", 0)
    if isinstance(padding, str):
        padding = _same_padding(kernel, dilation) if padding == "same" else 0
    field = window_field(place, kernel, stride, pair(padding), dilation, _size(call.out))
    if not reaches_its_sides(weight):
        field = replace(field, exact=False)
    mixed = place.mixed and int(call.arg(6, "groups", 1)) > 1
    return Provenance(_size(call.out), field, Layout.NCHW, mixed=mixed)


def reaches_its_sides(weight: Tensor) -> bool:
    """Whether no side of a kernel is all zeros, as those of masked convolutions are."""
    sides = [weight.select(dim, at) for dim in range(2, weight.dim()) for at in (0, -1)]
    return all(bool((side != 0).any()) for side in sides)


def transposed_convolution(call: Call) -> Provenance | None:
    """Cell o sees inputs i with o = i*stride - padding + dilation*t, t in [0, kernel)."""
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    weight = call.arg(1, "weight")
    stride, padding, dilation = (
        pair(call.arg(*at)) for at in ((3, "stride", 1), (4, "padding", 0), (7, "dilation", 1))
    )
    rows, columns = (
        _contributions(
            place.grid[i], int(call.out.shape[2 + i]), int(weight.shape[2 + i]), stride[i], padding[i], dilation[i]
        )
        for i in (0, 1)
    )
    found = resampled(place, Layout.NCHW, rows, columns, (1 / stride[0], 1 / stride[1]))
    return found if int(call.arg(6, "groups", 1)) > 1 else replace(found, mixed=False)


def _contributions(old: int, new: int, kernel: int, stride: int, padding: int, dilation: int) -> list[tuple[int, int]]:
    """(first, past the last) old cell that each new one is a sum of; where it is of none, none of the map."""
    firsts, pasts = [old] * new, [0] * new
    for i in range(old):
        for t in range(kernel):
            o = i * stride - padding + dilation * t
            if 0 <= o < new:
                firsts[o], pasts[o] = min(firsts[o], i), max(pasts[o], i + 1)
    near = ((o + padding) // stride for o in range(new))
    return [(f, p) if f < p else (n, n) for f, p, n in zip(firsts, pasts, near, strict=True)]


def pool(call: Call) -> Provenance | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    kernel = pair(call.arg(1, "kernel_size"))
    stride = pair(call.arg(2, "stride") or kernel)
    # average pooling has no dilation: its fifth argument is ceil_mode
    dilation = pair(call.arg(4, "dilation", 1)) if "max" in call.name else (1, 1)
    field = window_field(place, kernel, stride, pair(call.arg(3, "padding", 0)), dilation, _size(call.out))
    return Provenance(_size(call.out), field, Layout.NCHW, mixed=place.mixed)


def adaptive_pool(call: Call) -> Provenance | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    sides = zip(place.grid, call.out.shape[2:], strict=True)
    rows, columns = ([(i * old // new, -(-(i + 1) * old // new)) for i in range(new)] for old, new in sides)
    return resampled(place, Layout.NCHW, rows, columns, (place.grid[0] / len(rows), place.grid[1] / len(columns)))


def interpolate(call: Call) -> Provenance | None:
    """The very function on pictures of one bright row says which rows it takes from which."""
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    sides = [_taken(call, i, place.grid[i], int(call.out.shape[2 + i])) for i in (0, 1)]
    step = (place.grid[0] / len(sides[0]), place.grid[1] / len(sides[1]))
    return resampled(place, Layout.NCHW, sides[0], sides[1], step)


def _taken(call: Call, axis: int, old: int, new: int) -> list[tuple[int, int]]:
    scale = call.arg(2, "scale_factor")
    asked: dict[str, Any] = {"size": (new, 1)}
    if call.arg(1, "size") is None and scale is not None:
        factor = scale[axis] if isinstance(scale, (tuple, list)) else scale
        asked = {"scale_factor": (float(factor), 1.0), "recompute_scale_factor": call.arg(5, "recompute_scale_factor")}
    mode = call.arg(3, "mode", "nearest")
    if mode in ("bilinear", "bicubic"):
        asked |= {"align_corners": call.arg(4, "align_corners"), "antialias": bool(call.arg(6, "antialias", False))}
    with torch._C.DisableTorchFunction():
        bright = torch.eye(old, dtype=torch.float64).reshape(old, 1, old, 1)
        rows = torch.nn.functional.interpolate(bright, mode=mode, **asked)
    takes = rows.reshape(old, new) != 0
    firsts, lasts = takes.int().argmax(0).tolist(), takes.flip(0).int().argmax(0).tolist()
    # the outermost weights of a smoothing kernel are zero or not by rounding
    more = 1 if asked.get("antialias") else 0
    return [(max(0, first - more), min(old, old - last + more)) for first, last in zip(firsts, lasts, strict=True)]


def pixel_shuffle(call: Call) -> Provenance | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW:
        return None
    r = int(call.arg(1, "upscale_factor"))
    rows, columns = ([(i // r, i // r + 1) for i in range(side * r)] for side in place.grid)
    return resampled(place, Layout.NCHW, rows, columns, (1 / r, 1 / r))


def pad(call: Call) -> Provenance | None:
    source = call.arg(0, "input")
    place, widths, mode = call.place(source), tuple(call.arg(1, "pad")), call.arg(2, "mode", "constant")
    if place is None:
        return None
    if place.layout == Layout.NCHW and len(widths) == 4 and not (mode != "constant" and min(widths) < 0):
        return _padded(place, widths, mode)
    if place.layout == Layout.NCHW and len(widths) == 2 and mode == "constant":
        return _padded(place, (*widths, 0, 0), mode)
    if mode != "constant":
        return None
    index = torch.nn.functional.pad(place.index(source.shape), widths, value=-1)
    return settle(index, replace(place, field=replace(place.field, exact=False)))


def _padded(place: Provenance, widths: tuple[int, ...], mode: str) -> Provenance:
    """Padding by a constant or by the map's own cells: the nearest (replicate), as far inside as outside (reflect), or from
    the other end."""
    left, right, top, bottom = widths
    h, w = (place.grid[0] + min(top, 0) + min(bottom, 0), place.grid[1] + min(left, 0) + min(right, 0))
    kept = replace(place, grid=(h, w), field=slide(place.field, (1, 1), (1, 1), (min(top, 0), min(left, 0))))
    left, right, top, bottom = (max(n, 0) for n in widths)
    grid = (h + top + bottom, w + left + right)
    own = slide(limited(kept), (1, 1), (1, 1), (top, left))
    if mode == "circular":
        return whole(replace(kept, grid=grid, field=own))
    farther = {"reflect": 2, "replicate": 1}.get(mode, 0)
    rows, columns = max(top, bottom), max(left, right)
    if not (rows or columns):
        return kept
    field = _wider(own, farther * rows, farther * columns)
    # a window must not lie in the padding alone, and must cover what the padding repeats
    least = (2 * rows, 2 * columns) if farther else (rows, columns)
    return replace(kept, grid=grid, field=field, padded=(own, *least))


def _wider(field: ReceptiveField, rows: int, columns: int) -> ReceptiveField:
    return replace(slide(field, (1 + 2 * rows, 1 + 2 * columns), (1, 1), (rows, columns)), exact=False)


def concatenate(call: Call) -> Provenance | None:
    """Along channels: the union of the fields. Along tokens: cells one after the other, prefix tokens without a cell."""
    return _joined(call, list(tensors((call.arg(0, "tensors"),))), int(call.arg(1, "dim", 0)))


def stacked(call: Call) -> Provenance | None:
    """As `concatenate`, along a new dimension."""
    dim = int(call.arg(1, "dim", 0)) % call.out.dim()
    return _joined(call, list(tensors((call.arg(0, "tensors"),))), dim, new=True)


def _joined(call: Call, parts: list[Tensor], dim: int, new: bool = False) -> Provenance | None:
    places = [call.place(part) for part in parts]
    known = [place for place in places if place is not None]
    if not known or any(place.grid != known[0].grid for place in known):
        return None
    field = known[0].field
    for place in known[1:]:
        field = union(field, place.field)
    mixed = any(place.mixed or place.field != field for place in known) or len(known) < len(parts)
    base = replace(known[0], field=field, padded=None, mixed=mixed)
    dim %= call.out.dim()
    channels = base.layout is not None and not new and dim == (1 if base.layout == Layout.NCHW else call.out.dim() - 1)
    if channels and all(place.layout == base.layout for place in known):
        return base
    if mixed and not (channels or new):  # some cells have the smaller field
        base = _at_most(base)
    indices = [
        place.index(part.shape) if place is not None else torch.full(part.shape, -1, dtype=torch.int32)
        for part, place in zip(parts, places, strict=True)
    ]
    return settle(torch.stack(indices, dim) if new else torch.cat(indices, dim), base)


def matrix_product(call: Call) -> Provenance | None:
    """Rows keep their cells and see everything."""
    place = last_dimension(call)
    return None if place is None else whole(place)


def same_cells_whole(call: Call) -> Provenance | None:
    """Statistics over the picture: the same cells, each seeing all."""
    place = pointwise(call)
    return None if place is None else whole(place)


def reindex(call: Call) -> Provenance | None:
    """Runs the very function on the cell index."""
    source = next(iter(call.operands), None)
    place = call.place(source) if source is not None else None
    if source is None or place is None:
        return None
    others = [t for t in call.operands if t is not source] if call.name not in LIKE else []
    if any(call.depends(other) for other in others):
        return None  # which cell goes where depends on the values
    # the index may be laid out otherwise in memory than the tensor, which `view` does not forgive
    index = place.index(source.shape).contiguous() if call.name == "view" else place.index(source.shape)
    swapped = tuple(index if arg is source else arg for arg in call.args)
    named = {name: index if arg is source else arg for name, arg in call.kwargs.items() if name != "out"}
    with torch._C.DisableTorchFunction():
        result = call.func(*swapped, **named)
    found = list(tensors((result,)))[call.position]
    if found.shape != call.out.shape:
        return None
    if (place.mixed and found.numel() < index.numel()) or getter(call.func) == "data":
        place = _at_most(
            place
        )  # the channels that are left may have the smaller field; through `.data` goes no gradient
    return settle(found, place)


RULES: dict[str, Rule] = {
    **dict.fromkeys(POINTWISE, pointwise),
    **dict.fromkeys(REINDEX, reindex),
    "batch_norm": batch_norm,
    **dict.fromkeys(("conv2d", "_conv_forward"), convolution),
    "conv_transpose2d": transposed_convolution,
    **dict.fromkeys(("max_pool2d", "avg_pool2d", "max_pool2d_with_indices"), pool),
    **dict.fromkeys(("adaptive_avg_pool2d", "adaptive_max_pool2d"), adaptive_pool),
    **dict.fromkeys(("interpolate", "upsample"), interpolate),
    "pixel_shuffle": pixel_shuffle,
    "pad": pad,
    **dict.fromkeys(("cat", "concat", "concatenate"), concatenate),
    "stack": stacked,
    "copy_": copied,
    "linear": last_dimension,
    "addmm": added_product,
    **dict.fromkeys(("layer_norm", "rms_norm"), layer_norm),
    **dict.fromkeys(
        "matmul bmm __matmul__ flex_attention".split(),
        matrix_product,
    ),
    **dict.fromkeys(ATTENTION, attention),
    **dict.fromkeys(("group_norm", "instance_norm"), same_cells_whole),
    **dict.fromkeys(REDUCING, reduction),
    **dict.fromkeys(("max", "min"), extremum),
    **dict.fromkeys(ALONG, along),
    **dict.fromkeys(SORTING, lambda _: None),
    "glu": gated,
}
# rules that look at all tensors among the arguments; the others look at the first
_JOINT = (pointwise, foreach, batch_norm, extremum, concatenate, stacked, same_cells_whole, added_product)


def rule_of(name: str) -> Rule:
    """The rule of a function, the safe answer where it has none."""
    return RULES.get(name) or (foreach if name.startswith("_foreach_") else same_cells_whole)


def place_of(call: Call) -> Provenance | None:
    """Where the cells of a call's result stand; whole where a part of it derives from the input in a way that is not known."""
    rule = rule_of(call.name)
    place = rule(call)
    if place is None or call.name in LIKE:
        return place
    if rule in _JOINT:
        lost = any(call.place(t) is None and not call.constant(t) for t in call.operands)
    elif call.name == "copy_" or rule is attention:
        lost = False
    else:
        lost = any(call.depends(t) for t in call.operands[1:])
    return whole(place) if lost else place
