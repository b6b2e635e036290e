"""Which function made which tensor from which others, and the very tensors of some of those calls.

Two forwards: `trace` only notes who made what (by the number of the call), `record` copies what went into and came out of
the calls that matter and stops after the last of them. At the level of torch functions and not of modules, so that own
subclasses, functional layers and residual sums are explained like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.capture.calls import argument, in_order, tensors
from explorer.engine.capture.forward import explained, hooked, named, quiet
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.capture.torch_functions import FOLDED, UNFOLDED, name_of
from explorer.engine.capture.trace import version
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never


@dataclass(frozen=True, slots=True)
class TensorSource:
    """Who made a tensor: the number of the call (-1: it is the model's input) and which of its results it is."""

    serial: int
    position: int = 0


@dataclass(frozen=True, slots=True)
class CallNode:
    """One call of a function. `makers` has one entry a tensor argument; None: a weight or another constant."""

    name: str
    makers: tuple[TensorSource | None, ...]
    lost: tuple[bool, ...]  # of each tensor argument: written to in a way that was not seen
    depends: bool  # on the model's input
    inside: str = ""  # path of the module whose forward called it


@dataclass(frozen=True, slots=True)
class Links:
    """What made what in one forward."""

    nodes: tuple[CallNode, ...]
    outputs: dict[tuple[str, int, str], TensorSource | None]  # by (path, call, part); None: nobody saw it being made

    def takers(self, source: TensorSource) -> list[int]:
        """Serials of the calls that take this tensor."""
        return [i for i, node in enumerate(self.nodes) if source in node.makers]


@dataclass(frozen=True, slots=True, eq=False)
class RecordedCall:
    """One call with copies of everything that went in and came out."""

    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outs: tuple[Tensor, ...]

    def arg(self, position: int, name: str, default: Any = None) -> Any:
        return argument(self.args, self.kwargs, position, name, default)

    @property
    def operands(self) -> list[Tensor]:
        """Tensor arguments in the order of `Node.makers`."""
        return list(tensors((*self.args, *self.kwargs.values())))


class _AllRecorded(BaseException):
    """Everything asked for has been seen. No Exception: a model that catches those must not catch this."""


class _Trace(TorchFunctionMode):
    def __init__(self, x: Tensor, cancelled: Cancelled) -> None:
        super().__init__()
        self.cancelled = cancelled
        self.nodes: list[CallNode] = []
        self.made: Any = WeakTensorKeyDictionary()  # tensor -> (source, version, whether it depends on the input)
        self.made[x] = (TensorSource(-1), version(x), True)
        self.counts: Counter[str] = Counter()
        self.stack: list[tuple[str, int]] = []
        self.outputs: dict[tuple[str, int, str], TensorSource | None] = {}

    def where(self) -> str:
        return tr("layer {stack}", stack=self.stack[-1][0]) if self.stack else tr("its forward")

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if self.cancelled():
            raise CancelledError
        kwargs = in_order(kwargs)
        if func is FOLDED:  # else all of its inner calls were one
            with self:
                return UNFOLDED(*args, **kwargs)
        given = [self._maker(t) for t in tensors((*args, *kwargs.values()))]
        out = func(*args, **kwargs)
        results = list(tensors((out,)))
        if results:
            depends = any(depends for _, _, depends in given)
            makers, lost = tuple(maker for maker, _, _ in given), tuple(lost for _, lost, _ in given)
            inside = self.stack[-1][0] if self.stack else ""
            self.nodes.append(CallNode(name_of(func), makers, lost, depends, inside))
            for position, tensor in enumerate(results):
                self.made[tensor] = (TensorSource(len(self.nodes) - 1, position), version(tensor), depends)
        return out

    def _maker(self, tensor: Tensor) -> tuple[TensorSource | None, bool, bool]:
        found = self.made.get(tensor)
        if found is None:
            return None, False, False
        source, seen, depends = found
        if seen != version(tensor) or seen < 0:
            return None, True, depends
        return (source if depends else None), False, depends

    def before(self, path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any) -> None:
            self.stack.append((path, self.counts[path]))
            self.counts[path] += 1

        return hook

    def after(self, path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any, output: Any) -> None:
            while self.stack[-1][0] != path:  # a module that raised, and a model that went on without it
                self.stack.pop()
            call = self.stack.pop()[1]
            with torch._C.DisableTorchFunction():
                for part, tensor in tensors_of(output).items():
                    known = self.made.get(tensor)
                    is_known = known is not None and known[1] == version(tensor) >= 0
                    self.outputs[path, call, part] = known[0] if is_known else None

        return hook


def trace(module: nn.Module, x: Tensor, cancelled: Cancelled = never) -> Links:
    """One forward that notes who made what. Raises ExplorerError as `discover` does, CancelledError when cancelled."""
    given = x.clone()
    mode = _Trace(given, cancelled)
    handles: list[Any] = []
    try:
        for path, m in named(module):
            handles.append(nn.Module.register_forward_pre_hook(m, mode.before(path)))
            handles.append(nn.Module.register_forward_hook(m, mode.after(path)))
        with quiet(module), mode, explained(mode.where, module, given):
            module(given)
    finally:
        for handle in handles:
            handle.remove()
    return Links(tuple(mode.nodes), mode.outputs)


Part = tuple[str, int, str]  # path of a module, number of its call, part of its output


class _Record(TorchFunctionMode):
    def __init__(self, links: Links, wanted: Collection[int], parts: Collection[Part], cancelled: Cancelled) -> None:
        super().__init__()
        self.links, self.wanted, self.cancelled = links, frozenset(wanted), cancelled
        self.serial = -1
        self.found: dict[int, RecordedCall] = {}
        self.parts, self.outputs = frozenset(parts), dict[Part, Tensor]()
        self.counts: Counter[str] = Counter()
        self.open: list[tuple[str, int]] = []

    def complete(self) -> bool:
        return len(self.found) == len(self.wanted) and len(self.outputs) == len(self.parts)

    def before(self, path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any) -> None:
            self.open.append((path, self.counts[path]))
            self.counts[path] += 1

        return hook

    def after(self, path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any, output: Any) -> None:
            while self.open[-1][0] != path:  # a module that raised, and a model that went on without it
                self.open.pop()
            call = self.open.pop()[1]
            with torch._C.DisableTorchFunction():
                for part, tensor in tensors_of(output).items():
                    if (path, call, part) in self.parts:
                        self.outputs[path, call, part] = tensor.detach().clone()
            if self.complete():
                raise _AllRecorded

        return hook

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if self.cancelled():
            raise CancelledError
        kwargs = in_order(kwargs)
        if func is FOLDED:
            with self:
                return UNFOLDED(*args, **kwargs)
        copied = None
        # whether this call counts is known only after it; its inputs may be overwritten by then
        if self.serial + 1 in self.wanted:
            copied = _copied((args, kwargs))
        out = func(*args, **kwargs)
        results = list(tensors((out,)))
        if not results:
            return out
        self.serial += 1
        if self.serial >= len(self.links.nodes) or self.links.nodes[self.serial].name != name_of(func):
            raise ExplorerError(
                tr("The model ran a different path this time."),
                tr("It does not run the same operations on every forward."),
            )
        if copied is not None:
            outs = tuple(t.detach().clone() for t in results)
            self.found[self.serial] = RecordedCall(name_of(func), func, copied[0], copied[1], outs)
            if self.complete():
                raise _AllRecorded
        return out


def _copied(value: Any) -> Any:
    """The same arguments with every tensor copied, but for weights, which no forward writes to."""
    if isinstance(value, nn.Parameter):
        return value.detach()
    if isinstance(value, Tensor):
        return value.detach().clone()
    if type(value) in (list, tuple):
        return type(value)(_copied(item) for item in value)
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value


def record(
    module: nn.Module,
    x: Tensor,
    links: Links,
    serials: Collection[int],
    parts: Collection[Part] = (),
    cancelled: Cancelled = never,
) -> tuple[dict[int, RecordedCall], dict[Part, Tensor]]:
    """Runs the forward again until all of it has been seen; returns these calls with copies of their tensors, and copies of what
    modules returned, made when they returned it."""
    mode, given = _Record(links, serials, parts, cancelled), x.clone()
    paths = {path for path, _, _ in parts}
    handles: list[Any] = []
    for path, m in named(module):
        if path in paths:
            handles.append(nn.Module.register_forward_pre_hook(m, mode.before(path)))
            handles.append(nn.Module.register_forward_hook(m, mode.after(path)))
    with quiet(module), hooked(handles), mode, explained(lambda: tr("its forward"), module, given):
        try:
            module(given)
        except _AllRecorded:
            pass
    if not mode.complete():
        raise ExplorerError(
            tr("The model ran a different path this time."), tr("It does not run the same operations on every forward.")
        )
    return mode.found, mode.outputs
