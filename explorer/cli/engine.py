"""The workbench of a command: models named by a command line, progress on the terminal, and Ctrl+C."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from types import FrameType
from typing import TypeVar

from explorer.api.workbench import Workbench
from explorer.cli.given import clear_line, spec_of, tell
from explorer.cli.recording import heard, is_microphone
from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.errors import ExplorerError
from explorer.core.models import Preprocess
from explorer.core.translation import tr
from explorer.engine.inputs import named_input, open_input
from explorer.engine.jobs.job import Event
from explorer.engine.models.base import LoadedModel

R = TypeVar("R")
S = TypeVar("S")


class Engine(Workbench):
    """As a context: progress is shown on the last line of a terminal, and Ctrl+C cancels the job, so that CancelledError comes
    where the work may stop; pressed again, it ends the command at once."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = ""  # of what progress counts
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

    def heard(self, event: Event) -> None:
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

    def named(self, args: argparse.Namespace) -> tuple[LoadedModel, Capture]:
        """Its model and picture: a capture that knows its taps and how the output is read, but holds no values."""
        loaded, picture = self.open(args), picture_named(args.input)
        return loaded, self.look(loaded, picture)

    def last(self, steps: Generator[S, None, R], each: Callable[[S], None] | None = None) -> R:
        try:
            return super().last(steps, each)
        finally:
            clear_line()


def picture_named(name: str) -> Input:
    """A sample, a file or a recording that is made now, by the words of a command line. Raises ExplorerError for a folder: one input is
    wanted."""
    if is_microphone(name):
        return heard(name)
    if os.path.isdir(name):
        todo = tr("Name one file. The command predict takes a folder, and --input several times.")
        raise ExplorerError(tr("{name} is a folder.", name=name), tr("This command takes one input."), todo)
    return open_input(named_input(name))
