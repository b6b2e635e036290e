"""Studies that the user interface asks for: arithmetic, attribution, ablation, health. Run on the worker thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from torch import Tensor, nn

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.arithmetic import Arithmetic
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell
from explorer.core.interventions import Ablation, Edits, Frozen
from explorer.core.pairs import Side
from explorer.core.translation import tr
from explorer.engine.ablation.ablate import Base, ablate, base_from
from explorer.engine.arithmetic.cell import Worksheet, worksheet
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.edited_captures import edited_capture
from explorer.engine.jobs import devices, memory
from explorer.engine.jobs.runner import Job
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.representations.paired_stream import ComparedModel

T = TypeVar("T")
R = TypeVar("R")
Given = tuple[LoadedModel, Tensor, CapturePlan]


class OfPicture(Protocol):
    """A request, or a capture."""

    @property
    def model(self) -> str: ...

    @property
    def picture(self) -> Input: ...


@dataclass(slots=True)
class _Kept:
    """What the last study found out and the next one of the same picture can use."""

    key: tuple[str, ...] = ()
    module: nn.Module | None = None
    sheet: Worksheet | None = None
    base: Base | None = None


class Studies:
    """Asks the workbench for model and input, the engine's methods for the rest. Out of memory is an ExplorerError here."""

    def __init__(self, bench: ModelSession) -> None:
        self.bench = bench
        self._sheet, self._base = _Kept(), _Kept()
        bench.closed.append(self._forget)

    def explain_cell(self, about: OfPicture, tap: str, channel: int, cell: Cell, job: Job) -> Arithmetic:
        """How one cell is computed. Cells of the last tap cost no forward."""
        return self.guarded(lambda: self._worksheet(about, tap, job).cell(tap, channel, cell))

    def ablate(
        self, capture: Capture, edits: Edits, wanted: Collection[str], job: Job, frozen: Frozen | None = None
    ) -> Ablation:
        """The prediction and the taps `wanted` under edits of a capture that has none."""
        return self.guarded(lambda: ablate(self.base_of(capture, job), edits, wanted, frozen, job.cancelled))

    def edited(
        self, model: str, picture: Input, edits: Edits, frozen: Frozen, names: Collection[str], job: Job
    ) -> Capture:
        """A capture of a picture under edits, which is in no store."""
        return self.guarded(lambda: edited_capture(self.bench, model, picture, edits, frozen, job, names))

    # --- what they share ---

    def given(self, about: OfPicture, job: Job) -> Given:
        """(the open model, its input on the device, the plan of a watched forward) of what a method is asked about."""
        found = self.bench.given(about.model, about.picture, job)
        return found[0], found[1], self.bench.repeated(about.model, about.picture, found, job)

    def side(self, side: Side) -> ComparedModel:
        """An open model as one side of a comparison over many inputs."""
        return ComparedModel(self.bench.model(side.model), side.taps, device=self.bench.device)

    def _forget(self, module: nn.Module) -> None:
        """A network was closed: what is kept holds its weights and activations."""
        self._sheet = _Kept() if self._sheet.module is module else self._sheet
        self._base = _Kept() if self._base.module is module else self._base

    def _worksheet(self, about: OfPicture, tap: str, job: Job) -> Worksheet:
        loaded, x, plan = self.given(about, job)
        key = (about.model, self.bench.device, about.picture.digest, tap)
        if self._sheet.key != key or self._sheet.module is not loaded.module or self._sheet.sheet is None:
            self._sheet = _Kept()  # before the next one is made: two of them need twice the memory
            sheet = worksheet(loaded.module, x, plan, (tap,), job.cancelled)
            self._sheet = _Kept(key, loaded.module, sheet=sheet)
        assert self._sheet.sheet is not None
        return self._sheet.sheet

    def base_of(self, capture: Capture, job: Job) -> Base:
        """What edits of a capture start from; kept for the next edit of the same picture."""
        loaded, x, plan = self.given(capture, job)
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
        what, todo = (
            tr("The device could not finish this."),
            tr("Choose a smaller input size, a smaller model, or the CPU."),
        )
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
        raise ExplorerError(tr("There was nothing to compute."))
    return found
