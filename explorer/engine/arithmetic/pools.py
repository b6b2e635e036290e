"""Pooling and means at one cell, and the table of everything that takes many values at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.arithmetic import Step
from explorer.core.translation import tr
from explorer.engine.arithmetic.recorded import RecordedCall
from explorer.engine.arithmetic.weighted import PRODUCTS, plain_product
from explorer.engine.arithmetic.windows import (
    Axis,
    Index,
    added_product,
    batched,
    convolution,
    gather,
    linear,
    patch_of,
    sliding,
    spread,
    to_double,
    transposed_convolution,
    unpadded,
)

Rule = Callable[[RecordedCall, Index, "RecordedCall | None"], Step]


def max_pool(call: RecordedCall, index: Index, padding: RecordedCall | None) -> Step:
    """max_pool1d, 2d, 3d: the weight 1 stands where the largest value is."""
    dims = int(call.name[8])
    x, c, at = batched(call.operands[0], index, dims)
    kernel = spread(call.arg(1, "kernel_size"), dims)
    stride = spread(call.arg(2, "stride") or kernel, dims)
    pads, dilation = spread(call.arg(3, "padding", 0), dims), spread(call.arg(4, "dilation", 1), dims)
    axes = [sliding(*n) for n in zip(at, x.shape[1:], kernel, stride, pads, dilation, strict=True)]
    return _largest(call.name, x, c, axes, padding)


def avg_pool(call: RecordedCall, index: Index, padding: RecordedCall | None) -> Step:
    """avg_pool1d, 2d, 3d, with the divisor that counts, or does not count, the padding."""
    dims = int(call.name[8])
    x, c, at = batched(call.operands[0], index, dims)
    kernel = spread(call.arg(1, "kernel_size"), dims)
    stride = spread(call.arg(2, "stride") or kernel, dims)
    pads = spread(call.arg(3, "padding", 0), dims)
    axes = [sliding(*n, 1) for n in zip(at, x.shape[1:], kernel, stride, pads, strict=True)]
    counted = [
        # a window of ceil_mode may reach past the padding too, and that part never counts
        int((a.at < size + pad).sum()) if call.arg(5, "count_include_pad", True) else int((a.read >= 0).sum())
        for a, size, pad in zip(axes, x.shape[1:], pads, strict=True)
    ]
    divisor = call.arg(6, "divisor_override") or int(np.prod(counted))
    return _average(call.name, x, c, axes, divisor, padding)


def _adaptive_axes(call: RecordedCall, x: Tensor, at: Index) -> list[Axis]:
    found = []
    for o, size, count in zip(at, x.shape[1:], call.outs[0].shape[-len(at) :], strict=True):
        taps = np.arange(o * size // count, -(-(o + 1) * size // count))
        found.append(Axis(taps, taps, taps))
    return found


def adaptive_max_pool(call: RecordedCall, index: Index, padding: RecordedCall | None) -> Step:
    x, c, at = batched(call.operands[0], index, int(call.name[17]))
    return _largest(call.name, x, c, _adaptive_axes(call, x, at), padding)


def adaptive_avg_pool(call: RecordedCall, index: Index, padding: RecordedCall | None) -> Step:
    x, c, at = batched(call.operands[0], index, int(call.name[17]))
    axes = _adaptive_axes(call, x, at)
    return _average(call.name, x, c, axes, int(np.prod([len(a.at) for a in axes])), padding)


def _average(name: str, x: Tensor, c: int, axes: list[Axis], divisor: int, padding: RecordedCall | None) -> Step:
    values = gather(x, np.array([c]), axes)
    weights = np.full(values.shape, 1 / divisor)
    patch = patch_of(values, weights, np.array([c]), unpadded(axes, padding))
    return Step(name, tr("Σ window ÷ {divisor}", divisor=divisor), float(values.sum() / divisor), patch=patch)


def _largest(name: str, x: Tensor, c: int, axes: list[Axis], padding: RecordedCall | None) -> Step:
    values = gather(x, np.array([c]), axes)
    rivals = values.copy()
    for dim, axis in enumerate(axes, 1):
        shape = [-1 if d == dim else 1 for d in range(values.ndim)]
        rivals = np.where((axis.read < 0).reshape(shape), -np.inf, rivals)  # padding never wins
    weights = np.zeros(values.shape)
    weights.reshape(-1)[int(rivals.argmax())] = 1.0  # the first of equals; argmax prefers NaN, as torch does
    patch = patch_of(values, weights, np.array([c]), unpadded(axes, padding), chosen=True)
    return Step(name, tr("the largest of the window"), float(rivals.max()), patch=patch)


def mean(call: RecordedCall, index: Index, _padding: RecordedCall | None) -> Step:
    """Tensor.mean over some dimensions: global average pooling, for the most part."""
    x = call.operands[0]
    dims = call.arg(1, "dim")
    over = sorted(d % x.dim() for d in (range(x.dim()) if dims is None else spread_dims(dims)))
    left = iter(index)
    where: list[Any] = []
    for d in range(x.dim()):
        if d in over:
            if call.arg(2, "keepdim", False):
                next(left)
            where.append(slice(None))
        else:
            where.append(next(left))
    values = to_double(x[tuple(where)])[None]
    axes = [Axis(a, a, a) for a in (np.arange(n) for n in values.shape[1:])]
    channel = where[1] if x.dim() > 1 and isinstance(where[1], int) else 0
    patch = patch_of(values, np.full(values.shape, 1 / values.size), np.array([channel]), axes)
    return Step("mean", f"Σ ÷ {values.size}", float(values.mean()), patch=patch)


def spread_dims(value: Any) -> tuple[int, ...]:
    return tuple(int(v) for v in value) if isinstance(value, (tuple, list, torch.Size)) else (int(value),)


WINDOWS: dict[str, Rule] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), transposed_convolution),
    "linear": linear,
    "addmm": added_product,
    **dict.fromkeys(PRODUCTS, plain_product),
    "mean": mean,
    **{f"max_pool{d}d": max_pool for d in (1, 2, 3)},
    **{f"avg_pool{d}d": avg_pool for d in (1, 2, 3)},
    **{f"adaptive_max_pool{d}d": adaptive_max_pool for d in (1, 2, 3)},
    **{f"adaptive_avg_pool{d}d": adaptive_avg_pool for d in (1, 2, 3)},
}
