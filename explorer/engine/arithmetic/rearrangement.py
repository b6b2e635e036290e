"""Functions that compute nothing and only move values: where an element came from, and where it goes.

The very function is run on the numbers of the elements instead of on their values.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from explorer.engine.arithmetic.recorded import RecordedCall
from explorer.engine.capture.calls import tensors
from explorer.engine.capture.function_rules import REINDEX

Index = tuple[int, ...]

_JOINS = frozenset({"cat", "concat", "concatenate", "stack", "hstack", "vstack"})
# the same values at the same places, perhaps in another precision
_KEEPS = frozenset(
    "contiguous clone detach to float half double bfloat16 type type_as cpu cuda dropout dropout1d dropout2d dropout3d "
    "alpha_dropout feature_alpha_dropout requires_grad_ stochastic_depth alias".split()
)
MOVES = REINDEX | _JOINS | _KEEPS | {"pad", "pixel_shuffle", "channel_shuffle", "narrow_copy", "copy"}


def moves(call: RecordedCall) -> bool:
    """Whether this very call only moves values. Dropout does so in evaluation mode alone."""
    return call.name in MOVES and not ("dropout" in call.name and call.arg(2, "training", False))


def _numbers(shape: torch.Size, first: int = 0) -> Tensor:
    # doubles: some functions move no integers, and they count exactly far beyond any tensor's size
    count = int(torch.Size(shape).numel())
    return torch.arange(first, first + count, dtype=torch.float64).reshape(shape)


def _swapped(value: Any, given: dict[int, Tensor]) -> Any:
    """The same arguments with these tensors (by identity) replaced."""
    if isinstance(value, Tensor):
        return given.get(id(value), value)
    if isinstance(value, (list, tuple)) and any(True for _ in tensors(value)):
        return type(value)(_swapped(item, given) for item in value)
    return value


def _first(call: RecordedCall) -> int:
    """The first argument whose values are moved: the second of `a.copy_(b)`."""
    return 1 if call.name == "copy" else 0


def moved(call: RecordedCall, position: int) -> tuple[Tensor, list[Tensor]]:
    """(numbers of the elements as the function puts them, -1 for padding; the operands that are numbered, in order)."""
    operands = call.operands
    if call.name in _KEEPS:
        return _numbers(call.outs[position].shape), operands[:1]
    numbered = operands if call.name in _JOINS else operands[_first(call) :][:1]
    if call.name == "copy":
        return _numbers(numbered[0].shape).expand(call.outs[position].shape), numbered
    given: dict[int, Tensor] = {}
    total = 0
    for tensor in numbered:
        given[id(tensor)] = _numbers(tensor.shape, total)
        total += tensor.numel()
    with torch._C.DisableTorchFunction():
        if call.name == "pad":
            mode = call.arg(2, "mode", "constant")
            fill = {"value": -1.0} if mode == "constant" else {}
            result = torch.nn.functional.pad(given[id(numbered[0])], call.arg(1, "pad"), mode=mode, **fill)
        else:
            args = tuple(_swapped(arg, given) for arg in call.args)
            kwargs = {key: _swapped(value, given) for key, value in call.kwargs.items() if key != "out"}
            result = call.func(*args, **kwargs)
    return list(tensors((result,)))[position], numbered


def came_from(call: RecordedCall, position: int, index: Index) -> tuple[int, Index] | None:
    """(which tensor argument, index in it) of an element of a result; None where padding put it there."""
    placed, numbered = moved(call, position)
    number = int(placed[index])
    if number < 0:
        return None
    for i, tensor in enumerate(numbered):
        if number < tensor.numel():
            return _first(call) + i, tuple(int(n) for n in torch.unravel_index(torch.tensor(number), tensor.shape))
        number -= tensor.numel()
    return None


def goes_to(call: RecordedCall, operand: int, index: Index) -> tuple[int, Index] | None:
    """(which result, index in it) where an element of an argument goes; None where nowhere or to several places."""
    operands = call.operands
    if operand < _first(call):
        return None
    number = 0
    for tensor in operands[_first(call) : operand]:
        number += tensor.numel()
    for size, at in zip(operands[operand].shape, index, strict=True):
        assert at < size
    flat = 0
    for size, at in zip(operands[operand].shape, index, strict=True):
        flat = flat * size + at
    found: list[tuple[int, Index]] = []
    for position in range(len(call.outs)):
        placed, _ = moved(call, position)
        found += [(position, tuple(row)) for row in torch.nonzero(placed == number + flat)[:2].tolist()]
    return found[0] if len(found) == 1 else None
