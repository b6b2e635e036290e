"""Requests are answered by their handlers, with what they promise; anything else is an internal error with a report."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from studied import drained

from explorer.core.requests import Lane, Request
from explorer.engine.executor import WrongAnswerError, answered
from explorer.engine.jobs.job import Event, Job, failure_of
from explorer.engine.jobs.runner import Runner


@dataclass(frozen=True)
class Count(Request[int]):
    handler: ClassVar[str] = f"{__name__}:count"
    answer: ClassVar[type[Any]] = int
    to: int = 3


@dataclass(frozen=True)
class Wrong(Count):
    handler: ClassVar[str] = f"{__name__}:wrong"


@dataclass(frozen=True)
class WrongStep(Count):
    handler: ClassVar[str] = f"{__name__}:wrong_step"


@dataclass(frozen=True)
class Missing(Count):
    handler: ClassVar[str] = "explorer.nowhere:run"


def count(engine: list[str], request: Count, _job: Job) -> Generator[int | None, None, int]:
    try:
        yield None
        yield from range(request.to)
        return request.to
    finally:
        engine.append("closed")


def wrong(_engine: Any, _request: Any, _job: Job) -> str:
    return "seven"


def wrong_step(_engine: Any, _request: Any, _job: Job) -> Generator[object, None, int]:
    yield "one"
    return 1


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or _this())


def _this() -> Any:
    module = types.ModuleType(__name__)
    vars(module).update(globals())
    return module


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def test_a_stream_of_answers_is_handed_on_and_closed() -> None:
    log: list[str] = []
    assert drained(answered(log, Count(2), job())) == ([None, 0, 1], 2)
    abandoned = answered(log, Count(2), job())
    next(abandoned)
    abandoned.close()
    assert log == ["closed", "closed"]


@pytest.mark.parametrize(("request_", "kind"), [(Wrong(), "builtins.str"), (WrongStep(), "builtins.str")])
def test_an_answer_of_another_type_is_an_internal_error(request_: Count, kind: str) -> None:
    def ask() -> None:
        value = answered([], request_, job())
        if isinstance(value, Generator):
            next(value)

    with pytest.raises(WrongAnswerError, match=kind) as raised:
        ask()
    told = failure_of(raised.value)
    assert told.what == "Internal error of the application."
    assert "answered" in told.why
    assert "Traceback" in told.details


def test_in_the_runner_it_is_a_failure_and_no_hang() -> None:
    events: list[Event] = []
    done = threading.Event()

    def sink(event: Event) -> None:
        events.append(event)
        if event.key == "Count" and not event.partial:
            done.set()

    runner = Runner(sink)
    for request in (Wrong(), WrongStep(), Missing(), Count(1)):
        runner.submit(request.lane, lambda job, r=request: answered([], r, job), type(request).__name__)
    assert done.wait(30)
    assert runner.close()
    last = {event.key: event for event in events if not event.partial}
    assert {key for key, event in last.items() if event.failure is not None} == {"Wrong", "WrongStep", "Missing"}
    assert last["Count"].value == 1
