"""Studies that the user interface asks for: arithmetic, attribution, ablation, health. Run on the worker thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from torch import Tensor, nn

from explorer.core.arithmetic import Arithmetic
from explorer.core.cells import Cell
from explorer.core.edits import Ablation, Edit, Edits, Frozen, Ranking
from explorer.core.explain import Attribution, Check, Curve, Offer, Offers, SanityPair, Settings, black_of
from explorer.core.method import MethodRequest
from explorer.core.receptive import Effective
from explorer.core.target import Target
from explorer.core.types import Capture, ExplorerError, Picture
from explorer.engine import devices, memory
from explorer.engine.capture import Plan
from explorer.engine.compare.stream import Side
from explorer.engine.edited import edited_capture
from explorer.engine.explain.ablation.ablate import Base, ablate, base_from
from explorer.engine.explain.ablation.rank import rank
from explorer.engine.explain.arithmetic.cell import Worksheet, worksheet
from explorer.engine.explain.attribution.cam import default_layer, layers_for
from explorer.engine.explain.attribution.curves import Kind, curve
from explorer.engine.explain.attribution.methods import METHODS, explain
from explorer.engine.explain.attribution.relus import count_relus
from explorer.engine.explain.attribution.run import differentiate
from explorer.engine.explain.attribution.sanity import sanity_pair
from explorer.engine.explain.attribution.stateless import keeps_state
from explorer.engine.explain.receptive import effective_field
from explorer.engine.models import LoadedModel
from explorer.engine.runner import Job
from explorer.engine.workbench import Workbench

T = TypeVar("T")
R = TypeVar("R")
Given = tuple[LoadedModel, Tensor, Plan]
_BASELINES = frozenset(("integrated-gradients", "occlusion"))


@dataclass(slots=True)
class _Kept:
    """What the last study found out and the next one of the same picture can use."""

    key: tuple[str, ...] = ()
    module: nn.Module | None = None
    sheet: Worksheet | None = None
    base: Base | None = None


class Studies:
    """Asks the workbench for model and input, the engine's methods for the rest. Out of memory is an ExplorerError here."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self._sheet, self._base = _Kept(), _Kept()
        bench.closed.append(self._forget)

    def explain_cell(self, capture: Capture, tap: str, channel: int, cell: Cell, job: Job) -> Arithmetic:
        """How one cell is computed. Cells of the last tap cost no forward."""
        return self.guarded(lambda: self._worksheet(capture, tap, job).cell(tap, channel, cell))

    def offers(self, capture: Capture, target: Target, job: Job) -> Offers:
        """Which methods can be had for a target, each with the reason where it cannot."""
        return self.guarded(lambda: _offers(self._given(capture, job), target, job))

    def attribute(
        self, capture: Capture, target: Target, method: str, settings: Settings, job: Job
    ) -> Generator[Attribution, None, Attribution]:
        """Streams partial attributions, then the whole one. The baseline "black" is that of the model's preprocessing."""

        def steps() -> Generator[Attribution, None, Attribution]:
            loaded, x, plan = self._given(capture, job)
            chosen = replace(settings, black=black_of(loaded.card.preprocess))
            return explain(method, loaded.module, x, target, plan, chosen, job.cancelled)

        return self.streamed(steps)

    def check(self, capture: Capture, found: Attribution, job: Job) -> Generator[Check, None, Check]:
        """Streams the randomised twin, then the curves of deletion and insertion."""
        return self.streamed(lambda: _check(self._given(capture, job), found, job))

    def effective(
        self, capture: Capture, tap: str, channel: int, cell: Cell, job: Job
    ) -> Generator[Effective, None, Effective]:
        """Streams the mean gradient of a cell over this picture and those of the model that are kept."""
        return self.streamed(lambda: _last(self._effective(capture, tap, channel, cell, job)))

    def ablate(
        self, capture: Capture, edits: Edits, wanted: Collection[str], job: Job, frozen: Frozen | None = None
    ) -> Ablation:
        """The prediction and the taps `wanted` under edits of a capture that has none."""
        return self.guarded(lambda: ablate(self._base_of(capture, job), edits, wanted, frozen, job.cancelled))

    def edited(
        self, model: str, picture: Picture, edits: Edits, frozen: Frozen, names: Collection[str], job: Job
    ) -> Capture:
        """A capture of a picture under edits, which is in no store."""
        return self.guarded(lambda: edited_capture(self.bench, model, picture, edits, frozen, job, names))

    def rank(self, capture: Capture, edit: Edit, index: int, job: Job) -> Generator[Ranking, None, Ranking]:
        """Streams the channels of the edit's tap by what each alone does to a class."""
        return self.streamed(lambda: _last(rank(self._base_of(capture, job), edit, index, cancelled=job.cancelled)))

    # --- what they share ---

    def given(self, request: MethodRequest[Any, Any], job: Job) -> Given:
        """(the open model, its input on the device, the plan of a watched forward) of what a method is asked about."""
        found = self.bench.given(request.model, request.picture, job)
        return found[0], found[1], self.bench.repeated(request.model, request.picture, found, job)

    def side(self, model: str, *taps: str) -> Side:
        """An open model as one side of a comparison."""
        return Side(self.bench.model(model), taps, device=self.bench.device)

    def _forget(self, module: nn.Module) -> None:
        """A network was closed: what is kept holds its weights and activations."""
        self._sheet = _Kept() if self._sheet.module is module else self._sheet
        self._base = _Kept() if self._base.module is module else self._base

    def _given(self, capture: Capture, job: Job) -> Given:
        given = self.bench.given(capture.model, capture.picture, job)
        return given[0], given[1], self.bench.repeated(capture.model, capture.picture, given, job)

    def _effective(
        self, capture: Capture, tap: str, channel: int, cell: Cell, job: Job
    ) -> Generator[Effective, None, None]:
        loaded, _, plan = self._given(capture, job)
        pictures = [capture.picture, *self.bench.store.pictures(capture.model, capture.picture.digest)]
        inputs = (self.bench.given(capture.model, picture, job)[1] for picture in pictures)
        yield from effective_field(loaded.module, plan, tap, channel, cell, inputs, job.cancelled)

    def _worksheet(self, capture: Capture, tap: str, job: Job) -> Worksheet:
        loaded, x, plan = self._given(capture, job)
        key = (capture.model, self.bench.device, capture.picture.digest, tap)
        if self._sheet.key != key or self._sheet.module is not loaded.module or self._sheet.sheet is None:
            self._sheet = _Kept()  # before the next one is made: two of them need twice the memory
            sheet = worksheet(loaded.module, x, plan, (tap,), job.cancelled)
            self._sheet = _Kept(key, loaded.module, sheet=sheet)
        assert self._sheet.sheet is not None
        return self._sheet.sheet

    def _base_of(self, capture: Capture, job: Job) -> Base:
        loaded, x, plan = self._given(capture, job)
        key = (capture.model, self.bench.device, capture.picture.digest)
        if self._base.key != key or self._base.module is not loaded.module or self._base.base is None:
            route = self._base.base.route if self._base.base and self._base.module is loaded.module else None
            same = self._base.base is not None and self._base.base.x.shape == x.shape
            self._base = _Kept()
            base = base_from(loaded.module, x, plan, capture, loaded.card.labels, route if same else None)
            base.classifies = loaded.card.classifies
            self._base = _Kept(key, loaded.module, base=base)
        assert self._base.base is not None
        return self._base.base

    def guarded(self, work: Callable[[], R]) -> R:
        try:
            return work()
        except Exception as error:
            detail = _device_detail(error)
            if detail is None:
                raise
        raise self._no_memory(detail)  # outside the except block: the exception holds on to tensors

    def streamed(self, steps: Callable[[], Generator[T, None, R]]) -> Generator[T, None, R]:
        try:
            return (yield from steps())
        except Exception as error:
            detail = _device_detail(error)
            if detail is None:
                raise
        raise self._no_memory(detail)

    def forget(self) -> None:
        """Lets go of what was kept for the next cell or edit."""
        self._sheet, self._base = _Kept(), _Kept()

    def _no_memory(self, detail: str) -> ExplorerError:
        free = devices.free_bytes(self.bench.device)
        self.forget()
        self.bench.recover()
        said = detail.removeprefix("It out of memory: ")
        if said != detail:
            return memory.told(said, None, free)
        what, todo = "The device could not finish this.", "Choose a smaller input size, a smaller model, or the CPU."
        return ExplorerError(what, detail, todo)


def _device_detail(error: Exception) -> str | None:
    """What a failing device said, None where the error is not the device's."""
    said = devices.said_by_device(error)
    return None if said is None else f"It {said}"


def _last(steps: Generator[R, None, None]) -> Generator[R, None, R]:
    """The same steps; the last one is the result."""
    found: R | None = None
    for found in steps:
        yield found
    if found is None:
        raise ExplorerError("There was nothing to compute.")
    return found


def _check(given: Given, found: Attribution, job: Job) -> Generator[Check, None, Check]:
    loaded, x, plan = given
    pair: SanityPair = yield from _each(
        sanity_pair(found, loaded.module, x, plan, cancelled=job.cancelled), lambda pair: Check(pair)
    )
    done = Check(pair)
    yield done

    def drawn(kind: Kind) -> Generator[Curve, None, Curve]:
        return curve(kind, found, loaded.module, x, plan, cancelled=job.cancelled)

    deletion = yield from _each(drawn("deletion"), lambda c: replace(done, deletion=c))
    done = replace(done, deletion=deletion)
    insertion = yield from _each(drawn("insertion"), lambda c: replace(done, insertion=c))
    return replace(done, insertion=insertion)


def _each(steps: Generator[T, None, T], told: Callable[[T], Check]) -> Generator[Check, None, T]:
    """Partial results as parts of a check; returns the last one as it is."""
    while True:
        try:
            yield told(next(steps))
        except StopIteration as stop:
            result: T = stop.value
            return result


def _offers(given: Given, target: Target, job: Job) -> Offers:
    layers, gradient = _layers(given, target, job), _why_no_gradient(given, target, job)
    relus = gradient or _why_no_relus(given, target, job)
    reasons = {
        "gradient": gradient,
        "relu": relus,
        "layer": "" if layers else "There is no layer with a map in front of this target.",
        "stateless": str(keeps_state(given[2]) or ""),
    }
    methods = tuple(
        Offer(
            name,
            method.title,
            method.about,
            next((reasons[need] for need in method.needs if reasons[need]), ""),
            "layer" in method.needs,
            name in _BASELINES,
        )
        for name, method in METHODS.items()
    )
    return Offers(target, methods, layers)


def _layers(given: Given, target: Target, job: Job) -> tuple[str, ...]:
    """The usual one first; () where there is none."""
    loaded, x, plan = given
    try:
        usual = default_layer(loaded.module, x, target, plan, job.cancelled)
    except ExplorerError:
        return ()
    return (usual, *(name for name in layers_for(target, plan) if name != usual))


def _why_no_gradient(given: Given, target: Target, job: Job) -> str:
    loaded, x, plan = given
    if not x.is_floating_point():
        return f"The input is {x.dtype}, whose values do not change smoothly."
    try:
        differentiate(loaded.module, x, target, plan, job.cancelled)
    except ExplorerError as error:
        return error.what
    return ""


def _why_no_relus(given: Given, target: Target, job: Job) -> str:
    loaded, x, plan = given
    total = count_relus(loaded.module, x, target, plan, job.cancelled).total
    return "" if total else "There is no ReLU between the input and this target."
