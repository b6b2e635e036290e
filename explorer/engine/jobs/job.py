"""What the worker is handed and what it tells: lanes, jobs, events. Apart from the runner, which is the thread."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError, Failure
from explorer.core.progress import Progress
from explorer.core.requests import Lane
from explorer.core.translation import tr
from explorer.engine.jobs import memory


@dataclass(frozen=True, slots=True)
class Event:
    """What the worker tells: exactly one of value, failure and progress is set, or none when the work was cancelled."""

    ticket: int
    lane: Lane
    key: str
    value: Any = field(default=None, repr=False)
    failure: Failure | None = None
    progress: Progress | None = None
    partial: bool = False  # more will come
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class HeldModels:
    """What work that was left behind may go on using: models by name, the bytes of their weights."""

    names: tuple[str, ...] = ()
    nbytes: int = 0


@dataclass(frozen=True, slots=True)
class RunningJob:
    """What the worker does now, or the step of it, and for how many seconds it has. `given_up`: it has been told to end."""

    lane: Lane
    key: str
    seconds: float
    given_up: bool = False


class Job:
    """What work is handed: whether to stop, and where to report progress."""

    def __init__(self, ticket: int, lane: Lane, key: str, sink: Callable[[Event], None]) -> None:
        self.ticket, self.lane, self.key = ticket, lane, key
        self._sink = sink
        self._cancel = threading.Event()
        self.since = 0.0  # when it, or its present step, began; by time.monotonic
        self.resident = 0  # bytes of the process at that time
        self.given_up = 0.0  # when a person, or what they want instead, asked it to end; 0: nobody has
        self.displaces: Callable[[str], bool] | None = (
            None  # which running work, by its key, must not keep this one waiting
        )
        self.interrupted = self.abandoned = False

    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()

    def progress(self, text: str, fraction: float | None = None) -> None:
        if not self.cancelled():
            self._sink(Event(self.ticket, self.lane, self.key, progress=Progress(text, fraction), partial=True))

    def partial(self, value: Any) -> None:
        """Tells a first part of the result; the whole one is still to come."""
        if not self.cancelled():
            self._sink(Event(self.ticket, self.lane, self.key, value, partial=True))


Work = Callable[[Job], Any]  # returns a value, or a generator of partial values


def failure_of(error: BaseException) -> Failure:
    """An error as text: exception objects pin tensors and never cross threads."""
    try:
        details = "".join(traceback.format_exception(error))
    except MemoryError:
        details = ""
    said = memory.shortage(error) if memory.is_shortage(error) else error
    if isinstance(said, ExplorerError):
        details = (
            "\n".join(getattr(said, "__notes__", ())) or details
        )  # what it says of itself is more than where it came up
        return Failure(said.what, said.why, said.todo, details, type(said).__name__)
    own = _own_frame(error)
    if own is not None:
        why = tr(
            "{told} ({name}, line {lineno}).",
            told=told(error).rstrip("."),
            name=Path(own.filename).name,
            lineno=own.lineno,
        )
        return Failure(
            tr("The model's own code failed."), why, tr("Fix it in its file."), details, type(error).__name__
        )
    return Failure(tr("Internal error of the application."), told(error), "", details, type(error).__name__)


def _own_frame(error: BaseException) -> traceback.FrameSummary | None:
    """Where a person's file was when the error came up, by any way through torch; None where none was."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame for frame in reversed(frames) if frame.filename in _own_files()), None)


def _own_files() -> Container[str]:
    """Paths of what has been run of persons' files; nothing before the first is opened."""
    guard = sys.modules.get("explorer.engine.models.guard")
    return guard.SHOWN if guard is not None else ()
