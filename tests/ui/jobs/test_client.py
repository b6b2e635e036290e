"""Tasks: the answer to the last question counts; those that follow the pointer show every newer one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fake_engine import FakeEngine

from explorer.core.requests import Request
from explorer.engine.jobs.job import Event, Lane
from explorer.ui.jobs.client import Task
from explorer.ui.jobs.result_cache import ResultCache


@dataclass(frozen=True)
class Ask(Request[int]):
    number: int = 0


def task(engine: FakeEngine, log: list[Any], **more: Any) -> Task[int]:
    return Task(
        engine.client,
        "ask",
        lambda value, done: log.append((value, done)),
        lambda failure: log.append(failure.what),
        lambda progress: log.append(progress.text),
        lambda: log.append("end"),
        **more,
    )


def test_partial_results_and_the_whole_one() -> None:
    engine, log = FakeEngine(), []
    one = task(engine, log)
    one.ask(Ask(3))
    assert (one.waiting, one.request, engine.client.waiting) == (True, Ask(3), True)
    engine.tell("half", 0.5)
    engine.answer(1, partial=True)
    engine.answer(2)
    assert log == ["half", (1, False), (2, True), "end"]
    assert not one.waiting


def test_a_failure_and_a_cancellation_by_the_engine_end_it() -> None:
    engine, log = FakeEngine(), []
    one = task(engine, log)
    one.ask(Ask())
    engine.fail("no")
    one.ask(Ask())
    engine.end()
    assert log == ["no", "end", "end"]
    assert not one.waiting


def test_what_is_asked_anew_or_dropped_is_heard_of_no_more() -> None:
    engine, log = FakeEngine(), []
    one = task(engine, log)
    one.ask(Ask(1))
    one.ask(Ask(2))
    assert engine.cancelled == [one.key]
    engine.answer(1, ticket=1)
    assert log == []
    assert one.drop()
    assert not one.drop()
    engine.answer(2, ticket=2)
    assert log == []


def test_requests_that_follow_the_pointer() -> None:
    engine, log = FakeEngine(), []
    one = task(engine, log, follows=True)
    for number in range(3):
        one.ask(Ask(number))
    assert engine.cancelled == []
    engine.answer(10, ticket=1)
    assert log == [(10, True)]
    assert one.waiting
    engine.answer(12, ticket=3)
    assert log == [(10, True), (12, True), "end"]
    one.drop()
    one.ask(Ask(4))
    engine.answer(11, ticket=2)  # about what is no longer shown
    assert len(log) == 3


def test_two_tasks_of_one_name_do_not_hear_each_other() -> None:
    engine, first, second = FakeEngine(), [], []
    a, b = task(engine, first), task(engine, second)
    a.ask(Ask())
    b.ask(Ask())
    engine.answer(1, ticket=1)
    assert (first, second) == ([(1, True), "end"], [])
    assert not engine.client.receive(Event(9, Lane.METHOD, "ask", value=1))
    b.close()
    assert engine.client.receive(Event(2, Lane.METHOD, b.key, value=1))  # too late for it, and nobody else's
    assert second == []


def test_the_least_recently_used_answer_goes() -> None:
    cache: ResultCache[int] = ResultCache(2)
    cache.put(Ask(1), 1)
    cache.put(Ask(2), 2)
    assert cache.get(Ask(1)) == 1
    cache.put(Ask(3), 3)
    assert (cache.get(Ask(1)), cache.get(Ask(2)), cache.get(Ask(3))) == (1, None, 3)
    assert cache.get(None) is None
