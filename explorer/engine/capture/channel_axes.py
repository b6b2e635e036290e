"""Which dimensions of a tensor are channels and which are positions, followed through every torch function.

The layout of a tap is never guessed from its number of dimensions or the class of its module: a convolution, a linear map, an
embedding or a recurrent layer says which dimension its channels are, and what only moves, cuts or joins elements is run on the
numbers of the channels and of the positions themselves. What cannot be followed has no axes, and its layout is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from explorer.core.activations import Layout
from explorer.engine.capture.calls import Call, tensors
from explorer.engine.capture.function_rules import POINTWISE, REINDEX


@dataclass(frozen=True, slots=True)
class Axes:
    """Dimensions along which the channel changes, and those along which the position does; in none: the batch, and one of size 1.

    A dimension in both mixes them, as flattening does.
    """

    channels: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    # numbers of the channel and the position of every element, where a dimension mixes them: the next view may part them again
    numbers: tuple[Tensor, Tensor] | None = field(default=None, compare=False, repr=False)


AxesOf = Callable[[Tensor], "Axes | None"]
Rule = Callable[[Call, AxesOf], "Axes | None"]

_SAME_ELEMENTS = POINTWISE | frozenset(
    """long int short bool byte remainder fmod floor_divide __floordiv__ __mod__ __rpow__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__
    eq ne lt le gt ge sign tan atan atan2 asin acos sinh cosh asinh acosh log2 log10 exp2 expm1 ceil trunc frac round_ softshrink
    hardshrink tanhshrink logical_not logical_and logical_or __and__ __or__ __xor__ __invert__ bitwise_not isnan isinf isfinite
    hypot subtract multiply divide negative absolute rrelu_ tanh_ silu_ mish_ hardswish_ prelu_ erfinv special_expit logit digamma
    fake_quantize_per_tensor_affine quantize_per_tensor dequantize tril triu real imag conj rsub_ clamp_min_ clamp_max_ abs_ neg_
    fill_diagonal_ bernoulli dropout_ alpha_dropout_ data""".split()
)
# the result has the dimensions of the first tensor, each with the same meaning, and perhaps another size
_SAME_DIMENSIONS = frozenset(
    """softmax log_softmax softmin gumbel_softmax normalize cumsum cumprod cummax cummin logcumsumexp sort argsort topk glu
    layer_norm rms_norm native_layer_norm local_response_norm channel_shuffle native_channel_shuffle fft ifft rfft irfft fft2
    ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn fftshift ifftshift diff pad constant_pad_nd repeat_interleave tile
    masked_fill_ index_fill scaled_dot_product_attention flex_attention _transformer_encoder_layer_fwd
    _native_multi_head_attention""".split()
)
KEEPING = (
    _SAME_ELEMENTS
    | _SAME_DIMENSIONS
    | frozenset(
        "batch_norm max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d "
        "adaptive_avg_pool3d adaptive_max_pool2d upsample_nearest2d upsample_bilinear2d group_norm instance_norm".split()
    )
)
_MOVES = REINDEX | frozenset(
    "unsqueeze_ squeeze_ transpose_ t_ swapaxes_ swapdims_ adjoint diagonal take_along_dim narrow_copy hsplit vsplit dsplit "
    "unsafe_split unsafe_chunk split_with_sizes as_strided flipud fliplr ravel squeeze_copy".split()
)
# what is returned has fewer dimensions than the first tensor, or size 1 where it is kept
_REDUCTIONS = frozenset(
    """mean sum nanmean nansum amax amin max min std var prod logsumexp norm vector_norm median nanmedian argmax argmin all any
    count_nonzero var_mean std_mean aminmax mode kthvalue""".split()
)
_DIM_AT = {"norm": 2, "vector_norm": 2, "kthvalue": 2}  # which argument says the dimensions


def start_axes(shape: torch.Size) -> Axes:
    """Of a model's input: a picture (N, C, H, W), else positions only, for nothing has said yet which dimension is which."""
    if len(shape) == 4:
        return _sized(shape, {1}, {2, 3})
    return _sized(shape, (), range(1, len(shape)))


def follow_axes(call: Call, known: AxesOf) -> Axes | None:
    """Axes of what a function returned, None where they are not known."""
    rule = _RULES.get(call.name)
    if rule is not None:
        return rule(call, known)
    if call.name.startswith("__get__") or call.name in _MOVES:
        return _moved(call, known)
    return _unknown(call, known)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A layout that fits. Not certain: positions lie within the channels, or nothing is known, so that cells must confirm it."""

    layout: Layout
    channel: int  # which dimension
    certain: bool = False


def layouts_of(axes: Axes | None, shape: tuple[int, ...]) -> tuple[Candidate, ...]:
    """What a tensor of `shape` may be by its axes; a certain one stands alone. () where they contradict each other."""
    found = []
    for layout, channel in _LAYOUTS.get(len(shape), ()):
        if shape[0] != 1 and layout in _ONE_ITEM:
            layout = _ONE_ITEM[layout]
        if layout is Layout.OTHER:
            continue
        if axes is None:
            found.append(Candidate(layout, channel))
        elif axes.channels <= {channel} and (channel not in axes.positions or channel in axes.channels):
            found.append(Candidate(layout, channel, channel not in axes.positions))
    certain = tuple(one for one in found if one.certain)
    if len(certain) == 1 or (certain and max(shape, default=1) == 1):  # of a single element any is right
        return certain[:1]
    return tuple(Candidate(one.layout, one.channel) for one in found)


_LAYOUTS: dict[int, tuple[tuple[Layout, int], ...]] = {
    2: ((Layout.NLC, 1),),
    3: ((Layout.NCT, 1), (Layout.NLC, 2)),
    4: ((Layout.NCHW, 1), (Layout.NHWC, 3)),
    5: ((Layout.NCDHW, 1),),
}
# what these are where the first dimension is no batch of one: windows of tokens, or nothing that can be shown
_ONE_ITEM = {Layout.NCT: Layout.OTHER, Layout.NHWC: Layout.NLC, Layout.NCDHW: Layout.OTHER}


def _sized(shape: Iterable[int], channels: Iterable[int], positions: Iterable[int]) -> Axes:
    """Only dimensions of more than one element tell anything."""
    long = {dim for dim, size in enumerate(shape) if size > 1}
    return Axes(frozenset(channels) & long, frozenset(positions) & long)


def convolved(out: Tensor, spatial: int) -> Axes:
    """Channels in front of the last `spatial` dimensions, which are positions: what a convolution says."""
    dims = out.dim()
    return _sized(out.shape, {dims - spatial - 1}, range(dims - spatial, dims))


def _defined(call: Call, spatial: int) -> Axes:
    return convolved(call.out, spatial)


def _convolution(spatial: int) -> Rule:
    return lambda call, _: _defined(call, spatial)


def _layer_of(spatial: int) -> Rule:
    """Layers that keep the dimensions, and that say what they are where nothing else does."""

    def rule(call: Call, known: AxesOf) -> Axes | None:
        source = call.arg(0, "input")
        axes = known(source) if isinstance(source, Tensor) else None
        if axes is not None and (axes.channels or spatial > 1):
            return _sized(call.out.shape, axes.channels, axes.positions)
        return _defined(call, spatial) if call.out.dim() > spatial else None

    return rule


def _channels_first(call: Call, known: AxesOf) -> Axes | None:
    """Normalisations over (N, C, ...)."""
    axes = known(call.arg(0, "input"))
    if axes is not None and axes.channels:
        return axes
    return _defined(call, call.out.dim() - 2) if call.out.dim() >= 2 else None


def _same_elements(call: Call, known: AxesOf) -> Axes | None:
    """Of the operands as large as the result, else of all of them together: (N, 1, T) times (N, C, 1)."""
    whole: list[Axes] = []
    smaller: list[Axes] = []
    for tensor in call.operands:
        axes = known(tensor)
        if axes is None:
            continue
        if tensor.shape == call.out.shape:
            whole.append(axes)
        else:
            smaller.append(spread(axes, call.out.dim() - tensor.dim()))
    return _joined(whole or smaller, call.out.shape)


def spread(axes: Axes, more: int) -> Axes:
    """Of a tensor that is broadcast to `more` dimensions in front of its own."""
    return Axes(frozenset(d + more for d in axes.channels), frozenset(d + more for d in axes.positions))


def _copied(call: Call, known: AxesOf) -> Axes | None:
    """`buffer.copy_(source)`: nothing of the buffer is left."""
    source = call.arg(1, "other")
    axes = known(source)
    return None if axes is None else _joined([spread(axes, call.out.dim() - source.dim())], call.out.shape)


def _joined(found: list[Axes], shape: torch.Size) -> Axes | None:
    if not found:
        return None
    if len(found) == 1 and found[0].numbers is not None and found[0].numbers[0].shape == shape:
        return found[0]
    channels = frozenset[int]().union(*(axes.channels for axes in found))
    return _sized(shape, channels, frozenset[int]().union(*(axes.positions for axes in found)))


def _same_dimensions(call: Call, known: AxesOf) -> Axes | None:
    source = next(iter(call.operands), None)
    axes = known(source) if source is not None else None
    if source is None or axes is None or source.dim() != call.out.dim():
        return None
    return _sized(call.out.shape, axes.channels, axes.positions)


def _moved(call: Call, known: AxesOf) -> Axes | None:
    """Runs the very function on the numbers of the channels and of the positions."""
    source = next(iter(call.operands), None)
    axes = known(source) if source is not None else None
    if source is None or axes is None:
        return None
    given = axes.numbers or (_numbered(source.shape, axes.channels), _numbered(source.shape, axes.positions))
    channels, positions = (_run(call, source, numbers) for numbers in given)
    if channels is None or positions is None:
        return None
    found = Axes(varying(channels), varying(positions))
    return Axes(found.channels, found.positions, (channels, positions)) if found.channels & found.positions else found


def _numbered(shape: torch.Size, dims: frozenset[int]) -> Tensor:
    sizes = [size if dim in dims else 1 for dim, size in enumerate(shape)]
    return torch.arange(torch.Size(sizes).numel(), dtype=torch.int32).view(sizes).expand(shape)


def _run(call: Call, source: Tensor, numbers: Tensor) -> Tensor | None:
    numbers = numbers.contiguous() if call.name == "view" else numbers
    swapped = tuple(numbers if arg is source else arg for arg in call.args)
    named = {name: numbers if arg is source else arg for name, arg in call.kwargs.items() if name != "out"}
    with torch._C.DisableTorchFunction():
        result = call.func(*swapped, **named)
    found = list(tensors((result,)))[call.position]
    return found if found.shape == call.out.shape else None


def varying(numbers: Tensor) -> frozenset[int]:
    """Dimensions along which numbers change."""
    return frozenset(
        dim
        for dim, (size, stride) in enumerate(zip(numbers.shape, numbers.stride(), strict=True))
        if size > 1 and stride and bool((numbers != numbers.narrow(dim, 0, 1)).any())
    )


def _reduction(call: Call, known: AxesOf) -> Axes | None:
    source = call.arg(0, "input")
    if isinstance(call.arg(1, "other"), Tensor):  # max(a, b)
        return _same_elements(call, known)
    axes = known(source)
    if axes is None:
        return None
    given = call.arg(_DIM_AT.get(call.name, 1), "dim")
    if given is None or isinstance(given, bool):
        return None
    gone = {int(dim) % source.dim() for dim in (given if isinstance(given, (tuple, list)) else (given,))}
    left = [dim for dim in range(source.dim()) if dim not in gone]
    to = {dim: dim if call.out.dim() == source.dim() else at for at, dim in enumerate(left)}
    return _sized(
        call.out.shape,
        (to[dim] for dim in axes.channels - gone),
        (to[dim] for dim in axes.positions - gone),
    )


def _concatenated(call: Call, known: AxesOf) -> Axes | None:
    found = [axes for part in tensors((call.arg(0, "tensors"),)) if (axes := known(part)) is not None]
    return _joined(found, call.out.shape)


def _after(dims: frozenset[int], at: int) -> frozenset[int]:
    """Dimensions when one more stands at `at`."""
    return frozenset(dim + (dim >= at) for dim in dims)


def _stacked(call: Call, known: AxesOf) -> Axes | None:
    """A new dimension of neither: time steps of a loop, frames of a clip."""
    at = int(call.arg(1, "dim", 0)) % call.out.dim()
    found = [axes for part in tensors((call.arg(0, "tensors"),)) if (axes := known(part)) is not None]
    wide = [Axes(_after(axes.channels, at), _after(axes.positions, at)) for axes in found]
    return _joined(wide, call.out.shape)


def _embedding(call: Call, known: AxesOf) -> Axes | None:
    ids = known(call.arg(0, "input"))
    last = call.out.dim() - 1
    return None if ids is None else _sized(call.out.shape, {last}, ids.channels | ids.positions)


def _recurrent(call: Call, _: AxesOf) -> Axes | None:
    """The result and the states: features last, steps and layers before."""
    return _sized(call.out.shape, {call.out.dim() - 1}, range(call.out.dim() - 1) if call.position == 0 else ())


def _attention_function(call: Call, _: AxesOf) -> Axes | None:
    """(L, N, E), and weights (N, L, S) or (N, heads, L, S)."""
    dims = call.out.dim()
    if call.position == 0:
        return _sized(call.out.shape, {dims - 1}, range(dims - 1))
    return _sized(call.out.shape, {1} if dims == 4 else (), (dims - 2, dims - 1))


Labels = tuple[int, ...]


def _contracted(operands: list[tuple[Labels, Axes | None]], out: Labels, shape: torch.Size) -> Axes | None:
    """A sum of products; equal labels are equal dimensions. A dimension that only weights have takes the place of the one summed over:
    of the channels, unless positions were summed over and channels stay."""
    if all(axes is None for _, axes in operands):
        return None
    roles: dict[int, set[str]] = {}
    for labels, axes in operands:
        for dim, label in enumerate(labels):
            said = roles.setdefault(label, set())
            if axes is not None:
                said |= ({"C"} if dim in axes.channels else set()) | ({"P"} if dim in axes.positions else set())
    ours = {label for labels, axes in operands if axes is not None for label in labels}
    summed = set[str]().union(*(roles[label] for label in roles if label not in out))
    stays = any(roles[label] == {"C"} for label in out if label in ours)
    new = "P" if stays and summed == {"P"} else "C"
    for label in out:
        if label not in ours:
            roles[label] = {new}
    return _sized(
        shape,
        (dim for dim, label in enumerate(out) if "C" in roles[label]),
        (dim for dim, label in enumerate(out) if "P" in roles[label]),
    )


def _linear(call: Call, known: AxesOf) -> Axes | None:
    source = call.arg(0, "input")
    axes, dims = known(source), source.dim()
    if axes is None:
        return _sized(call.out.shape, {dims - 1}, range(1, dims - 1))
    same = tuple(range(dims - 1))
    return _contracted([((*same, -1), axes), ((-2, -1), None)], (*same, -2), call.out.shape)


def _product(first: int) -> Rule:
    """Matrices from the last two dimensions; the arguments `first` and the next."""

    def rule(call: Call, known: AxesOf) -> Axes | None:
        a, b = call.operands[first : first + 2]
        if call.name == "__rmatmul__":
            a, b = b, a
        if min(a.dim(), b.dim()) < 1:
            return None
        before = tuple(range(call.out.dim()))
        rows, columns = ((-1,) if a.dim() > 1 else ()), ((-2,) if b.dim() > 1 else ())
        lead = before[: call.out.dim() - len(rows) - len(columns)]
        left = (*lead[len(lead) - max(a.dim() - 2, 0) :], *rows, -3)
        right = (*lead[len(lead) - max(b.dim() - 2, 0) :], -3, *columns)
        return _contracted([(left, known(a)), (right, known(b))], (*lead, *rows, *columns), call.out.shape)

    return rule


def _einsum(call: Call, known: AxesOf) -> Axes | None:
    equation, *operands = call.args
    if not isinstance(equation, str) or "->" not in equation or "." in equation:
        return None
    operands = list(tensors(operands))
    given, _, out = equation.replace(" ", "").partition("->")
    parts = [(tuple(map(ord, letters)), known(t)) for letters, t in zip(given.split(","), operands, strict=True)]
    return _contracted(parts, tuple(map(ord, out)), call.out.shape)


def _unfold(call: Call, known: AxesOf) -> Axes | None:
    """Patches as columns (N, C * kernel, L) by torch.nn.functional.unfold; the method of that name cuts windows."""
    return _defined(call, 1) if call.func is torch.nn.functional.unfold else _moved(call, known)


def _unknown(call: Call, known: AxesOf) -> Axes | None:
    return kept(call.operands, call.out, known)


def kept(given: Iterable[Any], out: Tensor, known: AxesOf) -> Axes | None:
    """Of something unknown that returns a tensor of the shape it was given: the axes of that, when dimensions of one size mean the same.

    Otherwise it may have exchanged them.
    """
    same = [axes for tensor in tensors(given) if tensor.shape == out.shape and (axes := known(tensor)) is not None]
    axes = _joined(same, out.shape)
    if axes is None:
        return None
    meant: dict[int, tuple[bool, bool]] = {}
    for dim, size in enumerate(out.shape):
        role = (dim in axes.channels, dim in axes.positions)
        if size > 1 and meant.setdefault(size, role) != role:
            return None
    return axes


_RULES: dict[str, Rule] = {
    **dict.fromkeys(_SAME_ELEMENTS, _same_elements),
    **dict.fromkeys(_SAME_DIMENSIONS, _same_dimensions),
    **dict.fromkeys(_REDUCTIONS, _reduction),
    **{f"conv{n}d": _convolution(n) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _convolution(n) for n in (1, 2, 3)},
    **dict.fromkeys(("deform_conv2d", "grid_sample", "fold", "pixel_shuffle", "pixel_unshuffle"), _convolution(2)),
    **{
        f"{kind}_pool{n}d{end}": _layer_of(n)
        for kind in ("max", "avg", "lp", "adaptive_avg", "adaptive_max", "fractional_max")
        for n in (1, 2, 3)
        for end in ("", "_with_indices")
    },
    **{f"max_unpool{n}d": _layer_of(n) for n in (1, 2, 3)},
    **dict.fromkeys(("batch_norm", "instance_norm", "group_norm", "interpolate", "upsample"), _channels_first),
    **dict.fromkeys(("cat", "concat", "concatenate", "hstack", "vstack"), _concatenated),
    "stack": _stacked,
    "copy_": _copied,
    "embedding": _embedding,
    **dict.fromkeys(
        "lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell _pad_packed_sequence".split(),
        _recurrent,
    ),
    "multi_head_attention_forward": _attention_function,
    "linear": _linear,
    **dict.fromkeys(("matmul", "bmm", "mm", "mv", "__matmul__", "__rmatmul__"), _product(0)),
    **dict.fromkeys(("addmm", "baddbmm"), _product(1)),
    "einsum": _einsum,
    "unfold": _unfold,
}


def axes_or_none(call: Call, known: AxesOf, rule: Rule = follow_axes) -> Axes | None:
    """What the rule says, where one that fails on an unusual call knows nothing: it never stops the forward."""
    failures: tuple[Any, ...] = (TypeError, ValueError, IndexError, RuntimeError, AttributeError, KeyError)
    try:
        return rule(call, known)
    except failures:
        return None
