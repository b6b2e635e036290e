"""One watched forward: which functions ran inside which module, what they cost, and where their cells stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdRef, WeakTensorKeyDictionary

from explorer.engine.axes import Axes, AxesOf, axes_or_none, kept, start_axes
from explorer.engine.cost import multiply_adds
from explorer.engine.provenance import Place, input_place
from explorer.engine.rules import REINDEX, Call, tensors
from explorer.engine.rules_sequence import rule_of, start_place
from explorer.engine.scripted import scripted_axes

CallKey = tuple[str, int]  # module path, call index

# bookkeeping that makes no activation a person would look for
_QUIET = REINDEX | frozenset(
    "size dim numel contiguous to float half clone detach dropout type_as ones zeros empty full tensor arange stack type "
    "new_zeros new_ones new_full multi_head_attention_forward".split()
)

# what hands values, not shapes, to Python
_READS = frozenset(
    "__bool__ __int__ __float__ __complex__ __index__ __contains__ __array__ __format__ __repr__ item tolist numpy equal "
    "allclose is_nonzero".split()
)


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """An activation that a function made, not a module."""

    inside: CallKey
    name: str
    shape: tuple[int, ...]
    dtype: str
    order: int  # number of modules that had returned before it


class Watch(TorchFunctionMode):
    """Follows cells through functions while it is entered; tell it which module runs with `enter` and `leave`."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.places: Any = WeakTensorKeyDictionary()
        self.costs: Counter[CallKey] = Counter()
        self.stack: list[CallKey] = []
        self.returned = 0
        self.decides = False  # whether a value has been read in Python
        self._functions: list[tuple[FunctionResult, WeakIdRef, int]] = []
        self._axes: Any = WeakTensorKeyDictionary()
        start = input_place(x.shape) if x.dim() == 4 else start_place(x.shape)
        if start is not None:
            self.places[x] = start
        self._axes[x] = start_axes(x.shape)

    def enter(self, key: CallKey) -> None:
        self.stack.append(key)

    def leave(self, outputs: Iterable[Tensor]) -> None:
        """The innermost module returned `outputs`: a function's result that is one of them is seen there."""
        self.stack.pop()
        self.returned += 1
        for tensor in outputs:
            seen = [e for e in self._functions if e[1]() is tensor and e[2] == version(tensor)]
            for entry in seen:
                self._functions.remove(entry)

    def place(self, tensor: Tensor) -> Place | None:
        found = self.places.get(tensor)
        return found if isinstance(found, Place) else None

    def axes(self, tensor: Tensor) -> Axes | None:
        """Which dimensions are channels and which positions, None where that could not be followed."""
        found = self._axes.get(tensor)
        return found if isinstance(found, Axes) else None

    def unseen(self, module: nn.Module, given: Any, outputs: Iterable[Tensor]) -> None:
        """A module returned what no watched function made: a TorchScript program, or code that goes past them."""
        for out in outputs:
            if self.axes(out) is None:
                found = kept(given, out, self.axes)
                if found is None and isinstance(module, torch.jit.ScriptModule):
                    found = scripted_axes(module, given, out, self.axes)
                if found is not None:
                    self._axes[out] = found

    def hidden(self) -> list[FunctionResult]:
        """Activations that no module returned."""
        return [entry[0] for entry in self._functions]

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        # looked up before the call: an in-place function returns the very tensor it was given
        given = list(tensors((*args, *kwargs.values())))
        before = {id(t): self.places.get(t) for t in given}
        axes = {id(t): self.axes(t) for t in given}
        out = func(*args, **kwargs)
        name = getattr(func, "__name__", str(func))
        self.decides = self.decides or name in _READS
        for position, result in enumerate(tensors((out,))):
            call = Call(name, func, args, kwargs, result, lambda t: before.get(id(t)), position)
            if any(place is not None for place in before.values()):
                self._follow(call)
            self._turn(call, lambda t: axes.get(id(t)))
            self._note(call)
        return out

    def _turn(self, call: Call, known: AxesOf) -> None:
        found = axes_or_none(call, known)
        if found is not None:
            self._axes[call.out] = found
        elif call.out in self._axes:
            del self._axes[call.out]

    def _follow(self, call: Call) -> None:
        """A rule that fails on an unusual call loses the cells; it never stops the forward."""
        try:
            place = rule_of(call)(call)
        except (TypeError, ValueError, IndexError, RuntimeError, AttributeError):
            place = None
        if place is not None:
            self.places[call.out] = place
        elif call.out in self.places:
            del self.places[call.out]

    def _note(self, call: Call) -> None:
        try:
            cost = multiply_adds(call) if call.position == 0 else 0
        except (TypeError, ValueError, IndexError, AttributeError):
            cost = 0
        for key in set(self.stack) if cost else ():
            self.costs[key] += cost
        if self.stack and call.name not in _QUIET and call.out.dim() >= 2 and call.out.is_floating_point():
            dtype = str(call.out.dtype).removeprefix("torch.")
            result = FunctionResult(self.stack[-1], call.name.strip("_"), tuple(call.out.shape), dtype, self.returned)
            self._functions.append((result, WeakIdRef(call.out), version(call.out)))


def version(tensor: Tensor) -> int:
    """Counts the in-place writes to a tensor; -1 for inference tensors, which do not count them."""
    return -1 if tensor.is_inference() else tensor._version
