"""Which module calls happen inside which, and what may be skipped when a forward goes on from a tap.

A call may be skipped when its result is known and it does nothing else that matters: what it writes into its own input is
written again, and a call that writes into another tensor is never skipped as a whole (its parts may be).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.translation import tr
from explorer.engine.capture.forward import explained, named, quiet
from explorer.engine.capture.trace import CallKey, version
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """One module call. `begun` and `ended` number all beginnings and endings of a forward."""

    key: CallKey
    parent: int  # number of the call it happens inside, -1 for none
    begun: int
    ended: int
    plain: bool  # it took no tensor that it changed, other than one that it returns, and returns one tensor
    overwrites: bool  # it returns its first argument, written to


@dataclass(frozen=True, slots=True)
class Route:
    """All module calls of a forward in the order in which they began."""

    calls: tuple[ModuleCall, ...]

    def number(self, key: CallKey) -> int:
        return next(i for i, call in enumerate(self.calls) if call.key == key)

    def inside(self, number: int) -> Counter[str]:
        """How often each path is called inside a call."""
        call = self.calls[number]
        return Counter(c.key[0] for c in self.calls if call.begun < c.begun and c.ended < call.ended)

    def skippable(self, before: CallKey, known: Collection[CallKey]) -> dict[CallKey, int]:
        """The outermost calls with a known result that ended no later than `before` did; key -> number."""
        last = self.calls[self.number(before)].ended
        found: dict[CallKey, int] = {}
        skipped: set[int] = set()
        for number, call in enumerate(self.calls):
            if call.parent in skipped:
                skipped.add(number)
            elif call.ended <= last and call.plain and call.key in known:
                skipped.add(number)
                found[call.key] = number
        return found


class _Walk:
    def __init__(self, cancelled: Cancelled) -> None:
        self.cancelled = cancelled
        self.clock = 0
        self.counts: Counter[str] = Counter()
        self.calls: list[ModuleCall] = []
        self.stack: list[tuple[str, int, list[tuple[Tensor, int]]]] = []

    def before(self, path: str) -> Any:
        def hook(_module: nn.Module, args: Any, kwargs: Any) -> None:
            if self.cancelled():
                raise CancelledError
            given = [(t, version(t)) for t in _tensors((args, kwargs))]
            self.clock += 1
            parent = self.stack[-1][1] if self.stack else -1
            self.calls.append(ModuleCall((path, self.counts[path]), parent, self.clock, -1, False, False))
            self.counts[path] += 1
            self.stack.append((path, len(self.calls) - 1, given))

        return hook

    def after(self, path: str) -> Any:
        def hook(module: nn.Module, args: Any, output: Any) -> None:
            while self.stack[-1][0] != path:  # a module that raised: it never ended, and is not skipped
                self.stack.pop()
            _, number, given = self.stack.pop()
            self.clock += 1
            begun = self.calls[number]
            written = [t for t, seen in given if seen < 0 or version(t) != seen]
            overwrites = bool(written) and bool(args) and output is args[0]
            plain = type(output) is Tensor and not output.is_inference() and all(t is output for t in written)
            plain = plain and (not written or overwrites)
            plain = plain and not isinstance(module, torch.jit.ScriptModule)  # which takes no other forward
            self.calls[number] = ModuleCall(begun.key, begun.parent, begun.begun, self.clock, plain, overwrites)

        return hook


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [t for item in value for t in _tensors(item)] if isinstance(value, (list, tuple)) else []


def route_of(module: nn.Module, x: Tensor, cancelled: Cancelled = never) -> Route:
    """One forward that notes which module calls happen inside which."""
    walk = _Walk(cancelled)
    handles: list[Any] = []
    try:
        for path, m in named(module):
            # of nn.Module itself: a ScriptModule refuses hooks by name and runs them all the same
            handles.append(nn.Module.register_forward_pre_hook(m, walk.before(path), with_kwargs=True))
            handles.append(nn.Module.register_forward_hook(m, walk.after(path)))
        with quiet(module), explained(lambda: tr("its forward"), module, x):
            module(x.clone())
    finally:
        for handle in handles:
            handle.remove()
    ended = [
        call if call.ended >= 0 else ModuleCall(call.key, call.parent, call.begun, 1 << 60, False, False)
        for call in walk.calls
    ]
    return Route(tuple(ended))
