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
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from itertools import count
from typing import Any

from explorer.core.requests import Lane
from explorer.engine.jobs import memory, stuck
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Event, HeldModels, Job, RunningJob, Work, failure_of
from explorer.engine.jobs.overseer import Overseer

__all__ = ["LEFT", "Event", "HeldModels", "Job", "Lane", "Runner", "RunningJob", "Work", "failure_of"]

log = logging.getLogger("explorer.runner")
_PATIENCE = 60.0  # seconds that work which must not be lost may take after closing
_WAITS = 5.0  # seconds that a model which is to be opened waits for a computation that nobody will look at any more
LEFT = "left behind"  # the key under which it is told that work did not end
_ORDER = (Lane.LOAD, Lane.FORWARD, Lane.LIVE, Lane.METHOD)


class Runner:
    """Runs work on one plain thread. `sink` is called on that thread and must only hand the event over.

    `first`: work of the lane load and its key, done before anything else and not before something is submitted.
    `recover`: lets go of what can be made again, called where memory was short. `leave`: called on the new thread when work
    that does not end was left behind on the old one; gives what that holds, from the seconds since when it has run.
    """

    def __init__(
        self,
        sink: Callable[[Event], None],
        first: tuple[Work, str] | None = None,
        recover: Callable[[], None] = lambda: None,
        leave: Callable[[float], HeldModels] = lambda _since: HeldModels(),
    ) -> None:
        self._sink, self._recover, self._leave = sink, recover, leave
        self._first = first
        self._tickets = count(1)
        lock = threading.RLock()
        self._condition = threading.Condition(lock)
        self._queues: dict[Lane, OrderedDict[Any, tuple[Job, Work]]] = {lane: OrderedDict() for lane in Lane}
        self._stepping: OrderedDict[tuple[Lane, str], tuple[Job, Generator[Any, None, Any], float]] = OrderedDict()
        self._running: Job | None = None
        self._closed = False
        self._left: list[threading.Thread] = []  # behind, with work that did not end
        self._overseer = Overseer(lock, self._due, self._press)
        self._hire()

    def _hire(self, *before: Callable[[], None]) -> None:
        """A thread that does `before` and then whatever is asked for; a former one does nothing more."""
        self._thread = threading.Thread(target=self._loop, args=before, name="explorer-worker")
        self._thread.start()

    def submit(self, lane: Lane, work: Work, key: str = "", displaces: Callable[[str], bool] | None = None) -> int:
        """Queues work and returns its ticket; never blocks. What runs for long and `displaces` names by its key is given up."""
        job = Job(next(self._tickets), lane, key, self._sink)
        job.since, job.displaces = time.monotonic(), displaces
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
            if displaces is not None:
                self._overseer.look()
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
            waiting = [name for name, (job, _) in queue.items() if key is None or job.key == key]
            for name in waiting:
                del queue[name]
            begun = [
                job
                for (stepping_lane, stepping_key), (job, _, _) in self._stepping.items()
                if stepping_lane == lane and key in (None, stepping_key)
            ]
            running = self._running
            if running is not None and running.lane == lane and key in (None, running.key):
                begun.append(running)
            for job in begun:
                job.cancel()
            if waiting or begun:  # else the worker would be woken for nothing
                self._condition.notify()

    def give_up(self) -> None:
        """What runs now is not wanted any more: it is cancelled, interrupted, and at last left behind."""
        with self._condition:
            if self._running is not None:
                self._give_up(self._running)

    def _give_up(self, job: Job) -> None:
        job.cancel()
        job.given_up = job.given_up or time.monotonic()
        self._overseer.look()

    @property
    def running(self) -> RunningJob | None:
        """What the worker does now."""
        with self._condition:
            job = self._running
            if job is None:
                return None
            return RunningJob(job.lane, job.key, time.monotonic() - job.since, job.given_up > 0)

    @property
    def left_behind(self) -> int:
        """Threads that still run work which did not end."""
        with self._condition:
            self._left = [thread for thread in self._left if thread.is_alive()]
            return len(self._left)

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        with self._condition:
            return self._running is not None or bool(self._stepping) or any(self._queues.values())

    def close(self, timeout: float = 5.0, keep: str = "") -> bool:
        """Cancels everything but the work with the key `keep` and waits for the thread; False when it did not end in time, or
        one that was left behind has not."""
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
                self._give_up(running)
            self._condition.notify()
        self._thread.join(max(timeout, _PATIENCE) if kept else timeout)
        return not self._thread.is_alive() and not self.left_behind

    # --- work that does not end; all with the lock held, on the overseer's thread ---

    def _due(self) -> tuple[float, Job] | None:
        """When, by time.monotonic, what runs is to be pressed further; None where it may take its time."""
        job = self._running
        if job is None or job.abandoned:
            return None
        if not job.given_up:
            waits = [
                other.since
                for other, _ in self._queues[Lane.LOAD].values()
                if other.displaces and other.displaces(job.key)
            ]
            return (max(job.since, min(waits)) + _WAITS, job) if waits else None
        if not job.interrupted:
            return job.given_up + stuck.INTERRUPT_S, job
        return None if self._closed else (job.given_up + stuck.ABANDON_S, job)

    def _press(self, job: Job) -> None:
        """It is given up; then an exception is thrown into it; then its thread is left behind."""
        if not job.given_up:
            self._give_up(job)
        elif not job.interrupted:
            job.interrupted = True
            if not stuck.imports(self._thread.ident):
                stuck.interrupt(self._thread.ident)
        else:
            self._abandon(job)

    def _abandon(self, job: Job) -> None:
        job.abandoned = True
        place, seconds = stuck.place(self._thread.ident), time.monotonic() - job.since
        grown = (memory.resident_bytes() or 0) - job.resident
        self._left.append(self._thread)
        self._stepping.pop((job.lane, job.key), None)
        self._running = None
        self._hire(lambda: self._tell_left(job, place, seconds, grown))

    def _tell_left(self, job: Job, place: str, seconds: float, grown: int) -> None:
        self._tell(Event(job.ticket, job.lane, job.key))
        held = self._leave(job.since)
        failure = stuck.left_behind(held.names, held.nbytes, place, seconds, grown)
        log.warning("%s: %s", job.key, failure)
        self._tell(Event(job.ticket, Lane.LOAD, LEFT, failure=failure_of(failure)))

    # --- on the worker thread ---

    def _loop(self, *before: Callable[[], None]) -> None:
        for do in before:
            do()
        while True:
            try:
                if not self._turn():
                    break
            except stuck.Interrupted:  # thrown into work that had just ended
                continue
        if threading.current_thread() is self._thread:
            for _, generator, _ in self._stepping.values():
                generator.close()

    def _turn(self) -> bool:
        """One thing is done; False when nothing more is to be done on this thread."""
        task = self._next()
        if task is None:
            return False
        job, work = task
        if isinstance(work, Generator):
            short = self._step(job, work)
        else:
            short = self._attempt(job, work)
        if short:  # outside the except block and its frame: the error holds on to what was computed
            del task, work
            self._recover()
        return True

    def _ended(self, job: Job) -> None:
        """Nothing can be thrown into it any more."""
        with self._condition:
            if job is self._running:
                self._running = None
                if job.interrupted:
                    stuck.withdraw(threading.get_ident())

    def _next(self) -> tuple[Job, Any] | None:
        """The next thing to do: queued work by lane, else the next step of a generator, taken in turn."""
        with self._condition:
            if threading.current_thread() is not self._thread:
                return None  # it was left behind
            self._running = None
            while True:
                lane = next((lane for lane in _ORDER if self._queues[lane]), None)
                if self._closed and lane is None:
                    return None
                if lane is None and self._stepping:
                    turn = next(iter(self._stepping))
                    self._stepping.move_to_end(turn)
                    job, generator, _ = self._stepping[turn]
                    return self._begun(job), generator
                if lane is None and self._queues[Lane.PREFETCH]:
                    lane = Lane.PREFETCH
                if lane is not None:
                    _, (job, work) = self._queues[lane].popitem(last=False)
                    return self._begun(job), work
                self._condition.wait()

    def _begun(self, job: Job) -> Job:
        self._running = job
        job.since, job.resident = time.monotonic(), memory.resident_bytes() or 0
        if any(waiting.displaces for waiting, _ in self._queues[Lane.LOAD].values()):
            self._overseer.look()
        return job

    def _attempt(self, job: Job, work: Work) -> bool:
        """True when memory was short."""
        start, short = time.perf_counter(), False
        event = Event(job.ticket, job.lane, job.key)
        try:
            value = work(job)
            if isinstance(value, Generator):
                self._keep_stepping(job, value, start)
                return False
            if not job.cancelled():
                event = Event(job.ticket, job.lane, job.key, value, seconds=time.perf_counter() - start)
        except CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - a user's model may raise anything, SystemExit included
            short = memory.is_shortage(error)
            if not job.cancelled():
                event = Event(job.ticket, job.lane, job.key, failure=failure_of(error))
        self._ended(job)
        if not job.abandoned:
            self._tell(event)
        return short

    def _keep_stepping(self, job: Job, steps: Generator[Any, None, Any], start: float) -> None:
        with self._condition:
            old = None if job.abandoned else self._stepping.pop((job.lane, job.key), None)
            if not job.abandoned:
                self._stepping[job.lane, job.key] = (job, steps, start)
        if old is not None:
            old[1].close()

    def _step(self, job: Job, generator: Generator[Any, None, Any]) -> bool:
        """True when memory was short."""
        start, short = self._stepping[job.lane, job.key][2], False
        ended: Event | None = None
        try:
            if job.cancelled():
                raise CancelledError
            value = next(generator)
            if value is not None and not job.cancelled():
                self._tell(Event(job.ticket, job.lane, job.key, value, partial=True))
            return False
        except StopIteration as stop:
            ended = Event(job.ticket, job.lane, job.key, stop.value, seconds=time.perf_counter() - start)
        except CancelledError:
            ended = Event(job.ticket, job.lane, job.key)
        except BaseException as error:  # noqa: BLE001
            short = memory.is_shortage(error)
            failure = None if job.cancelled() else failure_of(error)
            ended = Event(job.ticket, job.lane, job.key, failure=failure)
        finally:
            self._ended(job)
            if ended is not None and not job.abandoned:
                with self._condition:
                    self._stepping.pop((job.lane, job.key), None)
                generator.close()
                self._tell(ended)
        return short

    def _tell(self, event: Event) -> None:
        try:
            self._sink(event)
        except Exception:
            log.exception("the event sink failed")
