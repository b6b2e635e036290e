"""What the worker of the window owns, used by the thread of a command: models on a workbench, and the studies of them."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from types import FrameType
from typing import TypeVar

from torch import Tensor

from explorer.cli.given import clear_line, spec_of, tap_named, tell
from explorer.cli.recording import heard, is_microphone
from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.caveats import flags
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess, Preprocess, kind_of
from explorer.core.requests import Request
from explorer.core.sound_preprocess import is_turned
from explorer.core.texts import TextPreprocess, example
from explorer.core.translation import tr
from explorer.engine.attention.record import ForwardAttention, find
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import CapturePlan, discover
from explorer.engine.capture.repeat_check import repeated
from explorer.engine.executor import answered
from explorer.engine.inputs import named_input, open_input
from explorer.engine.inputs.input_tensor import input_tensor, noise, read_text
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.runner import Event, Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import first_of
from explorer.engine.models.base import LoadedModel
from explorer.engine.worker import Worker

R = TypeVar("R")
S = TypeVar("S")


class Engine:
    """Everything runs in the calling thread. As a context: progress is shown on the last line of a terminal, and Ctrl+C cancels
    the job, so that CancelledError comes where the work may stop; pressed again, it ends the command at once."""

    def __init__(self) -> None:
        self.unit = ""  # of what progress counts
        self.job = Job(0, Lane.METHOD, "", self._tell)
        self.worker = Worker("cpu", 0, 0)
        self.bench = self.worker.started = ModelSession()  # with as many threads as torch takes by itself
        self.studies = self.worker.studies
        self._heard = threading.current_thread() is threading.main_thread()
        self._before = signal.getsignal(signal.SIGINT)

    def __enter__(self) -> Engine:
        if self._heard and self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        clear_line()
        if self._heard:
            signal.signal(signal.SIGINT, self._before)

    def _tell(self, event: Event) -> None:
        if event.progress is not None:
            tell(replace(event.progress, text=f"{event.progress.text} {self.unit}".strip()))

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self.job.cancelled():
            raise KeyboardInterrupt
        self.job.cancel()

    # --- what a command line names ---

    def open(self, args: argparse.Namespace) -> LoadedModel:
        """Its model, with its --size and --transform-input."""
        card = self.bench.open(spec_of(args), self.job, args.trust_code, args.download).card
        clear_line()
        if args.transform_input and not card.convertible:
            why = tr("Only torchvision's googlenet and inception_v3 have it.")
            raise ExplorerError(
                tr("{card} has no transform_input.", card=card.name), why, tr("Omit --transform-input.")
            )
        pre = card.preprocess
        if args.transform_input and isinstance(pre, Preprocess):
            wanted = args.transform_input == "on"
            if wanted != pre.transform_input:
                card = self.bench.repreprocess(card.digest, replace(pre, transform_input=wanted)).card
        return self.bench.model(card.digest)

    def look(self, args: argparse.Namespace) -> tuple[LoadedModel, Capture]:
        """Its model and picture: a capture that knows its taps and how the output is read, but holds no values."""
        loaded, picture = self.open(args), picture_named(args.input)
        plan = self.bench.planned(loaded.card.digest, picture, self.job)[2]
        text = read_text(picture, loaded.card.preprocess)
        capture = Capture(loaded.card.digest, picture, plan.taps, {}, scores=plan.scores, repeat=plan.repeat, text=text)
        return loaded, capture

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

    # --- without a picture ---

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
        except ExplorerError:  # the command itself says what a model cannot take
            repeat = None
        return flags(loaded.card, repeat, result, classes)

    # --- steps ---

    def answer(self, request: Request[R], each: Callable[[R], None] | None = None) -> R:
        """The whole answer to a request; `each` is handed the partial ones."""
        value = answered(self.worker, request, self.job)
        found: R = self.last(value, each) if isinstance(value, Generator) else value
        return found

    def last(self, steps: Generator[S, None, R], each: Callable[[S], None] | None = None) -> R:
        """The result of work in steps; `each` is handed what they yield. Raises CancelledError after Ctrl+C."""
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
            clear_line()
        raise CancelledError


def picture_named(name: str) -> Input:
    """A sample, a file or a recording that is made now, by the words of a command line. Raises ExplorerError for a folder: one input is
    wanted."""
    if is_microphone(name):
        return heard(name)
    if os.path.isdir(name):
        todo = tr("Name one file. The command predict takes a folder, and --input several times.")
        raise ExplorerError(tr("{name} is a folder.", name=name), tr("This command takes one input."), todo)
    return open_input(named_input(name))


def first_input(pre: AnyPreprocess) -> Input:
    """What a model is shown where nothing was named and nothing depends on it."""
    return open_input(InputRef("text", example(pre)) if isinstance(pre, TextPreprocess) else first_of(kind_of(pre)))


def _noise(loaded: LoadedModel) -> Tensor:
    """(1, C, H, W): the same for every run."""
    return as_input(noise(loaded.card.preprocess), loaded.module)
