"""What is asked once, kept, and told only where it is still wanted."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from explorer.core.errors import Failure
from explorer.core.layer_views import Directions
from explorer.core.representations import Vectors
from explorer.engine.jobs.runner import Event, Lane
from explorer.ui.features import store as module
from explorer.ui.features.similarity_asking import Asking
from explorer.ui.features.store import FeatureStore


class Desk:
    """Hands out tickets and remembers what it was asked."""

    def __init__(self) -> None:
        self.owner = QObject()
        self.store = FeatureStore(self.owner)
        self.asked: list[str] = []
        self.told: list[str] = []

    def get(self, slot: str, key: Hashable) -> Any:
        return self.store.get(slot, key, self._ask)

    def _ask(self, slot: str) -> int:
        self.asked.append(slot)
        return len(self.asked)

    def answer(self, ticket: int, slot: str, value: Any = None, failure: Failure | None = None) -> None:
        self.store.receive(Event(ticket, Lane.FORWARD, f"features {slot}", value, failure))


@pytest.fixture
def desk(qapp: Any) -> Desk:
    made = Desk()
    made.store.came.connect(made.told.append)
    return made


def directions(count: int, channels: int = 4, seed: int = 0) -> Directions:
    units = np.random.default_rng(seed).normal(size=(count, channels))
    units /= np.linalg.norm(units, axis=1)[:, None]
    places = Vectors("t", np.empty((count, 0)), (1, count), np.zeros(1), np.arange(float(count)))
    return Directions(places, units, np.ones(count, bool))


def test_the_newest_of_a_slot_is_told_and_an_older_one_kept(desk: Desk) -> None:
    assert desk.get("a", "layer 1") is None
    assert desk.get("a", "layer 1") is None
    assert desk.get("a", "layer 2") is None
    assert desk.asked == ["a", "a"]
    desk.answer(1, "a", "one")
    assert desk.told == []
    assert desk.store.waiting
    desk.answer(2, "a", "two")
    assert desk.told == ["a"]
    assert not desk.store.waiting
    assert desk.get("a", "layer 2") == "two"
    assert desk.get("a", "layer 1") == "one"
    assert desk.get("b", "layer 1") == "one"
    assert desk.asked == ["a", "a"]


def test_a_failure_is_told_until_something_else_is_asked_for(desk: Desk) -> None:
    desk.get("a", "layer 1")
    desk.answer(1, "a", failure=Failure("No memory."))
    assert desk.told == ["a"]
    assert desk.get("a", "layer 1").what == "No memory."
    desk.get("a", "layer 2")
    assert desk.get("a", "layer 1") is None
    assert len(desk.asked) == 3


def test_what_is_dropped_or_was_never_asked_is_not_told(desk: Desk) -> None:
    desk.get("a", "layer 1")
    desk.store.drop("a")
    assert not desk.store.waiting
    desk.answer(1, "a", "one")
    desk.answer(7, "a", "seven")
    assert desk.told == []
    assert desk.get("a", "layer 1") == "one"


def test_the_oldest_use_goes_when_the_room_is_full(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BUDGET", 2 * directions(10).nbytes)
    for ticket, key in enumerate("xyz", 1):
        desk.get("a", key)
        desk.answer(ticket, "a", directions(10))
        desk.get("a", "x")
    assert desk.get("a", "x") is not None
    assert desk.get("a", "z") is not None
    assert desk.get("a", "y") is None


def test_many_cells_are_compared_in_pieces_and_the_last_question_alone_is_answered(qtbot: Any) -> None:
    owner = QObject()
    asking, there = Asking(owner), directions(40_000, 256)
    found: list[Any] = []
    asking.answered.connect(found.append)
    asking.ask(there, there.units[3], (0, 3))
    asking.ask(there, there.units[5], (0, 5))
    qtbot.waitUntil(lambda: not asking.busy)
    np.testing.assert_allclose(found[-1].values.reshape(-1), there.units @ there.units[5], atol=1e-12)
    rest = np.delete(there.units @ there.units[5], 5).argmax()
    assert found[-1].best == (0, int(rest + (rest >= 5)))
    few = directions(50)
    asking.ask(few, few.units[0], (0, 0))
    assert not asking.busy  # at once
    assert found[-1].values.shape == (1, 50)
