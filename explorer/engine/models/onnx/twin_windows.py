"""Torch's functions for operators that slide windows over maps, widen or resize them."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from explorer.engine.models.onnx.operator_call import NoTwin, OperatorCall


def _sides(
    call: OperatorCall, sizes: tuple[int, ...], kernel: list[int]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """(strides, dilations, padding before, padding after) of each dimension."""
    dims = len(kernel)
    strides, dilations = list(call.said("strides") or [1] * dims), list(call.said("dilations") or [1] * dims)
    auto = call.said("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        before, after = [], []
        for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
            more = max(0, (-(-size // stride) - 1) * stride + dilation * (width - 1) + 1 - size)
            half = more // 2 if auto == "SAME_UPPER" else more - more // 2
            before.append(half)
            after.append(more - half)
        return strides, dilations, before, after
    pads = list(call.said("pads") or [0] * 2 * dims) if auto == "NOTSET" else [0] * 2 * dims
    return strides, dilations, pads[:dims], pads[dims:]


def _flat(before: list[int], after: list[int]) -> list[int]:
    """As torch's `pad` takes them: the last dimension first."""
    return [n for pair in zip(reversed(before), reversed(after), strict=True) for n in pair]


def convolved(call: OperatorCall) -> Tensor:
    x, weight, bias = call.tensor(0), call.tensor(1), call.given(2)
    function = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}.get(weight.dim())
    if function is None:
        raise NoTwin
    strides, dilations, before, after = _sides(call, tuple(x.shape[2:]), list(weight.shape[2:]))
    if before != after:
        x, before = F.pad(x, _flat(before, after)), [0] * len(before)
    made: Tensor = function(x, weight, bias, strides, before, dilations, int(call.said("group", 1)))
    return made


def transposed_convolution(call: OperatorCall) -> Tensor:
    x, weight = call.tensor(0), call.tensor(1)
    function = {3: F.conv_transpose1d, 4: F.conv_transpose2d}.get(weight.dim())
    strides, dilations, before, after = _sides(call, tuple(x.shape[2:]), list(weight.shape[2:]))
    if function is None or before != after or call.said("output_shape") or call.said("auto_pad", "NOTSET") != "NOTSET":
        raise NoTwin
    more = call.said("output_padding") or [0] * len(before)
    return function(x, weight, call.given(2), strides, before, more, int(call.said("group", 1)), dilations)


def max_pool(call: OperatorCall) -> Any:
    x, kernel = call.tensor(0), list(call.said("kernel_shape"))
    function = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}.get(len(kernel))
    strides, dilations, before, after = _sides(call, tuple(x.shape[2:]), kernel)
    if function is None or len(call.node.gives) > 1:
        raise NoTwin
    if before != after or any(2 * pad > width for pad, width in zip(before, kernel, strict=True)):
        x, before = F.pad(x, _flat(before, after), value=float("-inf")), [0] * len(before)
    return function(x, kernel, strides, before, dilations, bool(call.said("ceil_mode", 0)))


def average_pool(call: OperatorCall) -> Tensor:
    x, kernel = call.tensor(0), list(call.said("kernel_shape"))
    function: Any = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}.get(len(kernel))
    strides, dilations, before, after = _sides(call, tuple(x.shape[2:]), kernel)
    if function is None or max(dilations) > 1:
        raise NoTwin
    counted = bool(call.said("count_include_pad", 0))
    if before != after:
        if not counted:
            raise NoTwin
        x, before = F.pad(x, _flat(before, after)), [0] * len(before)
    made: Tensor = function(x, kernel, strides, before, bool(call.said("ceil_mode", 0)), counted)
    return made


def padded(call: OperatorCall) -> Tensor:
    x, widths, axes = call.tensor(0), call.ints(1, "pads"), call.ints(3)
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}.get(
        call.said("mode", "constant")
    )
    if widths is None or mode is None:
        raise NoTwin
    axes = list(range(x.dim())) if axes is None else [axis % x.dim() for axis in axes]
    before, after = [0] * x.dim(), [0] * x.dim()
    for axis, first, last in zip(axes, widths[: len(axes)], widths[len(axes) :], strict=True):
        before[axis], after[axis] = first, last
    first = next((axis for axis in range(x.dim()) if before[axis] or after[axis]), x.dim() - 1)
    first = max(first, 0) if mode == "constant" else min(first, x.dim() - 1)
    value = call.array(2)
    filled = float(value.reshape(())) if value is not None and value.size else float(call.said("value", 0.0))
    widths = _flat(before[first:], after[first:])
    return F.pad(x, widths, mode, filled) if mode == "constant" else F.pad(x, widths, mode)


def resized_map(call: OperatorCall) -> Tensor:
    x, mode, to = call.tensor(0), call.said("mode", "nearest"), call.outputs[0].shape
    align = call.said("coordinate_transformation_mode", "half_pixel") == "align_corners"
    modes = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}
    if x.dim() != 4 or to[:2] != tuple(x.shape[:2]) or mode not in modes:
        raise NoTwin
    more = {} if mode == "nearest" else {"align_corners": align}
    return F.interpolate(x, size=to[2:], mode=modes[mode], **more)
