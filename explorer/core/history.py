"""Steps back and forward through documents, like a browser."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

Document = TypeVar("Document")


class Steps(Generic[Document]):
    """What was before and what has been gone back from; what is now is told by whoever asks."""

    def __init__(self, length: int = 200) -> None:
        self._past: deque[Document] = deque(maxlen=length)
        self._future: list[Document] = []

    def push(self, now: Document) -> None:
        """Something is about to change, and the way back leads here."""
        self._past.append(now)
        self.branch()

    def branch(self) -> None:
        """There is no way forward any more."""
        self._future.clear()

    @property
    def last(self) -> Document | None:
        """Where a step back leads."""
        return self._past[-1] if self._past else None

    def drop(self) -> None:
        """There was no last step."""
        self._past.pop()

    @property
    def every(self) -> tuple[Document, ...]:
        """All that can be gone to."""
        return (*self._past, *self._future)

    @property
    def can_back(self) -> bool:
        return bool(self._past)

    @property
    def can_forward(self) -> bool:
        return bool(self._future)

    def back(self, now: Document) -> Document | None:
        """What was before; None where there is nothing."""
        if not self._past:
            return None
        self._future.append(now)
        return self._past.pop()

    def forward(self, now: Document) -> Document | None:
        """What was gone back from; None where there is nothing."""
        if not self._future:
            return None
        self._past.append(now)
        return self._future.pop()
