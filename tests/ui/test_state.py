"""The store without a window: what is told when, on the way to another document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.session import Session, changed
from explorer.ui.state import Store

NET, OTHER = ModelSpec("net"), ModelSpec("other")
CAT, HOUSE = InputRef("sample", "cat"), InputRef("sample", "house")
COLUMNS = Comparison((Column(0, NET), Column(1, OTHER)))
EDITS = (Edit("relu", (1,)),)


class Opened(Store):
    """With its first model and input, and a diary of what it has told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, frozenset[str]]] = []
        self.take(model=NET)
        self.take(input=CAT)
        self.changed.connect(self._changed)
        self.arrived.connect(self._arrived)

    def _changed(self, old: Session, new: Session) -> None:
        self.told.append(("changed", changed(old, new)))

    def _arrived(self, old: Session, new: Session) -> None:
        self.told.append(("arrived", changed(old, new)))


@pytest.fixture
def store() -> Opened:
    return Opened()


def test_what_is_opened_first_is_no_step(store: Opened) -> None:
    store.amend(tap="a", comparison=COLUMNS)
    assert not store.history.can_back
    store.update(tap="b")
    assert store.told.pop() == ("changed", {"tap"})
    store.back()
    assert (store.session.tap, store.session.comparison) == ("a", COLUMNS)
    assert not store.history.can_back


def test_what_needs_no_model_is_shown_at_once_and_the_rest_when_it_has_come(store: Opened) -> None:
    store.put(workspace="compare")
    store.note(comparison=COLUMNS)
    store.put(workspace="explore", edits=EDITS)
    store.take(tap="a")
    store.put(model=OTHER, edits=(), tap="z")
    store.take(comparison=replace(COLUMNS, foreground=True))
    store.told.clear()
    store.back()
    assert store.told == [("arrived", {"comparison"})]
    assert store.on_its_way
    assert (store.session.tap, store.session.edits, store.session.comparison) == ("z", (), COLUMNS)
    store.update(channel=3)  # half of it: goes with what is on its way
    store.put(model=NET)
    store.take()
    assert not store.on_its_way
    assert store.told[-1] == ("changed", {"tap", "edits", "channel"})
    assert (store.session.tap, store.session.channel, store.session.edits) == ("a", 0, EDITS)
    store.forward()
    store.take(model=OTHER)
    assert (store.session.tap, store.session.edits, store.session.comparison.foreground) == ("z", (), True)


def test_what_cannot_be_reached_is_no_step(store: Opened) -> None:
    store.update(tap="a")
    store.open(replace(store.session, model=OTHER, tap="b"))
    assert store.on_its_way
    store.give_up("model")
    assert (store.session.tap, store.on_its_way) == ("a", False)
    store.back()
    assert store.session.tap == ""


def test_without_its_input_the_rest_of_a_document_is_reached(store: Opened) -> None:
    store.open(Session(OTHER, HOUSE, tap="b", channel=3))
    store.give_up("input")
    assert store.on_its_way
    store.take(model=OTHER)
    now = store.session
    assert (now.model, now.input, now.tap, now.channel, store.on_its_way) == (OTHER, CAT, "b", 3, False)
    store.take(input=InputRef("picture", "elsewhere/house.png"))
    assert (store.session.tap, store.session.channel) == ("b", 3)


def test_a_model_that_has_moved_gets_back_what_was_selected_in_it(store: Opened) -> None:
    store.open(Session(ModelSpec("file:/a/net.py:make"), CAT, tap="b", channel=3))
    store.give_up("model")
    store.take(model=OTHER)
    store.find_again()
    assert store.session.tap == ""
    store.take(model=ModelSpec("file:/c/net.py:make"))
    store.find_again()
    assert (store.session.tap, store.session.channel) == ("b", 3)
    store.update(tap="a")
    store.find_again()
    assert store.session.tap == "a"


def test_a_document_without_columns_leaves_those_that_there_are(store: Opened) -> None:
    store.amend(comparison=COLUMNS)
    store.open(Session(NET, CAT, tap="b"))
    assert store.session.comparison == COLUMNS
    assert store.told == [("arrived", frozenset()), ("changed", {"tap"})]


def test_frames_of_what_moves_are_left_alone(store: Opened) -> None:
    first = InputRef("video", "a.mp4", 3)
    store.take(input=first)
    store.update(tap="a")
    store.amend(input=replace(first, frame=40))
    store.moving = True
    store.back()
    assert (store.session.tap, store.session.input, store.on_its_way) == ("", replace(first, frame=40), False)
    store.back()
    assert store.on_its_way  # of another input it is the way back
    store.take(input=CAT)
    assert (store.session.input, store.on_its_way) == (CAT, False)


def test_the_last_change_of_one_field_is_taken_back_where_one_is(store: Opened) -> None:
    assert not store.undo("edits")
    store.update(edits=EDITS)
    store.update(tap="a")
    store.put(workspace="compare", page="health")
    assert store.undo("edits")
    now = store.session
    assert (now.edits, now.tap, now.workspace, now.page) == ((), "a", "compare", "health")
    store.put(model=OTHER)
    assert not store.can_undo("edits")  # another model has come, and is no step yet


def test_changes_that_follow_each_other_quickly_are_one_step(store: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    clock: dict[str, Any] = {"now": 100.0}
    monkeypatch.setattr("explorer.ui.state.monotonic", lambda: clock["now"])
    for tap, later in (("a", 0.1), ("b", 0.6), ("c", 0.6), ("d", 0.8), ("e", 0.1)):
        clock["now"] += later
        store.update(tap=tap)
    store.back()
    assert store.session.tap == "c"
    store.back()
    assert store.session.tap == ""
