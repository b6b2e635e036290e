"""How each torch function moves the cells of an activation: one small rule a function, and the safe answer for the rest.

A function without a rule that returns an activation of the same shape keeps the cells but marks them as seeing the whole
input; one that changes the shape loses them. Nothing is ever claimed to see less than it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from explorer.core.types import Layout
from explorer.engine.provenance import Place, resized, rows_or_blocks, settle, slide, union, whole, window_field

PlaceOf = Callable[[Tensor], "Place | None"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a torch function: what it is named, what went in and what came out."""

    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out: Tensor
    place: PlaceOf
    position: int = 0  # of `out` among the tensors the function returned

    def arg(self, position: int, name: str, default: Any = None) -> Any:
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if len(self.args) > position else default


Rule = Callable[[Call], "Place | None"]

POINTWISE = frozenset(
    """relu relu_ relu6 hardtanh hardtanh_ gelu silu hardswish hardsigmoid sigmoid sigmoid_ tanh tanh_ elu elu_ celu selu leaky_relu
    leaky_relu_ prelu rrelu mish softplus softsign logsigmoid threshold threshold_ dropout dropout_ dropout1d dropout2d dropout3d
    alpha_dropout feature_alpha_dropout batch_norm add add_ sub sub_ mul mul_ div div_ true_divide rsub neg pow pow_ sqrt rsqrt exp exp_ log
    log1p abs square reciprocal clamp clamp_ clamp_min clamp_max clip clip_ where maximum minimum erf sin cos lerp addcmul addcdiv
    __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__ __truediv__ __rtruediv__ __itruediv__ __div__ __idiv__
    __pow__ __neg__ contiguous clone detach to float half double bfloat16 type type_as requires_grad_ cpu cuda
    nan_to_num masked_fill masked_fill_ bernoulli_ floor round stochastic_depth""".split()
)
REINDEX = frozenset(
    """view reshape permute transpose movedim moveaxis swapaxes swapdims flatten unflatten unsqueeze squeeze expand repeat roll flip
    __getitem__ select narrow slice chunk split unbind t index_select gather view_as reshape_as tensor_split pixel_unshuffle expand_as
    rot90 unfold T __get__ permute_copy""".split()
)


def tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    """All tensors among arguments, also inside lists, tuples and dicts."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors(value)
        elif isinstance(value, dict):
            yield from tensors(value.values())


def pair(value: Any) -> tuple[int, int]:
    """(y, x) of an int or a sequence; for one-dimensional convolutions y is 1-like and given by the caller."""
    if isinstance(value, (tuple, list, torch.Size)):
        return (int(value[0]), int(value[1])) if len(value) > 1 else (int(value[0]), int(value[0]))
    return int(value), int(value)


def pointwise(call: Call) -> Place | None:
    """Each cell of the result depends on the same cells of all operands."""
    result: Place | None = None
    mixed = False
    for tensor in tensors((*call.args, *call.kwargs.values())):
        place = call.place(tensor)
        if place is None:
            continue
        if tensor.shape != call.out.shape:
            # a broadcast value for each channel or cell (squeeze and excitation, layer scale) that itself saw the input
            mixed = True
        elif result is None:
            result = place
        elif result.grid == place.grid:
            result = replace(result, field=union(result.field, place.field), mirrored=None)
        else:
            mixed = True
    return whole(result) if result is not None and mixed else result


def _same_padding(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    return dilation[0] * (kernel[0] - 1) // 2, dilation[1] * (kernel[1] - 1) // 2


def convolution(call: Call) -> Place | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    weight = call.arg(1, "weight")
    kernel = (int(weight.shape[2]), int(weight.shape[3]))
    stride, dilation = pair(call.arg(3, "stride", 1)), pair(call.arg(5, "dilation", 1))
    padding = call.arg(4, "padding", 0)
    if isinstance(padding, str):
        padding = _same_padding(kernel, dilation) if padding == "same" else 0
    field = window_field(place, kernel, stride, pair(padding), dilation)
    return Place((int(call.out.shape[2]), int(call.out.shape[3])), field, Layout.NCHW)


def transposed_convolution(call: Call) -> Place | None:
    """Cell o sees inputs i with o = i*stride - padding + dilation*t, t in [0, kernel): bounded from both sides."""
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    weight = call.arg(1, "weight")
    stride, padding = pair(call.arg(3, "stride", 1)), pair(call.arg(4, "padding", 0))
    dilation = pair(call.arg(7, "dilation", 1))
    reach = [dilation[i] * (int(weight.shape[2 + i]) - 1) for i in (0, 1)]
    f = place.field
    field = replace(
        f,
        jump_y=f.jump_y / stride[0],
        jump_x=f.jump_x / stride[1],
        start_y=f.start_y + (padding[0] - reach[0]) / stride[0] * f.jump_y,
        start_x=f.start_x + (padding[1] - reach[1]) / stride[1] * f.jump_x,
        size_y=f.size_y + reach[0] / stride[0] * f.jump_y,
        size_x=f.size_x + reach[1] / stride[1] * f.jump_x,
        exact=False,
    )
    return Place((int(call.out.shape[2]), int(call.out.shape[3])), field, Layout.NCHW)


def pool(call: Call) -> Place | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    kernel = pair(call.arg(1, "kernel_size"))
    stride = pair(call.arg(2, "stride") or kernel)
    # average pooling has no dilation: its fifth argument is ceil_mode
    dilation = pair(call.arg(4, "dilation", 1)) if "max" in call.name else (1, 1)
    field = window_field(place, kernel, stride, pair(call.arg(3, "padding", 0)), dilation)
    return Place((int(call.out.shape[2]), int(call.out.shape[3])), field, Layout.NCHW)


def adaptive_pool(call: Call) -> Place | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    grid = (int(call.out.shape[2]), int(call.out.shape[3]))
    if place.grid[0] % grid[0] or place.grid[1] % grid[1]:
        return resized(place, grid, 1)
    step = (place.grid[0] // grid[0], place.grid[1] // grid[1])
    return Place(grid, slide(place.field, step, step, (0, 0)), Layout.NCHW)


def interpolate(call: Call) -> Place | None:
    place = call.place(call.arg(0, "input"))
    if place is None or place.layout != Layout.NCHW or call.out.dim() != 4:
        return None
    reach = 2 if call.arg(3, "mode", "nearest") == "bicubic" else 1
    return resized(place, (int(call.out.shape[2]), int(call.out.shape[3])), reach)


def pad(call: Call) -> Place | None:
    place = call.place(call.arg(0, "input"))
    if place is None:
        return None
    widths = tuple(call.arg(1, "pad"))
    if call.arg(2, "mode", "constant") != "constant":
        return _mirrored(place, widths, call.arg(2, "mode"))
    if place.layout == Layout.NCHW and len(widths) >= 4:
        grid = (place.grid[0] + widths[2] + widths[3], place.grid[1] + widths[0] + widths[1])
        return Place(grid, slide(place.field, (1, 1), (1, 1), (widths[2], widths[0])), Layout.NCHW)
    index = torch.nn.functional.pad(place.index(call.args[0].shape), widths, value=-1)
    return settle(index, place)


def _mirrored(place: Place, widths: tuple[int, ...], mode: str) -> Place | None:
    """Padding by the map's own cells: the nearest (replicate), as far inside as outside (reflect), or from the other end."""
    if place.layout != Layout.NCHW or len(widths) != 4 or min(widths) < 0:
        return None
    left, right, top, bottom = widths
    grid = (place.grid[0] + top + bottom, place.grid[1] + left + right)
    nominal = slide(place.field, (1, 1), (1, 1), (top, left))
    if mode == "circular":
        return whole(Place(grid, nominal, Layout.NCHW))
    rows, columns = max(top, bottom), max(left, right)
    farther = 2 if mode == "reflect" else 1
    field = replace(
        nominal,
        start_y=nominal.start_y - farther * rows * nominal.jump_y,
        start_x=nominal.start_x - farther * columns * nominal.jump_x,
        size_y=nominal.size_y + 2 * farther * rows * nominal.jump_y,
        size_x=nominal.size_x + 2 * farther * columns * nominal.jump_x,
        exact=False,
    )
    return Place(grid, field, Layout.NCHW, mirrored=(nominal, rows, columns))


def concatenate(call: Call) -> Place | None:
    """Along channels: the union of the fields. Along tokens: cells one after the other, prefix tokens without a cell."""
    parts = list(tensors((call.arg(0, "tensors"),)))
    places = [call.place(part) for part in parts]
    known = [place for place in places if place is not None]
    if not known:
        return None
    base = known[0]
    if any(place.grid != base.grid for place in known):
        return None
    field = base.field
    for place in known[1:]:
        field = union(field, place.field)
    base = replace(base, field=field, mirrored=None)
    dim = int(call.arg(1, "dim", 0)) % call.out.dim()
    regular = all(place is not None and place.layout == base.layout for place in places)
    if regular and base.layout and dim == (1 if base.layout == Layout.NCHW else call.out.dim() - 1):
        return base
    indices = [
        place.index(part.shape) if place is not None else torch.full(part.shape, -1, dtype=torch.int32)
        for part, place in zip(parts, places, strict=True)
    ]
    return settle(torch.cat(indices, dim), base)


def last_dimension(call: Call) -> Place | None:
    """Linear maps over the last dimension: a row keeps its cell; without one cell a row the cells are mixed."""
    source = call.arg(0, "input")
    place = call.place(source) if isinstance(source, Tensor) else None
    if place is None:
        return None
    found = rows_or_blocks(place, source.shape)
    if found is None or found[1].shape[:-1] != call.out.shape[:-1]:
        return None
    standing, index = found
    return settle(index.expand(call.out.shape), standing)


def matrix_product(call: Call) -> Place | None:
    """Rows keep their cells and see everything: attention."""
    place = last_dimension(call)
    return None if place is None else whole(place)


def same_cells_whole(call: Call) -> Place | None:
    """Statistics over the picture: the same cells, each seeing all."""
    place = pointwise(call)
    return None if place is None else whole(place)


def softmax(call: Call) -> Place | None:
    source = call.arg(0, "input")
    place = call.place(source)
    if place is None:
        return None
    dim = int(call.arg(1, "dim", -1)) % source.dim()
    channel = {Layout.NCHW: 1, Layout.NHWC: 3}.get(place.layout) if place.layout else source.dim() - 1
    return place if dim == channel else whole(place)


def reindex(call: Call) -> Place | None:
    """Runs the very function on the cell index."""
    source = next(tensors(call.args), None)
    place = call.place(source) if source is not None else None
    if source is None or place is None:
        return None
    # the index may be laid out otherwise in memory than the tensor, which `view` does not forgive
    index = place.index(source.shape).contiguous() if call.name == "view" else place.index(source.shape)
    swapped = tuple(index if arg is source else arg for arg in call.args)
    with torch._C.DisableTorchFunction():
        result = call.func(*swapped, **call.kwargs)
    found = list(tensors((result,)))[call.position]
    return settle(found, place) if found.shape == call.out.shape else None


def fallback(call: Call) -> Place | None:
    return same_cells_whole(call)


RULES: dict[str, Rule] = {
    **dict.fromkeys(POINTWISE, pointwise),
    **dict.fromkeys(REINDEX, reindex),
    **dict.fromkeys(("conv2d", "_conv_forward"), convolution),
    "conv_transpose2d": transposed_convolution,
    **dict.fromkeys(("max_pool2d", "avg_pool2d", "max_pool2d_with_indices"), pool),
    **dict.fromkeys(("adaptive_avg_pool2d", "adaptive_max_pool2d"), adaptive_pool),
    **dict.fromkeys(("interpolate", "upsample"), interpolate),
    "pad": pad,
    **dict.fromkeys(("cat", "concat", "concatenate"), concatenate),
    **dict.fromkeys(("linear", "layer_norm", "rms_norm"), last_dimension),
    **dict.fromkeys(
        ("matmul", "bmm", "__matmul__", "scaled_dot_product_attention", "multi_head_attention_forward"), matrix_product
    ),
    **dict.fromkeys(("group_norm", "instance_norm"), same_cells_whole),
    **dict.fromkeys(("softmax", "log_softmax"), softmax),
}
