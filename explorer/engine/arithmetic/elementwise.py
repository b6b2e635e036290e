"""Sums and products of two tensors at one cell: residual sums, gates, and what is scaled or shifted by a constant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from explorer.core.arithmetic import Operand, Step
from explorer.core.translation import tr
from explorer.engine.arithmetic.recorded import RecordedCall
from explorer.engine.arithmetic.windows import to_double

Index = tuple[int, ...]


def _divide(a: float, b: float) -> float:
    return a / b if b else float("nan") if not a or a != a else float("inf") * a


_JOINS: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "add": ("a + b", lambda a, b: a + b),
    "sub": ("a − b", lambda a, b: a - b),
    "mul": ("a × b", lambda a, b: a * b),
    "div": ("a ÷ b", _divide),
    "maximum": (tr("the larger of a and b"), lambda a, b: max(a, b) if a == a and b == b else float("nan")),
    "minimum": (tr("the smaller of a and b"), lambda a, b: min(a, b) if a == a and b == b else float("nan")),
    "pow": (tr("a to the power of b"), lambda a, b: a**b if a >= 0 or b == int(b) else float("nan")),
}
_ALSO = {
    "iadd": "add", "radd": "add", "isub": "sub", "imul": "mul", "rmul": "mul", "truediv": "div", "true_divide": "div",
    "itruediv": "div", "multiply": "mul", "divide": "div", "subtract": "sub", "rsub": "sub",
}  # fmt: skip
JOINS = frozenset((*_JOINS, *_ALSO))


def broadcast_index(tensor: Tensor, index: Index) -> Index:
    """Index of the element of a broadcast tensor that meets this element of the result."""
    own = index[len(index) - tensor.dim() :]
    return tuple(0 if size == 1 else i for size, i in zip(tensor.shape, own, strict=True))


def _value(operand: Any, index: Index) -> float:
    return float(to_double(operand[broadcast_index(operand, index)])) if isinstance(operand, Tensor) else float(operand)


def join(call: RecordedCall, index: Index, names: list[str]) -> Step:
    """`names` of the tensor arguments, '' for a constant. With one that is none, the step takes that one value."""
    operation = _ALSO.get(call.name, call.name)
    formula, combine = _JOINS[operation]
    pair = [call.arg(0, "input"), call.arg(1, "other", call.arg(1, "exponent"))]
    left = iter(names)
    named = [next(left) if isinstance(operand, Tensor) else "" for operand in pair]
    values = [_value(operand, index) for operand in pair]
    alpha = float(call.arg(2, "alpha", 1))
    if alpha != 1:
        formula, values[1] = formula.replace("b", f"{alpha:g} b"), values[1] * alpha
    if call.name == "rsub":
        values, named = values[::-1], named[::-1]
    gives = combine(values[0], values[1])
    if all(named):
        operands = tuple(Operand(n, v) for n, v in zip(named, values, strict=True))
        return Step(operation, formula, gives, operands=operands)
    taken = 0 if named[0] else 1
    letters = ("a", "b")
    numbers = ((letters[1 - taken], values[1 - taken]),)
    return Step(operation, formula.replace(letters[taken], "x"), gives, takes=values[taken], numbers=numbers)
