"""Curves that take one value to another: every activation function, as a formula that can be read and run."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from explorer.core.arithmetic import Step
from explorer.core.translation import tr
from explorer.engine.arithmetic.recorded import RecordedCall
from explorer.engine.arithmetic.windows import Index, to_double


def value_at(tensor: Tensor, index: Index) -> float:
    """One element in float64."""
    return float(to_double(tensor[index]))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x)) if x > -700 else 0.0


def _hard(x: float) -> float:
    return min(max(x + 3, 0.0), 6.0) / 6


def _exp(x: float) -> float:
    return math.exp(min(x, 709.0))


def _softplus(x: float, beta: float = 1.0, threshold: float = 20.0) -> float:
    return x if x * beta > threshold else math.log1p(_exp(x * beta)) / beta


def _gelu(x: float, approximate: str) -> float:
    if approximate == "tanh":
        return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return x / 2 * (1 + math.erf(x / math.sqrt(2)))


def _elu(x: float, alpha: float, scale: float = 1.0) -> float:
    return scale * (x if x > 0 else alpha * math.expm1(x))


def _clamp(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def _bounds(call: RecordedCall, low: float, high: float) -> tuple[float, float]:
    found = [call.arg(1, "min_val" if low == -1 else "min", low), call.arg(2, "max_val" if high == 1 else "max", high)]
    if any(isinstance(v, Tensor) and v.numel() != 1 for v in found):
        raise ValueError(tr("bounds of every element"))
    return (-math.inf if found[0] is None else float(found[0])), (math.inf if found[1] is None else float(found[1]))


_SELU = (1.6732632423543772, 1.0507009873554805)  # Klambauer et al. 2017


def _nothing(_call: RecordedCall) -> tuple[Any, ...]:
    return ()


def _selu_constants(_call: RecordedCall) -> tuple[Any, ...]:
    return _SELU


# name: (formula, parameters of the call, the function of the value and these parameters)
Activation = tuple[str, Callable[[RecordedCall], tuple[Any, ...]], Callable[..., float]]
ACTIVATIONS: dict[str, Activation] = {
    "relu": ("max(0, x)", _nothing, lambda x: max(x, 0.0)),
    "relu6": ("min(max(0, x), 6)", _nothing, lambda x: _clamp(x, 0.0, 6.0)),
    "hardtanh": ("min(max(low, x), high)", lambda c: _bounds(c, -1.0, 1.0), _clamp),
    "clamp": ("min(max(low, x), high)", lambda c: _bounds(c, -math.inf, math.inf), _clamp),
    "clip": ("min(max(low, x), high)", lambda c: _bounds(c, -math.inf, math.inf), _clamp),
    "clamp_min": ("max(low, x)", lambda c: (float(c.arg(1, "min")),), max),
    "silu": (tr("x × sigmoid(x)"), _nothing, lambda x: x * _sigmoid(x)),
    "hardswish": (tr("x × min(max(0, x + 3), 6) ÷ 6"), _nothing, lambda x: x * _hard(x)),
    "hardsigmoid": (tr("min(max(0, x + 3), 6) ÷ 6"), _nothing, _hard),
    "sigmoid": ("1 ÷ (1 + e^−x)", _nothing, _sigmoid),
    "log_sigmoid": ("ln(1 ÷ (1 + e^−x))", _nothing, lambda x: -_softplus(-x, 1.0, 700.0)),
    "tanh": ("tanh(x)", _nothing, math.tanh),
    "gelu": (tr("x ÷ 2 × (1 + erf(x ÷ √2))"), lambda c: (c.arg(1, "approximate", "none"),), _gelu),
    "elu": (tr("x, or α × (e^x − 1) below 0"), lambda c: (float(c.arg(1, "alpha", 1.0)),), _elu),
    "celu": (
        tr("x, or α × (e^(x÷α) − 1) below 0"),
        lambda c: (float(c.arg(1, "alpha", 1.0)),),
        lambda x, a: x if x > 0 else a * math.expm1(x / a),
    ),
    "selu": (tr("λ × (x, or α × (e^x − 1) below 0)"), _selu_constants, _elu),
    "leaky_relu": (
        tr("x, or slope × x below 0"),
        lambda c: (float(c.arg(1, "negative_slope", 0.01)),),
        lambda x, slope: x if x >= 0 else slope * x,
    ),
    "mish": (tr("x × tanh(ln(1 + e^x))"), _nothing, lambda x: x * math.tanh(_softplus(x))),
    "softplus": (
        tr("ln(1 + e^βx) ÷ β"),
        lambda c: (float(c.arg(1, "beta", 1.0)), float(c.arg(2, "threshold", 20.0))),
        _softplus,
    ),
    "softsign": ("x ÷ (1 + |x|)", _nothing, lambda x: x / (1 + abs(x))),
    "neg": ("−x", _nothing, lambda x: -x),
    "abs": ("|x|", _nothing, abs),
    "exp": ("e^x", _nothing, _exp),
    "sqrt": ("√x", _nothing, lambda x: math.sqrt(x) if x >= 0 else math.nan),
    "square": ("x²", _nothing, lambda x: x * x),
}


def activation(call: RecordedCall, index: Index) -> Step:
    """One value through one curve."""
    formula, parameters, curve = ACTIVATIONS[call.name]
    x, given = value_at(call.operands[0], index), parameters(call)
    if call.name == "gelu" and given[0] == "tanh":
        formula = tr("x ÷ 2 × (1 + tanh(√(2÷π) × (x + 0.044715 x³)))")
    gives = curve(x, *given) if not math.isnan(x) else math.nan  # max and min of Python lose a NaN
    numbers = tuple((n, float(v)) for n, v in zip(("α", "β"), given, strict=False) if not isinstance(v, str))
    named = {"hardtanh": ("low", "high"), "clamp": ("low", "high"), "clip": ("low", "high"), "leaky_relu": ("slope",)}
    names = named.get(
        call.name, ("α", "λ") if call.name == "selu" else ("β", "threshold") if "plus" in call.name else ()
    )
    if names:
        numbers = tuple(zip(names, (v for _, v in numbers), strict=False))
    return Step(call.name, formula, gives, takes=x, numbers=numbers)
