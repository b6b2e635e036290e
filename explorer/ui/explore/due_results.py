"""Results that a session file says were there: each is computed again once its page is looked at."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.core.models import ModelSpec


class DueResults:
    """`names`: methods whose result is still to be computed again, for one model."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.target: int | None = None  # the class that was chosen
        self._model: ModelSpec | None = None

    def set(self, names: Iterable[str], target: int | None, model: ModelSpec | None) -> None:
        """What a file says of a model."""
        self.names, self.target, self._model = set(names), target, model

    def take(self, name: str, model: ModelSpec | None) -> bool:
        """Whether a method is due, which it then is no more. Of another model nothing is."""
        if model != self._model:
            self.names.clear()
            self.target = None
        due = name in self.names
        self.names.discard(name)
        return due

    def take_target(self, model: ModelSpec | None) -> int | None:
        """The chosen class, once."""
        target, self.target = self.target, None
        return target if model == self._model else None
