"""The lanes' policies, with work that is held at a gate: no sleeps, no timing."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from explorer.core.types import ExplorerError
from explorer.engine.runner import Event, Job, Lane, Runner

WAIT = 20.0


class Desk:
    """A runner whose events are collected, and work that waits at a gate."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.runner = Runner(self.events.put)
        self.started: queue.Queue[str] = queue.Queue()
        self.gate = threading.Semaphore(0)
        self.ran: list[str] = []

    def held(self, name: str) -> object:
        def work(_job: Job) -> str:
            self.started.put(name)
            assert self.gate.acquire(timeout=WAIT)
            self.ran.append(name)
            return name

        return work

    def submit(self, lane: Lane, name: str, key: str = "") -> int:
        return self.runner.submit(lane, self.held(name), key)

    def hold(self) -> None:
        """The worker is busy from here on until `release`."""
        self.submit(Lane.LOAD, "holder")
        assert self.started.get(timeout=WAIT) == "holder"

    def release(self, times: int) -> None:
        for _ in range(times):
            self.gate.release()

    def values(self, number: int) -> list[object]:
        found: list[object] = []
        while len(found) < number:
            event = self.events.get(timeout=WAIT)
            if event.value is not None:
                found.append(event.value)
        return found


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.release(50)
    assert made.runner.close(WAIT)


def test_forward_finishes_the_running_one_and_keeps_only_the_newest_pending(desk: Desk) -> None:
    desk.submit(Lane.FORWARD, "first")
    assert desk.started.get(timeout=WAIT) == "first"
    for name in ("second", "third", "fourth"):
        desk.submit(Lane.FORWARD, name)
    desk.release(2)
    assert desk.values(2) == ["first", "fourth"]
    assert desk.ran == ["first", "fourth"]


def test_forwards_of_two_panels_do_not_replace_each_other(desk: Desk) -> None:
    desk.hold()
    desk.submit(Lane.FORWARD, "left", key="a")
    desk.submit(Lane.FORWARD, "right", key="b")
    desk.release(3)
    assert desk.values(3) == ["holder", "left", "right"]


def test_loads_are_never_coalesced(desk: Desk) -> None:
    desk.hold()
    for name in ("one", "two", "three"):
        desk.submit(Lane.LOAD, name, key="same")
    desk.release(4)
    assert desk.values(4) == ["holder", "one", "two", "three"]


def test_a_cancelled_load_is_discarded_on_arrival(desk: Desk) -> None:
    ticket = desk.submit(Lane.LOAD, "slow", key="model")
    assert desk.started.get(timeout=WAIT) == "slow"
    desk.runner.cancel(Lane.LOAD, "model")
    desk.release(1)
    event = desk.events.get(timeout=WAIT)
    assert (event.ticket, event.value, event.failure) == (ticket, None, None)


def test_prefetch_is_dropped_when_anything_else_is_asked_for(desk: Desk) -> None:
    desk.hold()
    desk.submit(Lane.PREFETCH, "ahead")
    desk.submit(Lane.FORWARD, "now")
    desk.release(2)
    assert desk.values(2) == ["holder", "now"]
    desk.submit(Lane.LOAD, "last")
    desk.release(1)
    assert desk.values(1) == ["last"]
    assert "ahead" not in desk.ran


def test_prefetch_runs_when_nothing_waits(desk: Desk) -> None:
    desk.submit(Lane.PREFETCH, "ahead")
    desk.release(1)
    assert desk.values(1) == ["ahead"]


def test_other_work_runs_between_the_steps_of_a_method(desk: Desk) -> None:
    def method(_job: Job) -> Iterator[str]:
        def steps() -> Iterator[str]:
            yield "step 1"
            desk.submit(Lane.FORWARD, "forward")
            yield "step 2"
            yield "step 3"

        return steps()

    desk.release(1)
    desk.runner.submit(Lane.METHOD, method)
    assert desk.values(4) == ["step 1", "step 2", "forward", "step 3"]


def test_a_new_method_cancels_the_running_one(desk: Desk) -> None:
    closed = threading.Event()

    def endless(_job: Job) -> Iterator[str]:
        def steps() -> Iterator[str]:
            try:
                while True:
                    yield "old"
            finally:
                closed.set()

        return steps()

    def short(_job: Job) -> Iterator[str]:
        def steps() -> Iterator[str]:
            yield "new"

        return steps()

    desk.runner.submit(Lane.METHOD, endless, "panel")
    assert desk.values(1) == ["old"]
    desk.runner.submit(Lane.METHOD, short, "panel")
    while desk.values(1) != ["new"]:
        pass
    assert closed.wait(WAIT)


def test_an_error_crosses_as_text_and_the_worker_lives(desk: Desk) -> None:
    def fails(_job: Job) -> None:
        raise ExplorerError("It broke.", "The file is empty.", "Choose another.")

    def exits(_job: Job) -> None:
        raise SystemExit(3)

    desk.runner.submit(Lane.LOAD, fails)
    failure = desk.events.get(timeout=WAIT).failure
    assert failure is not None
    assert (failure.what, failure.why, failure.todo) == ("It broke.", "The file is empty.", "Choose another.")
    assert "fails" in failure.details
    desk.runner.submit(Lane.LOAD, exits)
    assert "SystemExit" in desk.events.get(timeout=WAIT).failure.why
    desk.release(1)
    desk.submit(Lane.LOAD, "after")
    assert desk.values(1) == ["after"]


def test_progress_is_told_and_stops_with_the_cancellation(desk: Desk) -> None:
    def work(job: Job) -> str:
        job.progress("half", 0.5)
        job.cancel()
        job.progress("never", 0.9)
        return "discarded"

    desk.runner.submit(Lane.LOAD, work)
    first, last = desk.events.get(timeout=WAIT), desk.events.get(timeout=WAIT)
    assert first.progress is not None
    assert (first.progress.text, first.progress.fraction) == ("half", 0.5)
    assert last.value is last.progress is last.failure is None


def test_everything_runs_on_the_one_worker_thread(desk: Desk) -> None:
    for lane in Lane:
        desk.runner.submit(lane, lambda _job: threading.current_thread().name)
        assert desk.values(1) == ["explorer-worker"]


def test_closing_cancels_what_runs_and_waits_for_it() -> None:
    desk = Desk()
    seen = threading.Event()

    def work(job: Job) -> None:
        seen.set()
        while not job.cancelled():
            threading.Event().wait(0.001)

    desk.runner.submit(Lane.FORWARD, work)
    assert seen.wait(WAIT)
    assert desk.runner.close(WAIT)
    assert desk.runner.submit(Lane.LOAD, work) == 0


def test_the_first_work_waits_until_something_is_asked_for_and_comes_before_it() -> None:
    """The window is painted first: torch must not be imported because a runner was made."""
    events: queue.Queue[Event] = queue.Queue()
    done: list[str] = []
    runner = Runner(events.put, first=(lambda _job: done.append("first") or "ready", "engine"))
    assert not runner.busy
    runner.submit(Lane.FORWARD, lambda _job: done.append("asked") or "value")
    told = [events.get(timeout=WAIT) for _ in range(2)]
    assert done == ["first", "asked"]
    assert [(event.lane, event.key, event.value) for event in told] == [
        (Lane.LOAD, "engine", "ready"),
        (Lane.FORWARD, "", "value"),
    ]
    runner.begin()  # it has begun
    assert runner.close(WAIT)
    assert done == ["first", "asked"]


def test_the_first_work_can_be_asked_for_alone() -> None:
    events: queue.Queue[Event] = queue.Queue()
    runner = Runner(events.put, first=(lambda _job: "ready", "engine"))
    runner.begin()
    assert events.get(timeout=WAIT).value == "ready"
    assert runner.close(WAIT)
    late = Runner(events.put, first=(lambda _job: "never", "engine"))
    assert late.close(WAIT)
    late.begin()
    assert late.submit(Lane.LOAD, lambda _job: "never") == 0
    assert events.empty()
