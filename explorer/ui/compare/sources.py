"""What the columns ask of the engine: models, inputs, captures. Every column has keys of its own, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from explorer.core.edits import Edits, Frozen
from explorer.core.types import Capture, InputRef, ModelCard, ModelSpec, Picture, Preprocess
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.engine.runner import Event, Lane

MODEL, INPUT, _SHOW = "model", "input", "show"


class Sources:
    """Asks for a column by its number, and says what has come: `came` takes (column, value), `failed` (column, event)."""

    def __init__(
        self,
        desk: Desk,
        came: Callable[[int, Any], None],
        said: Callable[[int, str], None],
        failed: Callable[[int, Event], None],
    ) -> None:
        self.desk = desk
        self._came, self._said, self._failed = came, said, failed
        self._tickets: dict[str, int] = {}

    def model(
        self, column: int, spec: ModelSpec, trust_code: bool, allow_download: bool, open_too: Iterable[ModelCard]
    ) -> None:
        """Answers with a ModelCard; the models in `open_too` stay open."""
        self.drop(column, MODEL, _SHOW)
        self.desk.hold(tuple(open_too))
        key = _key(MODEL, column)
        self._tickets[key] = self.desk.open_model(spec, trust_code, allow_download, key)

    def preprocess(self, column: int, card: ModelCard, preprocess: Preprocess) -> None:
        """Answers with the ModelCard of the same model under another preprocessing."""
        self.drop(column, MODEL, _SHOW)
        key = _key(MODEL, column)
        self._tickets[key] = self.desk.repreprocess(card, preprocess, key)

    def input(self, column: int, ref: InputRef) -> None:
        """Answers with a Picture."""
        self._tickets[_key(INPUT, column)] = self.desk.open_input(ref, _key(INPUT, column))

    def edited(
        self, column: int, card: ModelCard, picture: Picture, edits: Edits, frozen: Frozen, names: Iterable[str] = ()
    ) -> None:
        """Answers with a Capture under edits, the taps `names` in it."""
        key = _key(_SHOW, column)
        self._tickets[key] = self.desk.show_edited(card, picture, edits, frozen, key, tuple(names))

    def thawed(self, column: int, card: ModelCard, edits: Edits) -> None:
        """Answers with Thawed: what these edits freeze, before a capture under them can be asked for."""
        key = _key(_SHOW, column)
        self._tickets[key] = self.desk.thaw(card, edits, key)

    def capturing(self, column: int) -> bool:
        """Whether a capture is on its way for the column."""
        return _key(_SHOW, column) in self._tickets

    def capture(self, column: int, card: ModelCard, picture: Picture) -> None:
        """Answers with a Capture, at once where it is there already."""
        self._tickets.pop(_key(_SHOW, column), None)
        known = self.desk.known(card, picture)
        if known is not None:
            self._came(column, known)
        else:
            self._tickets[_key(_SHOW, column)] = self.desk.show(card, picture, _key(_SHOW, column))

    def recompute(self, column: int, capture: Capture, names: Iterable[str]) -> None:
        """Answers with the Capture and these taps."""
        key = _key(_SHOW, column)
        self._tickets[key] = self.desk.recompute(capture, tuple(names), key)

    def opening(self, column: int) -> bool:
        """Whether a model is on its way for the column."""
        return _key(MODEL, column) in self._tickets

    def drop(self, column: int, *kinds: str) -> None:
        """What was asked for the column is not wanted any more: all of it, or what is of these kinds."""
        for kind in kinds or (MODEL, INPUT, _SHOW):
            if self._tickets.pop(_key(kind, column), None) is not None:
                self.desk.runner.cancel(Lane.FORWARD if kind == _SHOW else Lane.LOAD, _key(kind, column))

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._tickets)

    def receive(self, event: Event) -> None:
        """An event of a column; one that is not wanted any more is passed over."""
        if self._tickets.get(event.key) != event.ticket:
            return
        column = int(event.key.rpartition(" ")[2])
        if event.progress is not None:
            self._said(column, event.progress.text)
            return
        del self._tickets[event.key]
        if event.failure is not None:
            self._failed(column, event)
        elif event.value is not None:
            self._came(column, getattr(event.value, "card", event.value))


def kind_of(event: Event) -> str:
    """What an event is about: MODEL, INPUT or a capture."""
    return event.key.split()[-2]


def _key(kind: str, column: int) -> str:
    return f"{work.COMPARE} {kind} {column}"
