"""nn.MultiheadAttention's function, looked into.

F.multi_head_attention_forward hands itself over to an active TorchFunctionMode as one call, and what it does inside is seen by
nobody. The same code with another answer to "is there a mode?" runs on, and its inner calls come to the mode one by one.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import torch.nn.functional as F

FOLDED = F.multi_head_attention_forward


def _nobody_asks(_tensors: Any) -> bool:
    return False


def _unfolded() -> Any:
    names = {**FOLDED.__globals__, "has_torch_function": _nobody_asks}
    made = types.FunctionType(FOLDED.__code__, names, FOLDED.__name__, FOLDED.__defaults__, FOLDED.__closure__)
    made.__kwdefaults__ = FOLDED.__kwdefaults__
    return made


UNFOLDED = _unfolded()


def name_of(func: Callable[..., Any]) -> str:
    """'add' for add_, __add__ and __iadd__ alike; an in-place function is explained like its sibling."""
    name = getattr(func, "__name__", str(func)).partition(".")[0]  # of an exported program: conv2d.default
    if name.startswith("__"):
        return name if name in ("__getitem__", "__get__") else name.strip("_")
    return name.rstrip("_")
