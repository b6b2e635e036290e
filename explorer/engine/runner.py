"""The one worker thread and its lanes.

| lane | policy |
|---|---|
| load | in order, none dropped; cancelling discards the result on arrival |
| forward | the running one finishes, one pending slot a key, the newest wins |
| live | one a key, a generator stepped again and again; other work runs between its steps |
| method | as live, but a new one of the same key cancels the running one |
| prefetch | lowest; dropped when anything else is asked for |
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Container, Generator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

from explorer.core.said import told
from explorer.core.types import ExplorerError, Failure, Progress
from explorer.engine.cancel import CancelledError

log = logging.getLogger("explorer.runner")


class Lane(StrEnum):
    LOAD = "load"
    FORWARD = "forward"
    LIVE = "live"
    METHOD = "method"
    PREFETCH = "prefetch"


_PATIENCE = 60.0  # seconds that work which must not be lost may take after closing
_ORDER = (Lane.LOAD, Lane.FORWARD, Lane.LIVE, Lane.METHOD)


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


class Job:
    """What work is handed: whether to stop, and where to report progress."""

    def __init__(self, ticket: int, lane: Lane, key: str, sink: Callable[[Event], None]) -> None:
        self.ticket, self.lane, self.key = ticket, lane, key
        self._sink = sink
        self._cancel = threading.Event()

    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()

    def progress(self, text: str, fraction: float | None = None) -> None:
        if not self.cancelled():
            self._sink(Event(self.ticket, self.lane, self.key, progress=Progress(text, fraction), partial=True))


Work = Callable[[Job], Any]  # returns a value, or a generator of partial values


def failure_of(error: BaseException) -> Failure:
    """An error as text: exception objects pin tensors and never cross threads."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, ExplorerError):
        return Failure(error.what, error.why, error.todo, details, type(error).__name__)
    own = _own_frame(error)
    if own is not None:
        why = f"{told(error).rstrip('.')} ({Path(own.filename).name}, line {own.lineno})."
        return Failure("The model's own code has failed.", why, "Mend it in its file.", details, type(error).__name__)
    return Failure("Something went wrong in the program.", told(error), "", details, type(error).__name__)


def _own_frame(error: BaseException) -> traceback.FrameSummary | None:
    """Where a person's file was when the error came up, by any way through torch; None where none was."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame for frame in reversed(frames) if frame.filename in _own_files()), None)


def _own_files() -> Container[str]:
    """Paths of what has been run of persons' files; nothing before the first is opened."""
    guard = sys.modules.get("explorer.engine.models.guard")
    return guard.SHOWN if guard is not None else ()


class Runner:
    """Runs work on one plain thread. `sink` is called on that thread and must only hand the event over.

    `first`: work of the lane load and its key, done before anything else and not before something is submitted.
    """

    def __init__(self, sink: Callable[[Event], None], first: tuple[Work, str] | None = None) -> None:
        self._sink = sink
        self._first = first
        self._tickets = count(1)
        self._condition = threading.Condition()
        self._queues: dict[Lane, OrderedDict[Any, tuple[Job, Work]]] = {lane: OrderedDict() for lane in Lane}
        self._stepping: OrderedDict[tuple[Lane, str], tuple[Job, Generator[Any, None, Any], float]] = OrderedDict()
        self._running: Job | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="explorer-worker")
        self._thread.start()

    def submit(self, lane: Lane, work: Work, key: str = "") -> int:
        """Queues work and returns its ticket; never blocks."""
        job = Job(next(self._tickets), lane, key, self._sink)
        with self._condition:
            if self._closed:
                return 0
            self._begin()
            if lane != Lane.PREFETCH:
                self._queues[Lane.PREFETCH].clear()
            if lane in (Lane.METHOD, Lane.LIVE) and (lane, key) in self._stepping:
                self._stepping[lane, key][0].cancel()
            self._queues[lane][job.ticket if lane == Lane.LOAD else key] = (job, work)
            self._condition.notify()
        return job.ticket

    def begin(self) -> None:
        """Does the first work, whether anything else is submitted or not. Again: nothing."""
        with self._condition:
            if not self._closed:
                self._begin()

    def _begin(self) -> None:
        if self._first is not None:
            work, key = self._first
            self._first = None
            job = Job(next(self._tickets), Lane.LOAD, key, self._sink)
            self._queues[Lane.LOAD][job.ticket] = (job, work)
            self._condition.notify()

    def cancel(self, lane: Lane, key: str | None = None) -> None:
        """Drops what waits in a lane and asks what runs there to stop."""
        with self._condition:
            queue = self._queues[lane]
            for name in [n for n, (job, _) in queue.items() if key is None or job.key == key]:
                del queue[name]
            for (stepping_lane, stepping_key), (job, _, _) in self._stepping.items():
                if stepping_lane == lane and key in (None, stepping_key):
                    job.cancel()
            running = self._running
            if running is not None and running.lane == lane and key in (None, running.key):
                running.cancel()
            self._condition.notify()

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        with self._condition:
            return self._running is not None or bool(self._stepping) or any(self._queues.values())

    def close(self, timeout: float = 5.0, keep: str = "") -> bool:
        """Cancels everything but the work with the key `keep` and waits for the thread; False when it did not end in time."""
        with self._condition:
            self._closed = True
            for queue in self._queues.values():
                for name in [n for n, (job, _) in queue.items() if not keep or job.key != keep]:
                    del queue[name]
            for job, _, _ in self._stepping.values():
                job.cancel()
            running = self._running
            kept = bool(keep) and (any(self._queues.values()) or (running is not None and running.key == keep))
            if running is not None and (not keep or running.key != keep):
                running.cancel()
            self._condition.notify()
        self._thread.join(max(timeout, _PATIENCE) if kept else timeout)
        return not self._thread.is_alive()

    # --- on the worker thread ---

    def _loop(self) -> None:
        while (task := self._next()) is not None:
            job, work = task
            if isinstance(work, Generator):
                self._step(job, work)
            else:
                self._attempt(job, work)
            with self._condition:
                self._running = None
        for _, generator, _ in self._stepping.values():
            generator.close()

    def _next(self) -> tuple[Job, Any] | None:
        """The next thing to do: queued work by lane, else the next step of a generator, taken in turn."""
        with self._condition:
            while True:
                lane = next((lane for lane in _ORDER if self._queues[lane]), None)
                if self._closed and lane is None:
                    return None
                if lane is None and self._stepping:
                    turn = next(iter(self._stepping))
                    self._stepping.move_to_end(turn)
                    self._running, generator, _ = self._stepping[turn]
                    return self._running, generator
                if lane is None and self._queues[Lane.PREFETCH]:
                    lane = Lane.PREFETCH
                if lane is not None:
                    _, (self._running, work) = self._queues[lane].popitem(last=False)
                    return self._running, work
                self._condition.wait()

    def _attempt(self, job: Job, work: Work) -> None:
        start = time.perf_counter()
        event = Event(job.ticket, job.lane, job.key)
        try:
            value = work(job)
            if isinstance(value, Generator):
                with self._condition:
                    old = self._stepping.pop((job.lane, job.key), None)
                    self._stepping[job.lane, job.key] = (job, value, start)
                if old is not None:
                    old[1].close()
                return
            if not job.cancelled():
                event = Event(job.ticket, job.lane, job.key, value, seconds=time.perf_counter() - start)
        except CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - a user's model may raise anything, SystemExit included
            if not job.cancelled():
                event = Event(job.ticket, job.lane, job.key, failure=failure_of(error))
        self._tell(event)

    def _step(self, job: Job, generator: Generator[Any, None, Any]) -> None:
        start = self._stepping[job.lane, job.key][2]
        ended: Event | None = None
        try:
            if job.cancelled():
                raise CancelledError
            value = next(generator)
            if value is not None and not job.cancelled():
                self._tell(Event(job.ticket, job.lane, job.key, value, partial=True))
            return
        except StopIteration as stop:
            ended = Event(job.ticket, job.lane, job.key, stop.value, seconds=time.perf_counter() - start)
        except CancelledError:
            ended = Event(job.ticket, job.lane, job.key)
        except BaseException as error:  # noqa: BLE001
            failure = None if job.cancelled() else failure_of(error)
            ended = Event(job.ticket, job.lane, job.key, failure=failure)
        finally:
            if ended is not None:
                with self._condition:
                    self._stepping.pop((job.lane, job.key), None)
                generator.close()
                self._tell(ended)

    def _tell(self, event: Event) -> None:
        try:
            self._sink(event)
        except Exception:
            log.exception("the event sink failed")
