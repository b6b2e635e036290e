"""Ablation: what the prediction and the later maps become when a channel, or a region of cells, is silenced.

Runs on from the edited tap, not from the start, where that has been shown to give the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from explorer.core.activations import Capture, Tap
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Ablation, Edit, Edits, Frozen, Shift, digest_of
from explorer.core.model_output import NO_CLASSES, ModelOutput
from explorer.core.repeatability import Repeat
from explorer.core.scores import Scores
from explorer.core.translation import tr
from explorer.engine.ablation.edit_hooks import apply_all, check, to_tensor
from explorer.engine.ablation.resume import Change, Ran, ResumableRun, resume_at, run
from explorer.engine.ablation.route import Route, route_of
from explorer.engine.capture.class_vector import name_of, probabilities, returned, scores_of, vector_in
from explorer.engine.capture.forward import CapturePlan, Discovery
from explorer.engine.capture.trace import CallKey
from explorer.engine.capture.values import to_arrays
from explorer.engine.jobs.cancel import Cancelled, never
from explorer.engine.output.read_output import output_again


@dataclass(slots=True, eq=False)
class Base:
    """One forward without edits, and what was found out about going on from its parts. Never shown to another thread."""

    module: nn.Module
    x: Tensor  # (1, C, H, W), on the model's device
    plan: CapturePlan
    tensors: Mapping[str, Tensor]  # by tap name
    output: Any
    labels: tuple[str, ...] = ()
    route: Route | None = None  # of an earlier Base of the same model and input size; saves a forward
    like: ModelOutput = NO_CLASSES  # how the output was read
    size: tuple[int, int] = (0, 0)  # of the input, height and width
    classifies: bool = True  # False: the output is no class vector, whatever its shape
    _points: dict[CallKey, tuple[ResumableRun | None, str]] = field(default_factory=dict)

    @property
    def taps(self) -> dict[str, Tap]:
        return {tap.name: tap for tap in self.plan.taps}

    @property
    def scores(self) -> Scores | None:
        """How the class vector is read; None where the output describes the picture or holds none."""
        return (self.plan.scores or scores_of(self.plan.taps)) if self.classifies else None

    def known(self) -> dict[CallKey, Tensor]:
        """Kept results by call: those that are one tensor."""
        taps = self.taps
        return {(taps[n].path, taps[n].call): t for n, t in self.tensors.items() if n in taps and not taps[n].key}

    def point(self, key: CallKey, cancelled: Cancelled) -> tuple[ResumableRun | None, str]:
        """What a forward can go on from at a call, tried once; None and the reason where it must start anew."""
        if key not in self._points:
            if self.route is None:
                self.route = route_of(self.module, self.x, cancelled)
            known = self.known()
            self._points[key] = resume_at(self.module, self.x, self.route, known, key, self.output, cancelled)
        return self._points[key]

    def spoiled(self, key: CallKey, note: str) -> None:
        """A kept result was written into after all: do not go on from there again."""
        self._points[key] = (None, note)

    def first(self, keys: Iterable[CallKey], cancelled: Cancelled) -> CallKey:
        """The call among these that returns first."""
        if self.route is None:
            self.route = route_of(self.module, self.x, cancelled)
        ended = {call.key: call.ended for call in self.route.calls}
        found = min(keys, key=lambda key: ended.get(key, 1 << 60))
        if found not in ended:
            raise ExplorerError(
                tr("The layer {found} did not run this time.", found=found[0]), tr("The model ran a different path.")
            )
        return found


def base_of(
    module: nn.Module, x: Tensor, seen: Discovery, labels: tuple[str, ...] = (), route: Route | None = None
) -> Base:
    """A base from a forward that has just run to its end (`capture` or `discover`)."""
    return Base(module, x, seen.plan, seen.tensors, seen.output, labels, route)


def base_from(
    module: nn.Module,
    x: Tensor,
    plan: CapturePlan,
    capture: Capture,
    labels: tuple[str, ...] = (),
    route: Route | None = None,
) -> Base:
    """A base from a stored capture; one forward where it does not hold the model's output.

    Raises ExplorerError for a capture under edits: nothing may be added to what was changed already.
    """
    if capture.edits:
        raise ExplorerError(tr("This capture is edited."), "", tr("Start from the capture without edits."))
    taps = {tap.name: tap for tap in plan.taps}
    tensors = {
        n: to_tensor(v, taps[n], x.device) for n, v in capture.values.items() if n in taps and "q" not in taps[n].dtype
    }
    own = returned(plan.taps)
    whole = bool(own) and all(tap.name in tensors for tap in own)
    output = {tap.key: tensors[tap.name] for tap in own} if whole else run(module, x).output
    return Base(module, x, plan, tensors, output, labels, route, capture.output, capture.picture.size)


def ablate(
    base: Base, edits: Edits, wanted: Collection[str] = (), frozen: Frozen | None = None, cancelled: Cancelled = never
) -> Ablation:
    """One forward under `edits`, with the taps `wanted` as they are then.

    Without edits it is the base itself. Raises ExplorerError when a tap, channel or region does not exist or the forward
    raises; CancelledError when cancelled.
    """
    changes = changes_of(base.plan, edits, frozen)
    for name in wanted:
        base.plan.key_of(name)
    if not edits:
        found = {name: base.tensors[name] for name in wanted if name in base.tensors}
        return _told(base, edits, base.output, found, False, "")
    ran, values, note = _resumed(base, changes, wanted, cancelled)
    return _told(base, edits, ran.output, values, not note, note)


def changes_of(plan: CapturePlan, edits: Edits, frozen: Frozen | None = None) -> dict[CallKey, Change]:
    """What is done to the output of which call. Raises ExplorerError when a tap, channel or region does not exist."""
    taps = {tap.name: tap for tap in plan.taps}
    by_call: dict[CallKey, list[Edit]] = {}
    for edit in edits:
        key = plan.key_of(edit.tap)
        check(edit, taps[edit.tap])
        by_call.setdefault(key, []).append(edit)
    return {key: _change(some, taps, frozen) for key, some in by_call.items()}


def forward_under(
    module: nn.Module,
    x: Tensor,
    plan: CapturePlan,
    edits: Edits,
    wanted: Collection[str] = (),
    frozen: Frozen | None = None,
    cancelled: Cancelled = never,
) -> Discovery:
    """One forward from the start under edits: for a new input, of which nothing is known yet (live video).

    The tensors are the taps `wanted` as they are then, edits included. Errors as `ablate`.
    """
    taps = {tap.name: tap for tap in plan.taps}
    keys = {name: plan.key_of(name) for name in wanted}
    ran = run(module, x, changes_of(plan, edits, frozen), frozenset(keys.values()), None, cancelled)
    found: dict[str, Tensor] = {}
    for name, key in keys.items():
        seen = ran.seen[key]
        tensor = seen.get(taps[name].key) if isinstance(seen, dict) else seen
        if tensor is None or tuple(tensor.shape) != taps[name].shape:
            raise ExplorerError(tr("{name} differs in this forward.", name=name), tr("The model ran a different path."))
        found[name] = tensor
    return Discovery(plan, found, ran.output)


def _change(edits: list[Edit], taps: Mapping[str, Tap], frozen: Frozen | None) -> Change:
    return lambda output: apply_all(edits, taps, output, frozen)


def _resumed(
    base: Base, changes: Mapping[CallKey, Change], wanted: Collection[str], cancelled: Cancelled
) -> tuple[Ran, dict[str, Tensor], str]:
    """(what ran, the wanted taps, why it ran from the start or '')."""
    taps = base.taps
    at = base.first(changes, cancelled)
    kept, note = base.point(at, cancelled)
    early = _unmoved(base, at) - changes.keys() if kept is not None else set()
    keys = {name: (taps[name].path, taps[name].call) for name in wanted}
    later = {key for name, key in keys.items() if key not in early or name not in base.tensors}
    if kept is not None and later & early:
        kept, note, later = None, tr("a tap before the edit is not stored"), set(keys.values())
    ran = run(base.module, base.x, changes, later, kept, cancelled)
    if kept is not None and ran.written - kept.copy:
        base.spoiled(at, tr("the model overwrites stored values"))
        return _resumed(base, changes, wanted, cancelled)
    found: dict[str, Tensor] = {}
    for name, key in keys.items():
        seen = ran.seen.get(key)
        tensor = (
            base.tensors.get(name) if seen is None else seen.get(taps[name].key) if isinstance(seen, dict) else seen
        )
        if tensor is not None:
            found[name] = tensor
    return ran, found, note


def _unmoved(base: Base, at: CallKey) -> set[CallKey]:
    """Calls that return before the first edit does: they do not change."""
    assert base.route is not None
    last = base.route.calls[base.route.number(at)].ended
    return {call.key for call in base.route.calls if call.ended <= last}


def _told(base: Base, edits: Edits, output: Any, tensors: dict[str, Tensor], resumed: bool, note: str) -> Ablation:
    scores = base.scores
    shifts = compare(base.output, output, base.labels, scores, base.plan.repeat)
    wanted = tuple(tap for tap in base.plan.taps if tap.name in tensors)
    values = to_arrays(wanted, tensors)
    read = output_again(output, base.like, base.labels, scores, base.size)
    repeat = base.plan.repeat
    return Ablation(edits, digest_of(edits), shifts, values, base.plan.taps, read, resumed, note, scores, repeat)


def compare(
    before: Any,
    after: Any,
    labels: tuple[str, ...],
    scores: Scores | None,
    repeat: Repeat | None = None,
    top: int = 10,
) -> tuple[Shift, ...]:
    """The best classes of either prediction, by their larger probability; () where one is no finite class vector."""
    a, b = vector_in(before, scores), vector_in(after, scores)
    if a is None or b is None:
        return ()
    p, q = probabilities(a, scores), probabilities(b, scores)
    best = {i for vector in (a, b) for i in vector.topk(min(top, len(vector))).indices.tolist()}
    noise = repeat if repeat is not None and not repeat.same else None
    shifts = [
        Shift(
            i,
            name_of(i, labels, len(p)),
            float(p[i]),
            float(q[i]),
            float(a[i]),
            float(b[i]),
            noise.of(i) if noise is not None else 0.0,
        )
        for i in best
    ]
    return tuple(sorted(shifts, key=lambda s: (-max(s.before, s.after), s.index)))
