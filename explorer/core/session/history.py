"""The one history of the window: back and forward through whole documents, wherever they were changed."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.session import Session, changed

WHERE = frozenset({"workspace", "page"})  # what is in front: known of every step, no step by itself
_PLACE, _LEVELS, _METHODS = frozenset({"tap", "channel", "cell"}), frozenset({"scale", "fixed"}), frozenset({"methods"})


class History:
    """`now` is the present. A step knows the workspace and the page in which it was made: going back over it and forward to it
    leads there."""

    def __init__(self, session: Session, length: int = 200) -> None:
        self.now = session
        self.saved: Session | None = None  # the step that lies in a file
        self._past: deque[Session] = deque(maxlen=length)
        self._future: list[Session] = []
        self._moving = ""  # what the last change was about, while others of its kind are the same step

    @property
    def can_back(self) -> bool:
        return bool(self._past)

    @property
    def can_forward(self) -> bool:
        return bool(self._future)

    @property
    def modified(self) -> bool:
        """Whether the present is another one than what lies in a file; without a file it is not."""
        return self.saved is not None and not _same(self.saved, self.now)

    @property
    def every(self) -> tuple[Session, ...]:
        """All that can be gone to, the present among them."""
        return (*self._past, self.now, *self._future)

    # --- changes ---

    def push(self, session: Session, quick: bool = True) -> None:
        """A change. Those of one kind (layers, channels, levels, settings) that follow each other quickly are one step."""
        names = changed(self.now, session) - WHERE
        if names:
            kind = _kind(names, self.now, session)
            merged = quick and kind and kind == self._moving
            if not merged:
                self._past.append(self.now)
            self._future.clear()
            self.now, self._moving = session, kind
            if merged:
                self._drop_empty()

    def amend(self, session: Session) -> bool:
        """The present has settled (a live frame, a first layer), or what was asked for cannot be had: no step of its own. Whether
        a step is gone by that."""
        settled = self.saved is not None and not self.modified
        self.now = _shown_at(session, self.now)
        if settled:
            self.saved = self.now
        return self._drop_empty()

    def _drop_empty(self) -> bool:
        """A step that leads to where one is, is none."""
        empty = [steps for steps in (self._past, self._future) if steps and _same(steps[-1], self.now)]
        for steps in empty:
            steps.pop()
            self._moving = ""
        return bool(empty)

    # --- back and forward ---

    def back(self) -> Session | None:
        """What was before the last change, at the place where that was made; None where there is nothing."""
        if not self._past:
            return None
        left = self.now
        self._future.append(left)
        self.now, self._moving = self._past.pop(), ""
        return _shown_at(self.now, left)

    def forward(self) -> Session | None:
        """What was gone back from; None where there is nothing."""
        if not self._future:
            return None
        self._past.append(self.now)
        self.now, self._moving = self._future.pop(), ""
        return self.now

    # --- one field alone ---

    def can_undo(self, name: str) -> bool:
        """Whether a field has been another one of the model that is open."""
        return self._before(name) is not None

    def undo(self, name: str, forget: bool = False) -> Session | None:
        """As if the last change of one field had not been made; what was changed since stays. `forget`: it could not be made,
        and there is no way forward to it."""
        at = self._before(name)
        if at is None:
            return None
        if not forget:
            self._future.append(self.now)
        steps, value = [*self._past, self.now], {name: getattr(self._past[at], name)}
        kept = steps[: at + 1]
        for step in (replace(step, **value) for step in steps[at + 1 :]):
            if not _same(kept[-1], step):
                kept.append(step)
        self.now, self._moving = kept.pop(), ""
        self._past = deque(kept, self._past.maxlen)
        return self.now

    def _before(self, name: str) -> int | None:
        """The place of the last step before a field was changed."""
        for at in range(len(self._past) - 1, -1, -1):
            step = self._past[at]
            if step.model != self.now.model:
                return None
            if getattr(step, name) != getattr(self.now, name):
                return at
        return None


def _same(one: Session, other: Session) -> bool:
    """Whether a step would change nothing."""
    return changed(one, other) <= WHERE


def _shown_at(session: Session, place: Session) -> Session:
    return replace(session, workspace=place.workspace, page=place.page)


def _kind(names: frozenset[str], old: Session, new: Session) -> str:
    """What a change is about that may be part of a quick succession; "" for one that is a step in any case."""
    if names <= _PLACE:
        return "place"
    if names <= _LEVELS and "fixed" in names:
        return "levels"
    if names <= _METHODS:
        return "settings"
    return "columns" if names == {"comparison"} and _walked(old.comparison, new.comparison) else ""


def _walked(old: Comparison, new: Comparison) -> bool:
    """Whether columns show other layers, channels or places of what stands in them."""
    return _standing(old) == _standing(new)


def _standing(doc: Comparison) -> tuple[Any, ...]:
    return replace(doc, columns=(), kept=None), tuple(_still(column) for column in doc.columns)


def _still(column: Column) -> Column:
    return replace(column, tap="", channel=0, offset=0, head=None)
