"""Convolutions and linear layers at one cell: which values the window covers, and what they are multiplied by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.arithmetic import Patch, Step
from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.arithmetic.recorded import RecordedCall

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a window: where it lies, what is read there (-1: padding), and which kernel entries meet it."""

    at: Array
    read: Array
    kernel: Array


def spread(value: Any, count: int) -> tuple[int, ...]:
    """One number for every axis."""
    if isinstance(value, (tuple, list, torch.Size)):
        return tuple(int(v) for v in value) if len(value) == count else (int(value[0]),) * count
    return (int(value),) * count


def sliding(o: int, size: int, kernel: int, stride: int, padding: int, dilation: int) -> Axis:
    """The window of output cell `o` of a convolution or pooling over `size` cells."""
    taps = np.arange(kernel)
    at = o * stride - padding + dilation * taps
    return Axis(at, np.where((at >= 0) & (at < size), at, -1), taps)


def _transposed(o: int, size: int, kernel: int, stride: int, padding: int, dilation: int) -> Axis:
    """Inputs i with o = i * stride - padding + dilation * t: only those that are there, in rising order."""
    taps = np.arange(kernel)[::-1]
    reach = o + padding - dilation * taps
    meets = (reach % stride == 0) & (reach >= 0) & (reach // stride < size)
    at = reach[meets] // stride
    return Axis(at, at, taps[meets])


def gather(x: Tensor, channels: Array, axes: Sequence[Axis]) -> Array:
    """(C, *window) values of x (C, *size) in float64; 0 where padding is read."""
    found = x[torch.as_tensor(channels, device=x.device)]
    for dim, axis in enumerate(axes, 1):
        found = found.index_select(dim, torch.as_tensor(axis.read.clip(0), device=x.device))
    values: Array = to_double(found)
    for dim, axis in enumerate(axes, 1):
        shape = [-1 if d == dim else 1 for d in range(values.ndim)]
        values = np.where((axis.read < 0).reshape(shape), 0.0, values)
    return values


def to_double(tensor: Tensor) -> Array:
    """A copy in float64, on the CPU first: not every device knows it."""
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    found: Array = tensor.detach().cpu().double().numpy()
    return found


def unpadded(axes: list[Axis], padding: RecordedCall | None) -> list[Axis]:
    """The same windows over the map before a padding that a function of its own has put around it."""
    if padding is None:
        return axes
    source, widths = padding.operands[0], list(padding.arg(1, "pad"))
    mode = padding.arg(2, "mode", "constant")
    found = []
    for i, axis in enumerate(reversed(axes)):
        left, right = widths[2 * i : 2 * i + 2] or (0, 0)
        size = source.shape[source.dim() - 1 - i]
        line = torch.arange(size, dtype=torch.float64).reshape(1, 1, size)
        fill = {"value": -1.0} if mode == "constant" else {}
        read = torch.nn.functional.pad(line, (left, right), mode=mode, **fill).flatten().numpy().astype(int)
        inside = np.where(axis.read >= 0, read[axis.read.clip(0)], -1)
        found.append(Axis(axis.at - left, inside, axis.kernel))
    return found[::-1]


def patch_of(values: Array, weights: Array, channels: Array, axes: Sequence[Axis], chosen: bool = False) -> Patch:
    return Patch(values, weights, channels, tuple(a.at for a in axes), tuple(a.read for a in axes), chosen)


def batched(x: Tensor, index: Index, dims: int) -> tuple[Tensor, int, Index]:
    """(x of this item (C, *size), channel, position), also where there is no batch."""
    if x.dim() == dims + 1:
        return x, index[0], index[1:]
    return x[index[0]], index[1], index[2:]


def convolution(call: RecordedCall, index: Index, padding: RecordedCall | None) -> Step:
    """conv1d, conv2d, conv3d with any stride, padding, dilation and groups."""
    weight, bias = call.arg(1, "weight"), call.arg(2, "bias")
    dims = weight.dim() - 2
    x, c, at = batched(call.operands[0], index, dims)
    stride, dilation = spread(call.arg(3, "stride", 1), dims), spread(call.arg(5, "dilation", 1), dims)
    groups, pads = int(call.arg(6, "groups", 1)), call.arg(4, "padding", 0)
    kernel = tuple(weight.shape[2:])
    if isinstance(pads, str):
        # torch puts the odd one of "same" behind
        pads = [d * (k - 1) // 2 for d, k in zip(dilation, kernel, strict=True)] if pads == "same" else 0
    sizes = zip(at, x.shape[1:], kernel, stride, spread(pads, dims), dilation, strict=True)
    axes = [sliding(*numbers) for numbers in sizes]
    inside = int(weight.shape[1])
    channels = np.arange(inside) + c // (int(weight.shape[0]) // groups) * inside
    values, shown = gather(x, channels, axes), unpadded(axes, padding)
    return _sum(call.name, patch_of(values, to_double(weight[c]), channels, shown), bias, c)


def transposed_convolution(call: RecordedCall, index: Index, _padding: RecordedCall | None) -> Step:
    """conv_transpose1d, 2d, 3d: only the kernel entries that meet an input cell."""
    weight, bias = call.arg(1, "weight"), call.arg(2, "bias")
    dims = weight.dim() - 2
    x, c, at = batched(call.operands[0], index, dims)
    stride, pads = spread(call.arg(3, "stride", 1), dims), spread(call.arg(4, "padding", 0), dims)
    groups, dilation = int(call.arg(6, "groups", 1)), spread(call.arg(7, "dilation", 1), dims)
    sizes = zip(at, x.shape[1:], weight.shape[2:], stride, pads, dilation, strict=True)
    axes = [_transposed(*numbers) for numbers in sizes]
    outside, inside = int(weight.shape[1]), int(weight.shape[0]) // groups
    channels = np.arange(inside) + c // outside * inside
    kernels = to_double(weight[torch.as_tensor(channels, device=weight.device), c % outside])
    for dim, axis in enumerate(axes, 1):
        kernels = kernels.take(axis.kernel, dim)
    return _sum(call.name, patch_of(gather(x, channels, axes), kernels, channels, axes), bias, c)


def _sum(name: str, patch: Patch, bias: Tensor | None, channel: int) -> Step:
    added = None if bias is None else float(bias[channel])
    formula = tr("Σ patch × kernel{bias}", bias="" if added is None else tr(" + bias"))
    return Step(name, formula, float(patch.products.sum()) + (added or 0.0), bias=added, patch=patch)


def linear(call: RecordedCall, index: Index, _padding: RecordedCall | None) -> Step:
    """A linear layer, of a vector or of one token."""
    weight, bias = call.arg(1, "weight"), call.arg(2, "bias")
    row = to_double(call.operands[0][index[:-1]])
    patch = Patch(row, to_double(weight[index[-1]]), np.arange(len(row)))
    return _sum(call.name, patch, bias, index[-1])


def added_product(call: RecordedCall, index: Index, _padding: RecordedCall | None) -> Step:
    """addmm with a vector as what is added: a linear layer whose weights are stored the other way round."""
    bias, rows, kernel = (call.arg(at, name) for at, name in enumerate(("input", "mat1", "mat2")))
    if bias.dim() != 1 or call.arg(3, "beta", 1) != 1 or call.arg(4, "alpha", 1) != 1:
        raise ValueError(tr("it adds something else than a bias"))
    row = to_double(rows[index[:-1]])
    return _sum(call.name, Patch(row, to_double(kernel[:, index[-1]]), np.arange(len(row))), bias, index[-1])
