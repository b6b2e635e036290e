"""An engine that answers when a test says so: presenters are tested without torch, a thread or a window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.core.requests import Lane, Request
from explorer.engine.jobs.job import Event
from explorer.ui.jobs.client import JobClient


@dataclass
class FakeEngine:
    """Takes requests; `tell`, `answer` and `fail` send the events of the last one, or of an earlier ticket."""

    asked: list[tuple[Request[Any], str]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = JobClient(self)

    def submit(self, request: Request[Any], key: str) -> int:
        self.asked.append((request, key))
        return len(self.asked)

    def cancel(self, _lane: Lane, key: str) -> None:
        self.cancelled.append(key)

    @property
    def request(self) -> Any:
        """The last request."""
        return self.asked[-1][0]

    def answer(self, value: Any, ticket: int = 0, partial: bool = False) -> None:
        self._send(ticket, value=value, partial=partial)

    def tell(self, text: str, fraction: float | None = None, ticket: int = 0) -> None:
        self._send(ticket, progress=Progress(text, fraction), partial=True)

    def fail(self, what: str, ticket: int = 0) -> None:
        self._send(ticket, failure=Failure(what))

    def end(self, ticket: int = 0) -> None:
        """The engine itself has cancelled it."""
        self._send(ticket)

    def _send(self, ticket: int, **what: Any) -> None:
        ticket = ticket or len(self.asked)
        request, key = self.asked[ticket - 1]
        assert self.client.receive(Event(ticket, request.lane, key, **what))
