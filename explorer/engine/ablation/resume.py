"""A forward that goes on from a tap instead of from the start: modules before it return what they returned last time.

Hooks apply the edits in both ways of running, so a forward from the start and one that is resumed say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.ablation.route import Route
from explorer.engine.capture.forward import explained, named, quiet
from explorer.engine.capture.outputs import same, same_output, tensors_of
from explorer.engine.capture.replaced_forwards import replaced_forwards
from explorer.engine.capture.trace import CallKey
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

Change = Callable[[Any], Any]  # the output of a call -> another output; never writes into what it is given


@dataclass(frozen=True, slots=True, eq=False)
class ResumableRun:
    """Results to go on from: one tensor a call. Those in `copy` are handed out as copies: something writes into them."""

    tensors: Mapping[CallKey, Tensor]
    inside: Mapping[CallKey, Counter[str]]  # how often each path is called inside a call that is not computed
    overwrites: frozenset[CallKey]  # calls that return their first argument, written to
    copy: frozenset[CallKey]


@dataclass(frozen=True, slots=True, eq=False)
class Ran:
    """What came of a forward."""

    output: Any
    seen: dict[CallKey, Any]  # outputs of the calls that were wanted, copied, edits included
    written: frozenset[CallKey] = frozenset()  # calls whose known result something wrote into after it was handed out


class _Run:
    def __init__(
        self,
        changes: Mapping[CallKey, Change],
        wanted: Collection[CallKey],
        kept: ResumableRun | None,
        cancelled: Cancelled,
    ) -> None:
        self.changes, self.wanted, self.kept, self.cancelled = changes, frozenset(wanted), kept, cancelled
        self.counts: Counter[str] = Counter()
        self.stack: list[CallKey] = []
        self.seen: dict[CallKey, Any] = {}
        self.changed: set[CallKey] = set()
        self.handed: list[tuple[CallKey, Tensor, int]] = []

    def before(self, path: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _args: Any) -> None:
            if self.cancelled():
                raise CancelledError
            self.stack.append((path, self.counts[path]))
            self.counts[path] += 1

        return hook

    def after(self, path: str) -> Callable[..., Any]:
        def hook(_module: nn.Module, _args: Any, output: Any) -> Any:
            while self.stack[-1][0] != path:
                self.stack.pop()
            key = self.stack.pop()
            change = self.changes.get(key)
            if change is not None:
                output = change(output)
                self.changed.add(key)
            if key in self.wanted:
                self.seen[key] = _copy(output)
            return output

        return hook

    def forward(self, path: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*args: Any, **kwargs: Any) -> Any:
            assert self.kept is not None
            key = self.stack[-1] if self.stack and self.stack[-1][0] == path else (path, -1)
            known = self.kept.tensors.get(key)
            if known is None:
                return original(*args, **kwargs)
            self.counts.update(self.kept.inside[key])
            if key in self.kept.overwrites and args and isinstance(args[0], Tensor):
                return args[0].copy_(known)
            given = known.clone() if key in self.kept.copy else known
            self.handed.append((key, given, given._version))
            return given

        return instead

    def written(self) -> frozenset[CallKey]:
        """Counted writes to everything, and of copies also those that torch does not count."""
        kept = self.kept
        return frozenset(
            key
            for key, tensor, seen in self.handed
            if tensor._version != seen
            or (kept and tensor is not kept.tensors[key] and not same(tensor, kept.tensors[key]))
        )


def _copy(output: Any) -> Any:
    if isinstance(output, Tensor):
        return output.detach().clone()
    return {key: tensor.detach().clone() for key, tensor in tensors_of(output).items()}


def run(
    module: nn.Module,
    x: Tensor,
    changes: Mapping[CallKey, Change] | None = None,
    wanted: Collection[CallKey] = (),
    kept: ResumableRun | None = None,
    cancelled: Cancelled = never,
) -> Ran:
    """One forward under changes, from the start or (with `kept`) from what is known.

    Raises ExplorerError when the forward raises or a change never met its call; CancelledError when cancelled.
    """
    run_ = _Run(changes or {}, wanted, kept, cancelled)
    modules = named(module)
    known = {path for path, _ in kept.tensors} if kept is not None else set()
    handles: list[Any] = []
    try:
        for path, m in modules:
            # of nn.Module itself: a ScriptModule refuses hooks by name and runs them all the same
            handles.append(nn.Module.register_forward_pre_hook(m, run_.before(path)))
            handles.append(nn.Module.register_forward_hook(m, run_.after(path)))
        with (
            quiet(module),
            replaced_forwards([(path, m) for path, m in modules if path in known], run_.forward),
            explained(lambda: tr("layer {stack}", stack=run_.stack[-1][0]) if run_.stack else "it", module, x),
        ):
            output = module(x.clone())
    finally:
        for handle in handles:
            handle.remove()
    missed = [key for key in run_.changes if key not in run_.changed]
    if missed or (gone := run_.wanted - run_.seen.keys()):
        path = missed[0][0] if missed else next(iter(gone))[0]
        raise ExplorerError(
            tr("The layer {path} did not run this time.", path=path), tr("The model ran a different path.")
        )
    return Ran(output, run_.seen, run_.written())


def resume_at(
    module: nn.Module,
    x: Tensor,
    route: Route,
    tensors: Mapping[CallKey, Tensor],
    at: CallKey,
    output: Any,
    cancelled: Cancelled,
) -> tuple[ResumableRun | None, str]:
    """What a forward can go on from at the call `at`, or None and the reason.

    Tried once without any edit: it is trusted only when it gives `output`, the one of the forward from the start.
    """
    skip = route.skippable(at, tensors.keys())
    if not skip:
        return None, tr("no earlier values are stored")
    inside = {key: route.inside(number) for key, number in skip.items()}
    overwrites = frozenset(key for key, number in skip.items() if route.calls[number].overwrites)
    tried = ResumableRun({key: tensors[key] for key in skip}, inside, overwrites, frozenset(skip))
    try:
        ran = run(module, x, kept=tried, cancelled=cancelled)
    except ExplorerError as error:
        return None, tr("recomputing from there failed: {why}", why=error.why or error.what)
    if not same_output(ran.output, output):
        return None, tr("recomputing from there differs from the whole forward")
    return ResumableRun(tried.tensors, inside, overwrites, ran.written), ""
