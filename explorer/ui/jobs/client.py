"""Requests to the engine and their answers, in the UI thread. An answer goes to whoever asked; nobody else hears of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.core.requests import Lane, Request
from explorer.engine.jobs.runner import Event

R = TypeVar("R")


class Executor(Protocol):
    """What takes requests: the engine, or in a test a list."""

    def submit(self, request: Request[Any], key: str) -> int: ...

    def cancel(self, lane: Lane, key: str) -> None: ...


class JobClient:
    """Hands requests to an executor, and its events to the tasks that have asked."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._serial = count(1)
        self._tasks: dict[str, Task[Any]] = {}
        self._released: set[str] = set()  # keys whose late answers nobody waits for

    def register(self, task: Task[Any], name: str, key: str = "") -> str:
        """A key of its own for a task; `key` where there is one task of its kind that the engine knows by it."""
        key = key or f"{name} {next(self._serial)}"
        self._tasks[key] = task
        self._released.discard(key)
        return key

    def release(self, key: str) -> None:
        """Its task asks for nothing more."""
        self._tasks.pop(key, None)
        self._released.add(key)

    def receive(self, event: Event) -> bool:
        """Whether the event was the answer to a task, or comes too late for one."""
        task = self._tasks.get(event.key)
        if task is not None:
            task.receive(event)
        return task is not None or event.key in self._released

    def saying(self, key: str) -> str:
        """What a person is told that runs under a key; "" where none of these tasks asked for it."""
        task = self._tasks.get(key)
        return task.says if task is not None else ""

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return any(task.waiting for task in self._tasks.values())


def _nothing(*_args: Any) -> None:
    return None


class Task(Generic[R]):
    """A question that can be asked again and again: the answer to the last one counts.

    `result(value, done)` takes partial results and, with `done`, the whole one; `failed` a Failure, `progressed` a Progress; `ended` is
    called after the last of them, also of a job that was cancelled by the engine. With `follows` the requests follow the pointer:
    the running one finishes, and each answer is shown that is newer than the last `drop`.
    """

    def __init__(
        self,
        client: JobClient,
        name: str,
        result: Callable[[R, bool], None] = _nothing,
        failed: Callable[[Failure], None] = _nothing,
        progressed: Callable[[Progress], None] = _nothing,
        ended: Callable[[], None] = _nothing,
        follows: bool = False,
        key: str = "",
    ) -> None:
        self._client, self._follows = client, follows
        self._result, self._failed, self._progressed, self._ended = result, failed, progressed, ended
        self.key = client.register(self, name, key)
        self.request: Request[R] | None = None  # the last one, answered or not
        self.saying = ""  # what is done now, where that is another thing than the request began with
        self._first = self._last = 0  # tickets: older than the first are about something that is no longer shown
        self._open = False

    @property
    def waiting(self) -> bool:
        """Whether the answer to the last question is still to come."""
        return self._open

    @property
    def says(self) -> str:
        """What a person is told that runs."""
        return self.saying or (self.request.says if self.request is not None else "")

    def ask(self, request: Request[R]) -> None:
        """Asks the engine; what was asked before is not wanted any more, unless the requests follow the pointer."""
        if not self._follows:
            self.drop()
        self.request, self.saying = request, ""
        self._last = self._client.executor.submit(request, self.key)
        self._first = self._first if self._follows and self._first else self._last
        self._open = True

    def drop(self) -> bool:
        """The answer is not wanted any more: what runs is cancelled. Whether one was to come."""
        was, self._open, self._first = self._open, False, 0
        if was and self.request is not None:
            self._client.executor.cancel(self.request.lane, self.key)
        return was

    def close(self) -> None:
        """Asks for nothing more."""
        self.drop()
        self._client.release(self.key)

    def receive(self, event: Event) -> None:
        """An event of the engine under this task's key."""
        last = event.ticket == self._last
        if not self._first or event.ticket < self._first or not (last or self._follows):
            return
        done = not event.partial
        if last and done:
            self._open = False
        if event.progress is not None:
            self._progressed(event.progress)
        elif event.failure is not None:
            self._failed(event.failure)
        elif event.value is not None:
            self._result(event.value, done)
        if last and done:
            self._ended()
