"""The function of torch that does what an operator of ONNX does, for common operators.

Watched forwards call it, so that cells, channels, costs and arithmetic are followed as in any other model. Its values are
compared with the runtime's, and then replaced by them: a function that does something else is not followed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.engine.models.onnx.operator_call import NoTwin, OperatorCall
from explorer.engine.models.onnx.twin_windows import (
    average_pool,
    convolved,
    max_pool,
    padded,
    resized_map,
    transposed_convolution,
)

Twin = Callable[[OperatorCall], Any]


def twin_of(call: OperatorCall) -> Any:
    """What torch's function gives: a tensor, or several. Raises NoTwin, and whatever the function raises."""
    found = _TWINS.get(call.node.op) if call.node.domain in ("", "ai.onnx", "com.microsoft") else None
    if found is None:
        raise NoTwin
    return found(call)


def _of_one(function: Callable[..., Tensor]) -> Twin:
    return lambda call: function(call.tensor(0))


def _of_two(function: Callable[..., Tensor]) -> Twin:
    return lambda call: function(call.tensor(0), call.tensor(1))


def _global(pool: Callable[[Tensor, Any], Tensor]) -> Twin:
    def made(call: OperatorCall) -> Tensor:
        x = call.tensor(0)
        if x.dim() != 4:
            raise NoTwin
        return pool(x, (1, 1))

    return made


# ---- products and norms


def _gemm(call: OperatorCall) -> Tensor:
    a, b, c = call.tensor(0), call.tensor(1), call.given(2)
    if call.linear:
        return F.linear(a, b, c)
    made = torch.matmul(a.t() if call.said("transA", 0) else a, b.t() if call.said("transB", 0) else b)
    alpha, beta = float(call.said("alpha", 1.0)), float(call.said("beta", 1.0))
    made = made if alpha == 1 else made * alpha
    return made if c is None else made + (c if beta == 1 else c * beta)


def _matmul(call: OperatorCall) -> Tensor:
    a, b = call.tensor(0), call.tensor(1)
    return F.linear(a, b) if call.linear else torch.matmul(a, b)


def _batch_norm(call: OperatorCall) -> Tensor:
    if call.said("training_mode", 0) or len(call.node.gives) > 1:
        raise NoTwin
    x, weight, bias, mean, var = (call.tensor(number) for number in range(5))
    return F.batch_norm(x, mean, var, weight, bias, eps=float(call.said("epsilon", 1e-5)))


def _layer_norm(call: OperatorCall) -> Tensor:
    x, axis = call.tensor(0), int(call.said("axis", -1))
    if len(call.node.gives) > 1:
        raise NoTwin
    shape = list(x.shape[axis % x.dim() :])
    return F.layer_norm(x, shape, call.tensor(1), call.given(2), float(call.said("epsilon", 1e-5)))


def _instance_norm(call: OperatorCall) -> Tensor:
    weight, bias = call.tensor(1), call.tensor(2)
    return F.instance_norm(call.tensor(0), weight=weight, bias=bias, eps=float(call.said("epsilon", 1e-5)))


def _group_norm(call: OperatorCall) -> Tensor:
    x, weight, bias = (call.tensor(number) for number in range(3))
    return F.group_norm(x, int(call.said("num_groups")), weight, bias, float(call.said("epsilon", 1e-5)))


def _response_norm(call: OperatorCall) -> Tensor:
    alpha, beta, bias = (
        float(call.said(name, usual)) for name, usual in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0))
    )
    return F.local_response_norm(call.tensor(0), int(call.said("size")), alpha, beta, bias)


# ---- of each number alone


def _clip(call: OperatorCall) -> Tensor:
    limits = []
    for number, name in ((1, "min"), (2, "max")):
        array = call.array(number)
        limits.append(float(array.reshape(())) if array is not None else call.said(name))
    if (limits[0], limits[1]) == (0, 6):
        return F.relu6(call.tensor(0))
    return torch.clamp(call.tensor(0), limits[0], limits[1])


def _hard_sigmoid(call: OperatorCall) -> Tensor:
    alpha, beta = float(call.said("alpha", 0.2)), float(call.said("beta", 0.5))
    return (
        F.hardsigmoid(call.tensor(0))
        if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5
        else _ramp(call.tensor(0), alpha, beta)
    )


def _ramp(x: Tensor, alpha: float, beta: float) -> Tensor:
    return torch.clamp(x * alpha + beta, 0, 1)


def _softmax(function: Callable[..., Tensor]) -> Twin:
    return lambda call: function(call.tensor(0), dim=int(call.said("axis", -1)))


def _gelu(call: OperatorCall) -> Tensor:
    return F.gelu(call.tensor(0), approximate=call.said("approximate", "none"))


def _cast(call: OperatorCall) -> Tensor:
    return call.tensor(0).to(torch.from_numpy(np.empty(0, call.outputs[0].dtype)).dtype)


# ---- shapes


def _reshape(call: OperatorCall) -> Tensor:
    return call.tensor(0).reshape(call.outputs[0].shape)


def _transpose(call: OperatorCall) -> Tensor:
    x = call.tensor(0)
    return x.permute(*(call.said("perm") or reversed(range(x.dim()))))


def _slice(call: OperatorCall) -> Tensor:
    x, starts, ends = call.tensor(0), call.ints(1, "starts"), call.ints(2, "ends")
    if starts is None or ends is None:
        raise NoTwin
    axes, steps = call.ints(3, "axes") or list(range(len(starts))), call.ints(4) or [1] * len(starts)
    if min(steps) < 1:
        raise NoTwin
    cut = [slice(None)] * x.dim()
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        cut[axis] = slice(start, end, step)
    return x[tuple(cut)]


def _gather(call: OperatorCall) -> Tensor:
    x, axis, index = call.tensor(0), int(call.said("axis", 0)), call.array(1)
    if index is None or index.ndim > 1:
        raise NoTwin
    if index.ndim == 0:
        return x.select(axis, int(index))
    found = index % x.shape[axis]
    constant = call.given(1)
    if constant is None or not np.array_equal(found, index):
        raise NoTwin
    return x.index_select(axis, constant)


def _split(call: OperatorCall) -> Any:
    axis = int(call.said("axis", 0))
    return torch.split(call.tensor(0), [part.shape[axis] for part in call.outputs], axis)


def _squeeze(call: OperatorCall) -> Tensor:
    axes = call.ints(1, "axes")
    return call.tensor(0).squeeze() if axes is None else call.tensor(0).squeeze(tuple(axes))


def _unsqueeze(call: OperatorCall) -> Tensor:
    x, axes = call.tensor(0), call.ints(1, "axes") or []
    for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _concat(call: OperatorCall) -> Tensor:
    return torch.cat([call.tensor(number) for number in range(len(call.tensors))], int(call.said("axis")))


def _reduced(function: Callable[..., Tensor]) -> Twin:
    def made(call: OperatorCall) -> Tensor:
        x, axes, keep = call.tensor(0), call.ints(1, "axes"), bool(call.said("keepdims", 1))
        if not axes and call.said("noop_with_empty_axes", 0):
            raise NoTwin
        return function(x, dim=tuple(axes or range(x.dim())), keepdim=keep)

    return made


def _expand(call: OperatorCall) -> Tensor:
    return call.tensor(0).expand(call.outputs[0].shape)


def _where(call: OperatorCall) -> Tensor:
    return torch.where(call.tensor(0), call.tensor(1), call.tensor(2))


def _to_space(call: OperatorCall) -> Tensor:
    if call.said("mode", "DCR") != "CRD":
        raise NoTwin
    return F.pixel_shuffle(call.tensor(0), int(call.said("blocksize")))


def _sum(call: OperatorCall) -> Tensor:
    made = call.tensor(0)
    for number in range(1, len(call.tensors)):
        made = made + call.tensor(number)
    return made


_ONE: dict[str, Callable[..., Tensor]] = {
    "Relu": F.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "HardSwish": F.hardswish, "Mish": F.mish, "Selu": F.selu,
    "Softplus": F.softplus, "Softsign": F.softsign, "Erf": torch.erf, "Sqrt": torch.sqrt, "Exp": torch.exp, "Log": torch.log,
    "Abs": torch.abs, "Neg": torch.neg, "Reciprocal": torch.reciprocal, "Floor": torch.floor, "Ceil": torch.ceil,
    "Round": torch.round, "Sign": torch.sign, "Sin": torch.sin, "Cos": torch.cos, "Identity": torch.clone, "Dropout": torch.clone,
}  # fmt: skip
_TWO: dict[str, Callable[..., Tensor]] = {
    "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Pow": torch.pow, "Max": torch.maximum,
    "Min": torch.minimum,
}  # fmt: skip
_TWINS: dict[str, Twin] = {
    "Conv": convolved,
    "ConvTranspose": transposed_convolution,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": _global(F.adaptive_avg_pool2d),
    "GlobalMaxPool": _global(F.adaptive_max_pool2d),
    "Gemm": _gemm,
    "MatMul": _matmul,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "InstanceNormalization": _instance_norm,
    "GroupNormalization": _group_norm,
    "LRN": _response_norm,
    "Clip": _clip,
    "HardSigmoid": _hard_sigmoid,
    "Softmax": _softmax(F.softmax),
    "LogSoftmax": _softmax(F.log_softmax),
    "Gelu": _gelu,
    "LeakyRelu": lambda call: F.leaky_relu(call.tensor(0), float(call.said("alpha", 0.01))),
    "Elu": lambda call: F.elu(call.tensor(0), float(call.said("alpha", 1.0))),
    "PRelu": lambda call: torch.where(call.tensor(0) < 0, call.tensor(0) * call.tensor(1), call.tensor(0)),
    "Cast": _cast,
    "Reshape": _reshape,
    "Flatten": _reshape,
    "Transpose": _transpose,
    "Slice": _slice,
    "Gather": _gather,
    "Split": _split,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Concat": _concat,
    "Pad": padded,
    "Resize": resized_map,
    "Upsample": resized_map,
    "Expand": _expand,
    "Where": _where,
    "DepthToSpace": _to_space,
    "Sum": _sum,
    "ReduceMean": _reduced(torch.mean),
    "ReduceSum": _reduced(torch.sum),
    "ReduceMax": _reduced(torch.amax),
    "ReduceMin": _reduced(torch.amin),
    **{name: _of_one(function) for name, function in _ONE.items()},
    **{name: _of_two(function) for name, function in _TWO.items()},
}
