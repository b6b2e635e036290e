"""Answers that follow the pointer: they come in the order of asking, and each newer one is shown."""

from __future__ import annotations

from explorer.engine.jobs.runner import Event


class Newest:
    """What waits is replaced by what is asked next, so that the last answer is that of the last question."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._since: dict[str, int] = {}  # older tickets are about something that is no longer shown
        self._open: set[str] = set()

    def ask(self, key: str, ticket: int) -> None:
        self._last[key] = ticket
        self._since.setdefault(key, ticket)
        self._open.add(key)

    def restart(self) -> None:
        """What was asked so far is about something else."""
        self._since.clear()
        self._open.clear()

    def waiting(self, key: str) -> bool:
        return key in self._open

    def takes(self, event: Event) -> bool:
        """Whether an answer is about what is shown; that to the last question settles it."""
        if event.ticket < self._since.get(event.key, event.ticket + 1):
            return False
        if event.ticket == self._last.get(event.key):
            self._open.discard(event.key)
        return True
