"""The lanes' policies, with work that is held at a gate: no sleeps, no timing."""

from __future__ import annotations

import gc
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from explorer.core.errors import ExplorerError
from explorer.engine.jobs import runner as runner_module
from explorer.engine.jobs import stuck
from explorer.engine.jobs.job import HeldModels
from explorer.engine.jobs.runner import LEFT, Event, Job, Lane, Runner

WAIT = 20.0


class Desk:
    """A runner whose events are collected, and work that waits at a gate."""

    def __init__(self, **hooks: Any) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.runner = Runner(self.events.put, **hooks)
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


# --- work that does not end


def _until(ready: Callable[[], bool], seconds: float = WAIT) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.005)


def _all_until(desk: Desk, key: str) -> list[Event]:
    """Events until the first of this key."""
    found = [desk.events.get(timeout=WAIT)]
    while found[-1].key != key:
        found.append(desk.events.get(timeout=WAIT))
    return found


def _spin(_job: Job) -> None:
    while True:
        try:
            sum(range(100))
        except Exception:  # noqa: BLE001 - as code of a person's may do
            pass


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stuck, "INTERRUPT_S", 0.05)
    monkeypatch.setattr(stuck, "ABANDON_S", 0.6)
    monkeypatch.setattr(runner_module, "_WAITS", 0.1)


@pytest.mark.usefixtures("quick")
def test_python_that_spins_is_interrupted_when_it_is_given_up(desk: Desk) -> None:
    desk.runner.submit(Lane.FORWARD, _spin, "show")
    _until(lambda: desk.runner.running is not None)
    running = desk.runner.running
    assert running is not None
    assert (running.lane, running.key, running.given_up) == (Lane.FORWARD, "show", False)
    desk.runner.give_up()
    event = desk.events.get(timeout=WAIT)
    assert (event.key, event.value, event.failure) == ("show", None, None)
    assert desk.runner.left_behind == 0
    desk.release(1)
    desk.submit(Lane.FORWARD, "next")
    assert desk.values(1) == ["next"]


@pytest.mark.usefixtures("quick")
def test_a_step_that_spins_is_interrupted_and_its_generator_closed(desk: Desk) -> None:
    closed = threading.Event()

    def steps(job: Job) -> Iterator[None]:
        try:
            yield None
            _spin(job)
        finally:
            closed.set()

    desk.runner.submit(Lane.METHOD, lambda job: steps(job), "m")
    _until(lambda: (now := desk.runner.running) is not None and now.seconds > 0.05)
    desk.runner.give_up()
    assert desk.events.get(timeout=WAIT).failure is None
    assert closed.wait(WAIT)
    assert not desk.runner.busy


@pytest.mark.usefixtures("quick")
def test_what_cannot_be_interrupted_is_left_behind_and_named() -> None:
    asked: list[float] = []

    def leave(since: float) -> HeldModels:
        asked.append(since)
        return HeldModels(("net",), 3 << 20)

    desk = Desk(leave=leave)
    begun = time.monotonic()
    ticket = desk.submit(Lane.FORWARD, "hangs", key="show")
    assert desk.started.get(timeout=WAIT) == "hangs"
    waiting = desk.submit(Lane.FORWARD, "other", key="another")
    desk.runner.give_up()
    ended, said = _all_until(desk, "show")[-1], desk.events.get(timeout=WAIT)
    assert (ended.ticket, ended.value, ended.failure) == (ticket, None, None)
    assert (said.lane, said.key) == (Lane.LOAD, LEFT)
    assert said.failure is not None
    for words in ("“net”", "left behind", "test_runner.py, line ", "in work", "3 MiB of weights", "closed"):
        assert words in said.failure.text
    assert len(asked) == 1
    assert begun <= asked[0] <= time.monotonic()
    assert desk.runner.left_behind == 1
    assert desk.started.get(timeout=WAIT) == "other"  # the new thread goes on with what waited
    desk.release(2)
    assert desk.values(1) == ["other"]
    assert desk.events.empty()  # what was left behind tells nothing when it ends after all
    assert waiting > ticket
    _until(lambda: desk.runner.left_behind == 0)
    assert desk.runner.close(WAIT)


@pytest.mark.usefixtures("quick")
def test_closing_tells_of_a_thread_that_was_left_behind_and_waits_for_it_no_more() -> None:
    desk = Desk()
    desk.submit(Lane.FORWARD, "hangs")
    assert desk.started.get(timeout=WAIT) == "hangs"
    desk.runner.give_up()
    _all_until(desk, LEFT)
    begun = time.monotonic()
    assert not desk.runner.close(WAIT)
    assert time.monotonic() - begun < WAIT / 2
    desk.release(1)
    _until(lambda: desk.runner.left_behind == 0)


@pytest.mark.usefixtures("quick")
def test_a_model_that_waits_to_be_opened_displaces_what_its_caller_names(desk: Desk) -> None:
    desk.runner.submit(Lane.FORWARD, _spin, "show")
    _until(lambda: desk.runner.running is not None)
    desk.release(1)
    desk.runner.submit(Lane.LOAD, desk.held("model"), "model", displaces=lambda key: key == "show")
    assert desk.values(1) == ["model"]


@pytest.mark.usefixtures("quick")
def test_what_is_not_to_be_displaced_goes_on_and_so_does_what_has_just_begun(desk: Desk) -> None:
    desk.submit(Lane.LOAD, "save", key="save")
    assert desk.started.get(timeout=WAIT) == "save"
    desk.submit(Lane.LOAD, "input", key="input")
    desk.runner.submit(Lane.LOAD, desk.held("model"), "model", displaces=lambda key: key == "input")
    time.sleep(0.5)  # far longer than a model waits
    desk.release(3)
    assert desk.values(3) == ["save", "input", "model"]


@pytest.mark.usefixtures("quick")
def test_cancelling_alone_throws_nothing_into_work_that_takes_its_time(desk: Desk) -> None:
    desk.submit(Lane.LOAD, "slow", key="model")
    assert desk.started.get(timeout=WAIT) == "slow"
    desk.runner.cancel(Lane.LOAD, "model")
    time.sleep(0.8)
    assert desk.runner.left_behind == 0
    desk.release(1)
    assert desk.events.get(timeout=WAIT).value is None
    assert desk.ran == ["slow"]


# --- memory


@pytest.mark.parametrize("stepping", [False, True])
def test_where_memory_was_short_it_is_said_and_what_can_be_made_again_goes(stepping: bool) -> None:
    class Large:
        pass

    kept: list[weakref.ref[Large]] = []
    alive: list[bool] = []

    def full() -> None:
        large = Large()
        kept.append(weakref.ref(large))
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 14400000000 bytes.")

    def steps() -> Iterator[None]:
        yield None
        full()

    desk = Desk(recover=lambda: alive.append(gc.collect() < 0 or kept[0]() is not None))
    desk.runner.submit(Lane.METHOD, lambda _job: steps() if stepping else full())
    failure = desk.events.get(timeout=WAIT).failure
    assert failure is not None
    assert failure.type == "OutOfMemoryError"
    assert "13.4 GiB more were asked for at once" in failure.why
    assert "free" in failure.why
    desk.release(1)
    desk.submit(Lane.FORWARD, "next")
    assert desk.values(1) == ["next"]
    assert alive == [False]  # by then the error and what it held were gone
    assert desk.runner.close(WAIT)
