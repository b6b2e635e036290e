"""Steps back and forward through documents, like a browser."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from explorer.core.session.comparison import Column, Comparison, returned
from explorer.core.session.session import Session, changed

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


class History:
    """Back and forward through sessions. Scrubbing merges into one step."""

    _SCRUBBED = frozenset({"tap", "channel", "cell"})

    def __init__(self, session: Session, length: int = 200) -> None:
        self._steps: Steps[Session] = Steps(length)
        self._now = session
        self._scrubbing = False

    def push(self, session: Session, rest: bool = False) -> None:
        """The new present. Steps that only scrub merge until `rest` says that the person has stopped there."""
        only_scrubbed = changed(self._now, session) <= self._SCRUBBED
        if session == self._now:
            self._scrubbing = self._scrubbing and not rest
            return
        if only_scrubbed and self._scrubbing:
            self._steps.branch()
        else:
            self._steps.push(self._now)
        self._scrubbing = only_scrubbed and not rest
        self._now = session

    def settle(self, session: Session) -> None:
        """Going back or forward, or opening a session file, has ended here."""
        if session != self._now:
            self._steps.push(self._now)
            self._now = session
        self._scrubbing = False

    def amend(self, session: Session) -> None:
        """The present has settled (a live frame, the first layer of a new model): no step of its own."""
        self._now = session

    @property
    def can_back(self) -> bool:
        return self._steps.can_back

    @property
    def can_forward(self) -> bool:
        return self._steps.can_forward

    def back(self) -> Session | None:
        return self._go(self._steps.back(self._now))

    def forward(self) -> Session | None:
        return self._go(self._steps.forward(self._now))

    def _go(self, session: Session | None) -> Session | None:
        if session is not None:
            self._now, self._scrubbing = session, False
        return session


class ComparisonHistory(Steps[Comparison]):
    """Back and forward through what stands in the columns. Compare has a history of its own, which acts while that workspace
    is in front: one history for both would move the workspace that nobody sees."""

    def failed(self, now: Comparison) -> None:
        """The last change could not be made: where nothing is different, there is no step."""
        if self.last is not None and _same(self.last, now):
            self.drop()

    def back(self, now: Comparison) -> Comparison:
        """What was before; the same where there is nothing."""
        then = super().back(now)
        return now if then is None else returned(now, then)

    def forward(self, now: Comparison) -> Comparison:
        then = super().forward(now)
        return now if then is None else returned(now, then)


def _same(one: Comparison, other: Comparison) -> bool:
    """Whether the same stands in the columns."""
    return one.link is other.link and [_stands(c) for c in one.columns] == [_stands(c) for c in other.columns]


def _stands(column: Column) -> tuple[object, ...]:
    return column.key, column.model, column.input, column.edits
