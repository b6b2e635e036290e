"""Which answers the pages still want."""

from __future__ import annotations

from explorer.engine.jobs.runner import Event


class Wanted:
    """The one answer of each kind that is still wanted, by its ticket."""

    def __init__(self) -> None:
        self._tickets: dict[str, int] = {}

    def ask(self, key: str, ticket: int) -> None:
        self._tickets[key] = ticket

    def drop(self, key: str) -> bool:
        """Whether one was on its way."""
        return self._tickets.pop(key, 0) != 0

    def waiting(self, key: str) -> bool:
        return key in self._tickets

    def takes(self, event: Event) -> bool:
        """Whether an event belongs to what was asked last; a final one settles it."""
        if self._tickets.get(event.key) != event.ticket:
            return False
        if not event.partial:
            del self._tickets[event.key]
        return True
