"""True values of every module call of a forward, or an error; never a wrong picture.

A first, watched forward (`discover`) copies every output in its hook and learns which outputs are overwritten later by an
in-place operation. Later forwards (`capture`) keep a reference where nothing overwrites the values and copy where something
does. The proof is repeated each time: torch counts the writes to every tensor, and a capture in which an uncopied output was
written to after its hook is thrown away and run again with a copy there.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.utils.parametrize import is_parametrized
from torch.utils.hooks import RemovableHandle
from torch.utils.weak import WeakTensorKeyDictionary

from explorer.core.activations import Tap
from explorer.core.error_text import message_of
from explorer.core.errors import ExplorerError
from explorer.core.repeatability import Repeat
from explorer.core.scores import Scores
from explorer.core.translation import tr
from explorer.engine.capture.aliases import Stamp, UncountedWrites, memory_of, stamp_of
from explorer.engine.capture.bypassed import Bypassed
from explorer.engine.capture.constants import constants_of
from explorer.engine.capture.modes import evaluating, may_compile
from explorer.engine.capture.module_walk import modules_of
from explorer.engine.capture.outputs import parts, tensors_of
from explorer.engine.capture.taps import Followed, TapNames, function_tap, make_tap, missing_tap, silent_tap
from explorer.engine.capture.trace import CallKey, Watch, version
from explorer.engine.capture.values import unreadable
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.jobs.failures import forward_error, has_run
from explorer.engine.jobs.memory import check_room
from explorer.engine.jobs.prints import Prints, caught_prints

Result = TypeVar("Result")


class TapError(ExplorerError):
    """A tap that was asked for could not be had."""


class _Stop(BaseException):
    """Everything asked for has been seen. No Exception: a model that catches those must not catch this."""


@dataclass(frozen=True, slots=True)
class CapturePlan:
    """What one model does with one shape of input."""

    taps: tuple[Tap, ...]  # in execution order, the unobservable too
    calls: tuple[CallKey, ...]  # in the order in which they returned
    copy: frozenset[CallKey]  # outputs that are overwritten later, or live in the module's own storage
    decides: bool = False  # the forward reads values in Python: another input may take another path
    uncounted: bool = False  # memory of activations is handed out, to which it may write without torch knowing
    scores: Scores | None = None  # how its class vector is read; None: there is none, or it has not been looked for
    repeat: Repeat | None = None  # whether it answers the same input twice alike; None: not known
    turned: bool = False  # of inputs (1, time, bands): their cells stand in rows of time all the same

    @property
    def nbytes(self) -> int:
        """Of all observable taps, those that share their values counted once."""
        return sum({tap.alias or tap.name: tap.nbytes for tap in self.taps if tap.observable}.values())

    def sees(self, name: str) -> bool:
        """Whether there is a tap of that name whose values can be had."""
        return any(tap.name == name and tap.observable for tap in self.taps)

    def key_of(self, name: str) -> CallKey:
        """The module call behind an observable tap; TapError says why not."""
        for tap in self.taps:
            if tap.name == name:
                if not tap.observable:
                    raise TapError(tr("The tap {name} cannot be seen.", name=name), tap.reason)
                return tap.path, tap.call
        raise TapError(
            tr("The model has no tap named {name}.", name=name), "", tr("The list of layers names all taps.")
        )


@dataclass(frozen=True, slots=True)
class Discovery:
    """Tensors of one forward by tap name, still on the model's device, and the model's output (None after an early stop)."""

    plan: CapturePlan
    tensors: Mapping[str, Tensor]
    output: Any


@contextmanager
def quiet(module: nn.Module, found: Sequence[tuple[str, nn.Module]] = ()) -> Iterator[None]:
    """Evaluation mode without gradients, prints of the model dropped; afterwards every module's training flag is as it was."""
    # the terminal, and what --json writes there, is not the model's
    with evaluating(module, found), torch.no_grad(), caught_prints(Prints()):
        yield


@contextmanager
def hooked(handles: list[Any]) -> Iterator[None]:
    """Takes the hooks away at the end."""
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _listening(hooks: Sequence[tuple[nn.Module, Callable[..., None]]]) -> Iterator[None]:
    """As `register_forward_hook` of each, after the hooks that are there, under one handle for all."""
    key = RemovableHandle(OrderedDict()).id
    dicts = [module._forward_hooks for module, _ in hooks]
    try:
        for there, (_, hook) in zip(dicts, hooks, strict=True):
            there[key] = hook
        yield
    finally:
        for there in dicts:
            there.pop(key, None)


def named(module: nn.Module, found: Sequence[tuple[str, nn.Module]] = ()) -> Sequence[tuple[str, nn.Module]]:
    """Every module once, under its first path; without those that make weights from others, which are no layers."""
    found = found or modules_of(module)
    hidden: set[int] = set()
    for _, m in found:
        if "parametrizations" in m._modules and is_parametrized(m):
            hidden.update(id(inner) for inner in m._modules["parametrizations"].modules())  # type: ignore[union-attr]
    return [(path, m) for path, m in found if id(m) not in hidden] if hidden else found


# --- the watched forward -----------------------------------------------------------------------------------------------


class _Discovery:
    """Collects taps, copies and places while a watched forward runs."""

    def __init__(self, module: nn.Module, x: Tensor, cancelled: Cancelled, turned: bool) -> None:
        self.bypassed = Bypassed(module.named_modules())
        self.watch = Watch(x, module, self.bypassed.look, turned)
        self.cancelled = cancelled
        self.tap_names = TapNames(path for path, _ in module.named_modules())
        self.counts: Counter[str] = Counter()
        self.calls: list[CallKey] = []
        self.taps: list[tuple[int, Tap]] = []
        self.copies: dict[str, Tensor] = {}
        self.live: list[tuple[CallKey, Tensor, Stamp, str]] = []  # original, its stamp at the hook, name of the copy
        self.names: Any = WeakTensorKeyDictionary()  # original -> (tap name, version)
        self.own = {memory_of(t) for t in constants_of(module)} | {memory_of(x)}
        self.scripts = any(isinstance(m, torch.jit.ScriptModule) for m in module.modules())
        self.then: dict[str, str] = {}

    def before(self, path: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: Any) -> None:
            if self.cancelled():
                raise CancelledError
            self.bypassed.look(path for path, _ in self.watch.stack)
            self._note_taker(module, args)
            self.watch.enter((path, self.counts[path]))
            self.counts[path] += 1

        return hook

    def _note_taker(self, module: nn.Module, args: Any) -> None:
        """Who takes a tap's values next: only a layer, only if nothing has been written to them since."""
        given = args[0] if args else None
        if not isinstance(given, Tensor):
            return
        known = self.names.get(given)
        if known is not None and known[1] == version(given) >= 0 and next(module.children(), None) is None:
            self.then.setdefault(known[0], type(module).__name__)

    def after(self, path: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: Any, output: Any) -> None:
            stack = self.watch.stack
            while stack[-1][0] != path:  # a module that raised, and a model that went on without it
                stack.pop()
            with torch._C.DisableTorchFunction():
                self.watch.unseen(module, args, tensors_of(output).values())
                self._record(module, stack[-1], output)

        return hook

    def where(self) -> str:
        """The innermost module that was called and has not returned, and what returned last before."""
        path = self.watch.stack[-1][0] if self.watch.stack else ""
        last = tr(", after layer {calls}", calls=self.calls[-1][0]) if self.calls else ""
        return tr("layer {path}", path=path) if path else tr("its own forward{last}", last=last)

    def _record(self, module: nn.Module, key: CallKey, output: Any) -> None:
        self.watch.leave(tensors_of(output).values())
        self.calls.append(key)
        for part, value in parts(output):
            name = self.tap_names.of(key, part)
            if not isinstance(value, Tensor) or unreadable(value):
                self.taps.append((len(self.calls), missing_tap(name, key, module, value)))
                continue
            known = self.names.get(value)
            # inference tensors do not count writes: nothing says that the child's values are still there
            alias = known[0] if known is not None and known[1] == version(value) >= 0 else ""
            if alias and not _same(value, self.copies[alias]):
                alias = ""  # written to in a way that torch does not count
            followed = Followed(self.watch.place(value), self.watch.axes(value), self.watch.spectrum)
            feeds = self.watch.feeds(value)
            tap = make_tap(name, module, key, part, value, followed, self.watch.costs[key], alias)
            tap = replace(tap, fed_by=None if feeds is None else tuple(sorted(feeds)))
            self.taps.append((len(self.calls), tap))
            if not alias:
                check_room(value.nbytes, tr("the values of {name}", name=name))
            self.copies[tap.name] = self.copies[alias] if alias else value.detach().clone()
            self.live.append((key, value, stamp_of(value), tap.name))
            if not alias:
                self.names[value] = (tap.name, version(value))
                self.watch.returned_by(tap.name, value)

    def overwritten(self) -> frozenset[CallKey]:
        """Calls whose output was written to after its hook, or may be: by a later forward, or without a count for another input."""
        found = set()
        unsure = self.own | self.watch.uncounted
        for key, tensor, stamp, name in self.live:
            unseen = self.scripts or stamp[0] < 0 or memory_of(tensor) in unsure
            # comparing values as well catches writes that nobody saw
            if unseen or stamp_of(tensor) != stamp or not _same(tensor, self.copies[name]):
                found.add(key)
        return frozenset(found | self._held())

    def _held(self) -> set[CallKey]:
        """Calls whose output the model, or the caller, still holds: a later forward may write to it."""
        weak: Any = StorageWeakRef
        keys = [(key, weak(tensor.untyped_storage())) for key, tensor, _, _ in self.live if memory_of(tensor)]
        self.live.clear()
        self.names.clear()
        self.watch.places.clear()
        return {key for key, memory in keys if not memory.expired()}


def _same(a: Tensor, b: Tensor) -> bool:
    if torch.equal(a, b):
        return True
    # NaN equals nothing, not even itself
    return a.shape == b.shape and bool(torch.all((a == b) | ((a != a) & (b != b))))


def discover(module: nn.Module, x: Tensor, cancelled: Cancelled = never, turned: bool = False) -> Discovery:
    """Runs one watched forward: every tap of the model for this shape of input, with its true values. `turned`: x is (1, time,
    bands), and its cells are to stand as those of (1, bands, time).

    Raises ExplorerError when the forward raises, naming the layer; CancelledError when cancelled.
    """
    return without_compiler(lambda given: _watched(module, given, cancelled, turned), x)


def without_compiler(watched: Callable[[Tensor], Result], x: Tensor) -> Result:
    """A watched forward; once more where the first brought torch's compiler along, which stands aside from then on."""
    if may_compile():
        return watched(x)
    before = x.clone()
    try:
        return watched(x)
    except ExplorerError:
        if not may_compile():
            raise
    return watched(before)


def _watched(module: nn.Module, x: Tensor, cancelled: Cancelled, turned: bool) -> Discovery:
    modules = named(module)
    found = _Discovery(module, x, cancelled, turned)
    handles: list[Any] = []
    with quiet(module), hooked(handles):
        for path, m in modules:
            # of nn.Module itself: a ScriptModule refuses hooks by name and runs them all the same
            handles.append(nn.Module.register_forward_pre_hook(m, found.before(path)))
            handles.append(nn.Module.register_forward_hook(m, found.after(path)))
        with found.watch, explained(found.where, module, x):
            output = module(x)
    taps = _in_order(found, modules)
    uncounted = bool(found.watch.uncounted - found.own)
    plan = CapturePlan(taps, tuple(found.calls), found.overwritten(), found.watch.decides, uncounted, turned=turned)
    return Discovery(plan, found.copies, output)


@contextmanager
def explained(where: Callable[[], str], module: nn.Module | None = None, x: Tensor | None = None) -> Iterator[None]:
    """Turns what a forward of the network `module` on `x` raises into an error that names the layer and the way out.

    Without a network it is a backward pass. Out of memory passes as it is.
    """
    try:
        yield
    except (CancelledError, _Stop, ExplorerError, MemoryError, torch.OutOfMemoryError):
        raise
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # sys.exit() in a forward must not end the application
        if any(words in message_of(error) for words in ("out of memory", "can't allocate memory")):
            raise
        raise forward_error(error, where(), module, x) from None
    if module is not None and x is not None:
        has_run(module, x)


def _in_order(found: _Discovery, modules: Sequence[tuple[str, nn.Module]]) -> tuple[Tap, ...]:
    """Taps in execution order with unique names; function results where they happened, silent modules last."""
    entries: list[tuple[int, int, Tap]] = []
    for order, tap in found.taps:
        then = found.then.get(tap.alias or tap.name, "")
        entries.append((order, 1, replace(tap, then=then) if then else tap))
    for result in found.watch.hidden():
        name = found.tap_names.of_function(result.inside[0], result.name)
        entries.append((result.order, 2, function_tap(result, name)))
    entries.sort(key=lambda entry: entry[:2])
    by_path = dict(modules)
    returned = {path for path, _ in found.calls}
    silent = []
    for path, m in modules:
        bypassed = path in found.bypassed.paths
        if path and (path not in returned or bypassed):
            call = found.counts[path] if bypassed else 0
            name, parent = found.tap_names.of((path, call)), by_path.get(path.rpartition(".")[0])
            silent.append(silent_tap(name, path, m, parent, found.counts[path] > 0, bypassed))
    return tuple(tap for _, _, tap in entries) + tuple(silent)


# --- the quick forward -------------------------------------------------------------------------------------------------


_NONE: Stamp = (-1, 0, 0)  # of what is no tensor, or was copied because nothing is counted


class _Recorder:
    """Keeps what is wanted of one forward; `written` afterwards names outputs that lost their values."""

    def __init__(self, plan: CapturePlan, wanted: frozenset[CallKey], early: bool, cancelled: Cancelled) -> None:
        self.plan, self.wanted, self.early, self.cancelled = plan, wanted, early, cancelled
        self.kept: dict[CallKey, tuple[Any, Any, Stamp]] = {}  # (what is kept, the original, its stamp)
        self.guard = UncountedWrites()
        self.calls: dict[str, list[int]] = {}  # of each path in the order of returning, which recursion turns around
        for path, call in plan.calls:
            self.calls.setdefault(path, []).append(call)
        self.running = ""
        self.strange = False  # a module returned more often than planned: which call is which is not known

    def where(self) -> str:
        return tr(
            "its forward{running}", running=tr(", after layer {running}", running=self.running) if self.running else ""
        )

    def hook(self, path: str) -> Callable[..., None]:
        wanted, copy, kept, cancelled = self.wanted, self.plan.copy, self.kept, self.cancelled
        calls = iter(self.calls.get(path, ()))

        def after(_module: nn.Module, _args: Any, output: Any) -> None:
            key = (path, next(calls, -1))
            if key[1] < 0:
                self.strange = True
            if cancelled is not never and cancelled():
                raise CancelledError
            self.running = path
            if key not in wanted:
                return
            if type(output) is Tensor:
                stamp = stamp_of(output)
                kept[key] = (output.detach().clone() if key in copy or stamp[0] < 0 else output, output, stamp)
            else:
                kept[key] = ({name: t.detach().clone() for name, t in tensors_of(output).items()}, output, _NONE)
            if self.early and len(kept) == len(wanted):
                raise _Stop

        return after

    def unsure(self, stamp: Stamp) -> bool:
        """Whether that memory may have been written to without a count: equal stamps do not say equal values then."""
        return stamp[1] in self.guard.uncounted

    def written(self) -> frozenset[CallKey]:
        uncounted = self.guard.uncounted
        return frozenset(
            key
            for key, (kept, original, stamp) in self.kept.items()
            if kept is original and (stamp_of(original) != stamp or stamp[1] in uncounted)
        )


class _Changed(Exception):
    """The model did not do what the plan says: another branch, another shape."""


def capture(
    module: nn.Module,
    x: Tensor,
    plan: CapturePlan,
    names: Collection[str] | None = None,
    early: bool = True,
    cancelled: Cancelled = never,
    found: Sequence[tuple[str, nn.Module]] = (),
) -> Discovery:
    """Runs one forward and returns the true values of the taps `names` (all when None), on the model's device.

    With names and `early`, the forward stops after the last of them and `output` is None. Raises TapError naming a tap that did not
    fire, ExplorerError when the forward raises. When the model takes another path than in the plan it is watched again.
    `found`: `modules_of(module)` where it is known.
    """
    taps = [tap for tap in plan.taps if tap.observable] if names is None else [_tap(plan, name) for name in names]
    wanted = frozenset((tap.path, tap.call) for tap in taps)
    for _ in range(3):
        recorder = _Recorder(plan, wanted, early and names is not None, cancelled)
        try:
            output = _forward(module, x, recorder, found)
            written = recorder.written()
            if not written:
                return Discovery(plan, _named_tensors(recorder, taps), output)
        except _Changed:
            break
        plan = replace(plan, copy=plan.copy | written, uncounted=plan.uncounted or bool(recorder.guard.uncounted))
    seen = discover(module, x, cancelled, plan.turned)
    if names is None:
        return seen
    for name in names:
        seen.plan.key_of(name)  # says which tap did not fire
    return Discovery(seen.plan, {name: seen.tensors[name] for name in names}, seen.output)


def keep(module: nn.Module, x: Tensor, plan: CapturePlan, names: Collection[str]) -> tuple[Any, tuple[Tensor, ...]]:
    """The output and the values of some taps by one forward in which nothing is tried twice; to be recorded.

    Raises TapError for a tap that cannot be seen, an exception of its own when the forward took another path than in the plan.
    """
    taps = [_tap(plan, name) for name in names]
    recorder = _Recorder(plan, frozenset((tap.path, tap.call) for tap in taps), False, never)
    output = _forward(module, x, recorder)
    found = _named_tensors(recorder, taps)
    return output, tuple(found[name] for name in names)


def _tap(plan: CapturePlan, name: str) -> Tap:
    plan.key_of(name)
    return next(tap for tap in plan.taps if tap.name == name)


def _forward(module: nn.Module, x: Tensor, recorder: _Recorder, found: Sequence[tuple[str, nn.Module]] = ()) -> Any:
    found = found or modules_of(module)
    paths = {path for path, _ in recorder.wanted}
    output = None
    stopped = False
    hooks = [(m, recorder.hook(path)) for path, m in named(module, found) if path in paths]
    with quiet(module, found), _listening(hooks):
        try:
            guard = nullcontext() if torch._C._get_tracing_state() else recorder.guard
            with guard, explained(recorder.where, module, x):
                output = module(x)
        except _Stop:
            stopped = True
    if recorder.strange or (not stopped and len(recorder.kept) < len(recorder.wanted)):
        raise _Changed
    return output


def _named_tensors(recorder: _Recorder, taps: list[Tap]) -> dict[str, Tensor]:
    """Tensors by tap name; a container that hands on its child's output shares the child's copy."""
    by_original: dict[tuple[str, int, Stamp], Tensor] = {}
    for tap in taps:
        kept, original, stamp = recorder.kept[(tap.path, tap.call)]
        if isinstance(kept, Tensor) and stamp[0] >= 0 and not recorder.unsure(stamp):
            by_original.setdefault((tap.alias or tap.name, id(original), stamp), kept)
    found: dict[str, Tensor] = {}
    for tap in taps:
        kept, original, stamp = recorder.kept[(tap.path, tap.call)]
        shared = (tap.alias or tap.name, id(original), stamp)
        tensor = by_original.get(shared, kept) if isinstance(kept, Tensor) else kept.get(tap.key)
        if tensor is None or tensor.shape != tap.shape:
            raise _Changed
        found[tap.name] = tensor
    return found
