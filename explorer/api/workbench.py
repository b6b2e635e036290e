"""What the worker of the window owns, used by the calling thread: models on a workbench, and the studies of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from torch import Tensor

from explorer.api.named_taps import tap_named
from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.caveats import flags
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess, kind_of
from explorer.core.requests import Lane, Request
from explorer.core.sound_preprocess import is_turned
from explorer.core.texts import TextPreprocess, example
from explorer.core.translation import tr
from explorer.engine.attention.record import ForwardAttention, find
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import CapturePlan, discover
from explorer.engine.capture.repeat_check import repeated
from explorer.engine.executor import answered
from explorer.engine.inputs import open_input
from explorer.engine.inputs.input_tensor import input_tensor, noise, read_text
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Event, Job
from explorer.engine.model_session import ModelSession
from explorer.engine.models import first_of
from explorer.engine.models.base import LoadedModel
from explorer.engine.worker import Worker

R = TypeVar("R")
S = TypeVar("S")


class Workbench:
    """Everything runs in the calling thread. `job` says whether to stop; `heard` hears of progress."""

    def __init__(self) -> None:
        self.job = Job(0, Lane.METHOD, "", self.heard)
        self.worker = Worker("cpu", 0, 0)
        self.bench = self.worker.started = ModelSession()  # with as many threads as torch takes by itself
        self.studies = self.worker.studies

    def heard(self, event: Event) -> None:
        """Nobody is told of progress."""

    # --- with an input ---

    def look(self, loaded: LoadedModel, picture: Input) -> Capture:
        """A capture that knows its taps and how the output is read, but holds no values."""
        plan = self.bench.planned(loaded.card.digest, picture, self.job)[2]
        text = read_text(picture, loaded.card.preprocess)
        return Capture(loaded.card.digest, picture, plan.taps, {}, scores=plan.scores, repeat=plan.repeat, text=text)

    def capture(self, loaded: LoadedModel, picture: Input, names: list[str]) -> Capture:
        """A capture that holds the taps `names`, whatever the byte budget allows. Raises ExplorerError where there is no such tap."""
        capture = self.bench.capture(loaded.card.digest, picture, self.job)
        for name in names:
            tap_named(capture.taps, name)
        missing = [name for name in names if name not in capture.values]
        return self.bench.recompute(capture, missing, self.job) if missing else capture

    def attention(self, loaded: LoadedModel, picture: Input) -> tuple[Tensor, ForwardAttention]:
        """(the input tensor, every attention of its forward). Raises ExplorerError where there is none."""

        def found() -> tuple[Tensor, ForwardAttention]:
            x = as_input(input_tensor(picture, loaded.card.preprocess), loaded.module, self.bench.device)
            return x, find(loaded.module, x, False, self.job.cancelled, is_turned(loaded.card.preprocess))

        x, attention = self.studies.guarded(found)
        if not attention.calls:
            why = tr("It has none, computes it in a way that cannot be followed, or is a traced program.")
            raise ExplorerError(tr("No attention found in this model."), why)
        return x, attention

    # --- without one ---

    def plan(self, loaded: LoadedModel) -> CapturePlan:
        """From one watched forward on seeded noise of the model's input size."""

        def watched() -> CapturePlan:
            turned = is_turned(loaded.card.preprocess)
            seen = self.bench.on_device(loaded, _noise(loaded), lambda m, x: discover(m, x, self.job.cancelled, turned))
            return seen.plan

        return self.studies.guarded(watched)

    def flags(
        self, loaded: LoadedModel, result: str = "map", x: Tensor | None = None, classes: bool = False
    ) -> tuple[str, ...]:
        """What must be said beside a result of this model; runs it twice on the input x (1, ...), or on seeded noise."""
        x = _noise(loaded).to(self.bench.device) if x is None else x
        try:
            repeat = repeated(loaded.module, x, None, self.job.cancelled)
        except ExplorerError:  # the method itself says what a model cannot take
            repeat = None
        return flags(loaded.card, repeat, result, classes)

    # --- steps ---

    def answer(self, request: Request[R], each: Callable[[R], None] | None = None) -> R:
        """The whole answer to a request; `each` is handed the partial ones."""
        value = answered(self.worker, request, self.job)
        found: R = self.last(value, each) if isinstance(value, Generator) else value
        return found

    def last(self, steps: Generator[S, None, R], each: Callable[[S], None] | None = None) -> R:
        """The result of work in steps; `each` is handed what they yield. Raises CancelledError where the job was cancelled."""
        try:
            while not self.job.cancelled():
                now = next(steps)
                if each is not None:
                    each(now)
        except StopIteration as stop:
            found: R = stop.value
            return found
        finally:
            steps.close()
        raise CancelledError


def first_input(pre: AnyPreprocess) -> Input:
    """What a model is shown where nothing was named and nothing depends on it."""
    return open_input(InputRef("text", example(pre)) if isinstance(pre, TextPreprocess) else first_of(kind_of(pre)))


def _noise(loaded: LoadedModel) -> Tensor:
    """(1, C, H, W): the same for every run."""
    return as_input(noise(loaded.card.preprocess), loaded.module)
