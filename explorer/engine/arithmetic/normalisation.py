"""Normalisation, softmax and PReLU at one cell: the numbers that go into the formula, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from explorer.core.arithmetic import Step
from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.arithmetic.nonlinearities import ACTIVATIONS, activation, value_at
from explorer.engine.arithmetic.recorded import RecordedCall
from explorer.engine.arithmetic.windows import Index, to_double

Numbers = tuple[tuple[str, float], ...]


def prelu(call: RecordedCall, index: Index) -> Step:
    x, weight = value_at(call.operands[0], index), call.arg(1, "weight")
    slope = float(weight.reshape(-1)[index[1] if weight.numel() > 1 else 0])
    gives = x if x >= 0 or math.isnan(x) else slope * x
    return Step("prelu", tr("x, or slope × x below 0"), gives, takes=x, numbers=(("slope", slope),))


def softmax(call: RecordedCall, index: Index) -> Step:
    x = call.operands[0]
    dim = int(call.arg(1, "dim", -1)) % x.dim()
    row = to_double(x.movedim(dim, -1)[(*index[:dim], *index[dim + 1 :])])
    takes = float(row[index[dim]])
    top = float(row.max())
    total = float(np.exp(row - top).sum())
    numbers = (("largest", top), (tr("Σ e^(x − largest)"), total), ("values", float(len(row))))
    if call.name == "log_softmax":
        return Step(call.name, tr("x − largest − ln Σ e^(x − largest)"), takes - top - math.log(total), takes, numbers)
    return Step(call.name, tr("e^(x − largest) ÷ Σ e^(x − largest)"), math.exp(takes - top) / total, takes, numbers)


# --- normalisation ------------------------------------------------------------------------------------------------------


def _normalised(
    call: RecordedCall, x: float, mean: float, variance: float, eps: float, weight: float | None, bias: float | None
) -> Step:
    gives = (x - mean) / math.sqrt(variance + eps) * (1.0 if weight is None else weight) + (bias or 0.0)
    numbers: list[tuple[str, float]] = [("mean", mean), ("variance", variance), ("eps", eps)]
    formula = tr("(x − mean) ÷ √(variance + eps)")
    if weight is not None:
        formula += tr(" × weight")
        numbers.append(("weight", weight))
    if bias is not None:
        formula += tr(" + bias")
    return Step(call.name, formula, gives, takes=x, numbers=tuple(numbers), bias=bias)


def _one(tensor: Tensor | None, index: int | Index) -> float | None:
    return None if tensor is None else float(to_double(tensor[index]))


def _over(call: RecordedCall, x: float, values: Array, eps: float, weight: float | None, bias: float | None) -> Step:
    return _normalised(call, x, float(values.mean()), float(values.var()), eps, weight, bias)


def batch_norm(call: RecordedCall, index: Index) -> Step:
    x, c = call.operands[0], index[1]
    weight, bias = _one(call.arg(3, "weight"), c), _one(call.arg(4, "bias"), c)
    eps, takes = float(call.arg(7, "eps", 1e-5)), value_at(x, index)
    running = call.arg(1, "running_mean")
    if running is None or call.arg(5, "training", False):  # the statistics of this very batch
        return _over(call, takes, to_double(x[:, c]), eps, weight, bias)
    variance = float(to_double(call.arg(2, "running_var")[c]))
    return _normalised(call, takes, float(to_double(running[c])), variance, eps, weight, bias)


def instance_norm(call: RecordedCall, index: Index) -> Step:
    x, c = call.operands[0], index[1]
    weight, bias = _one(call.arg(3, "weight"), c), _one(call.arg(4, "bias"), c)
    eps, takes = float(call.arg(7, "eps", 1e-5)), value_at(x, index)
    if not call.arg(5, "use_input_stats", True):
        mean, variance = call.arg(1, "running_mean"), call.arg(2, "running_var")
        return _normalised(call, takes, float(mean[c]), float(variance[c]), eps, weight, bias)
    return _over(call, takes, to_double(x[index[0], c]), eps, weight, bias)


def group_norm(call: RecordedCall, index: Index) -> Step:
    x, c, groups = call.operands[0], index[1], int(call.arg(1, "num_groups"))
    size = x.shape[1] // groups
    first = c // size * size
    weight, bias = _one(call.arg(2, "weight"), c), _one(call.arg(3, "bias"), c)
    values = to_double(x[index[0], first : first + size])
    return _over(call, value_at(x, index), values, float(call.arg(4, "eps", 1e-5)), weight, bias)


def layer_norm(call: RecordedCall, index: Index) -> Step:
    x, shape = call.operands[0], call.arg(1, "normalized_shape")
    outer, inner = index[: x.dim() - len(shape)], index[x.dim() - len(shape) :]
    weight, bias = _one(call.arg(2, "weight"), inner), _one(call.arg(3, "bias"), inner)
    return _over(call, value_at(x, index), to_double(x[outer]), float(call.arg(4, "eps", 1e-5)), weight, bias)


def rms_norm(call: RecordedCall, index: Index) -> Step:
    x, shape = call.operands[0], call.arg(1, "normalized_shape")
    outer, inner = index[: x.dim() - len(shape)], index[x.dim() - len(shape) :]
    eps = call.arg(3, "eps")
    eps = float(torch.finfo(x.dtype).eps if eps is None else eps)
    square, weight, takes = (
        float((to_double(x[outer]) ** 2).mean()),
        _one(call.arg(2, "weight"), inner),
        value_at(x, index),
    )
    gives = takes / math.sqrt(square + eps) * (1.0 if weight is None else weight)
    numbers: Numbers = (
        (tr("mean square"), square),
        ("eps", eps),
        *((("weight", weight),) if weight is not None else ()),
    )
    formula = tr("x ÷ √(mean square + eps){weight}", weight="" if weight is None else tr(" × weight"))
    return Step(call.name, formula, gives, takes=takes, numbers=numbers)


POINTS: dict[str, Callable[[RecordedCall, Index], Step]] = {
    **dict.fromkeys(ACTIVATIONS, activation),
    "prelu": prelu,
    **dict.fromkeys(("softmax", "log_softmax"), softmax),
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
}
