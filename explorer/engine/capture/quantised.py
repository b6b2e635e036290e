"""Calls of torch's quantised operators as the calls of the plain functions that they stand for, so that the rules of those hold.

Weights of a quantised convolution or linear layer are packed with bias, stride and padding; the others take scale and zero point of their
result behind the operands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_CONVOLUTIONS = {f"conv{n}d{end}": f"conv{n}d" for n in (1, 2, 3) for end in ("", "_relu")}
_LINEAR = ("linear", "linear_relu")
_SUMS = {f"{name}{end}": name for name in ("add", "mul") for end in ("", "_relu", "_scalar", "_scalar_relu")}


def plain_call(name: str, func: Callable[..., Any], args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """(name, arguments) of the plain function; as they are where `func` is no operator of torch.ops.quantized."""
    if not str(getattr(func, "_qualified_op_name", "")).startswith("quantized::"):
        return name, args
    try:
        if name in _CONVOLUTIONS:
            x, packed = args[:2]
            weight, bias = packed.unpack()
            wide = (weight.dequantize(), bias, packed.stride(), packed.padding(), packed.dilation(), packed.groups())
            return _CONVOLUTIONS[name], (x, *wide)
        if name in _LINEAR:
            weight, bias = args[1].unpack()
            return "linear", (args[0], weight.dequantize(), bias)
    except (AttributeError, RuntimeError, ValueError, IndexError):
        return name, args  # packed in another way: its cells are not followed
    if name in _SUMS:
        return _SUMS[name], args[:2]
    return name.removesuffix("_relu"), args
