"""What the columns of Compare ask for and what they do with what comes, with a fake engine: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from fake_board import FakeBoard, film
from fake_engine import FakeEngine
from fake_host import capture, card, picture

from explorer.core.activations import Capture
from explorer.core.errors import Failure
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit, Edits, Frozen, Thawed, digest_of
from explorer.core.models import ModelCard, ModelSpec, Preprocess
from explorer.core.pane_requests import CapturePicture, Opened, OpenInput, OpenModel, Recompute, Reopen, Thaw
from explorer.ui.compare.contents import Contents

ONE = (Edit("relu", (1,)),)
VALUES = np.ones((4, 8, 8), np.float32)
HELD = (Edit("relu", mode="freeze", source="p"),)
THAWABLE = (replace(HELD[0], origin=InputRef("sample", "house")),)


class FakeDesk:
    def __init__(self) -> None:
        self.held: list[str] = []
        self.there: Capture | None = None

    def hold(self, cards: Any) -> None:
        self.held = [card.name for card in cards]

    def known(self, of: ModelCard, _picture: Picture) -> Capture | None:
        return self.there if self.there is not None and self.there.model == of.digest else None


class Compared:
    """Contents of a board with two empty columns, and the host around it: `card` and `picture` are those of Explore."""

    def __init__(self) -> None:
        self.engine, self.desk, self.board = FakeEngine(), FakeDesk(), FakeBoard(2)
        self.client, self.state, self.interventions = self.engine.client, self.board.store, self
        self.card: ModelCard | None = None
        self.picture: Picture | None = picture()
        self.active: Edits = ()
        self.values: Frozen = {}
        self.anew = self.films = 0
        self.failures: list[str] = []
        self.contents = Contents(cast("Any", self.board), cast("Any", self))
        self.contents.films_changed.connect(self._changed)
        self.contents.picture_changed()

    def _changed(self) -> None:
        self.films += 1

    def of(self, model: str) -> Edits:
        return self.active if self.card is not None and self.card.digest == model else ()

    def frozen(self) -> Frozen:
        return self.values

    def trusts(self, spec: ModelSpec) -> bool:
        return spec.id == "trusted"

    def asked_anew(self) -> None:
        self.anew += 1

    def fail(self, failure: Failure) -> None:
        self.failures.append(failure.text)

    @property
    def views(self) -> dict[int, Any]:
        return self.board.views

    def fill(self, key: int = 0, name: str = "net") -> None:
        """A column shows a model."""
        self.contents.set_model(key, ModelSpec(name))
        self.engine.answer(Opened(card(name), {}))
        self.engine.answer(capture(name))
        assert self.views[key].fits


@pytest.fixture
def compared() -> Compared:
    return Compared()


# --- models


def test_a_model_is_opened_then_captured_then_shown(compared: Compared) -> None:
    compared.contents.set_model(0, ModelSpec("trusted"), allow_download=True)
    assert compared.engine.request == OpenModel(ModelSpec("trusted"), True, True)
    assert compared.views[0].status == "Opening trusted …"
    compared.engine.answer(Opened(card("trusted"), {}))
    assert compared.desk.held == ["trusted"]
    assert compared.engine.request == CapturePicture(card("trusted").digest, picture(), "p", model_name="trusted")
    assert compared.views[0].status == "Computing trusted …"
    compared.engine.answer(capture("trusted"))
    assert (compared.views[0].status, compared.films, compared.anew) == ("", 1, 1)
    assert compared.board.doc.column(0).tap == "relu"
    assert len(compared.board.steps) == 1  # the layer that comes out is no step of its own


def test_what_is_open_or_known_is_not_asked_for(compared: Compared) -> None:
    compared.card, compared.desk.there = card(), capture()
    compared.contents.set_model(0, card().spec)
    assert compared.engine.asked == []
    assert compared.views[0].fits


def test_columns_that_wait_for_the_same_model_take_it_together(compared: Compared) -> None:
    compared.contents.set_model(0, ModelSpec("net"))
    compared.contents.set_model(1, ModelSpec("net"))
    compared.engine.answer(Opened(card(), {}), ticket=1)
    assert [view.card for view in compared.views.values()] == [card(), card()]
    assert not compared.contents.sources.opening(1)


def test_a_model_that_comes_too_late_is_not_taken(compared: Compared) -> None:
    compared.contents.set_model(0, ModelSpec("slow"))
    compared.contents.set_model(0, ModelSpec("net"))
    compared.engine.answer(Opened(card("slow"), {}), ticket=1)
    assert compared.views[0].card is None
    compared.engine.answer(Opened(card(), {}), ticket=2)
    assert compared.views[0].card == card()


def test_a_model_that_is_open_already_stops_the_opening_of_another(compared: Compared) -> None:
    compared.card = card()
    compared.contents.set_model(0, ModelSpec("slow"))
    compared.contents.set_model(1, ModelSpec("also slow"))
    compared.contents.set_model(0, card().spec)
    compared.engine.answer(Opened(card("slow"), {}), ticket=1)
    assert compared.views[0].card == card()
    assert compared.contents.sources.opening(1)  # it waits for another one


def test_a_model_of_the_same_layers_is_another_film(compared: Compared) -> None:
    compared.fill()
    compared.fill(name="other")
    assert compared.films == 2


def test_a_model_that_fails_leaves_the_one_that_is_shown(compared: Compared) -> None:
    compared.fill()
    compared.contents.set_edits(0, ONE)
    compared.engine.answer(capture(edits=digest_of(ONE)))
    compared.contents.set_model(0, ModelSpec("broken"))
    assert compared.board.doc.column(0).edits == ()
    compared.engine.fail("It cannot be read.")
    column = compared.board.doc.column(0)
    assert (column.model, column.edits, compared.views[0].status) == (card().spec, ONE, "")
    assert compared.failures == ["It cannot be read."]


def test_a_failure_is_said_in_a_column_that_shows_nothing(compared: Compared) -> None:
    compared.contents.set_model(0, ModelSpec("broken"))
    compared.engine.fail("It cannot be read.")
    assert compared.views[0].status == "It cannot be read."
    assert compared.board.doc.column(0).model == ModelSpec("broken")


def test_another_preprocessing_keeps_the_edits_and_the_models_own_is_remembered(compared: Compared) -> None:
    compared.fill()
    compared.contents.set_edits(0, ONE)
    asked, changed = len(compared.engine.asked), Preprocess(16, 16)
    compared.contents.set_preprocess(0, card().preprocess)
    compared.contents.set_preprocess(1, changed)  # it has no model
    assert len(compared.engine.asked) == asked
    compared.contents.set_preprocess(0, changed)
    assert compared.engine.request == Reopen(card().digest, changed)
    assert compared.board.doc.column(0).edits == ONE
    other = replace(card(), spec=replace(card().spec, preprocess=changed), preprocess=changed)
    compared.engine.answer(Opened(other, {}))
    assert compared.views[0].card == other
    assert compared.contents.own_preprocess(other) == card().preprocess


# --- inputs


def test_an_input_of_its_own_and_back_to_the_shared_one(compared: Compared) -> None:
    compared.fill()
    house = InputRef("sample", "house")
    compared.contents.set_input(0, house)
    assert compared.engine.request == OpenInput(house)
    compared.engine.answer(picture("house"))
    assert compared.engine.request.seen == "house"
    compared.contents.set_input(0, None)
    assert compared.views[0].picture is compared.picture
    assert compared.views[0].fits


def test_an_input_that_comes_after_it_was_given_up_is_not_taken(compared: Compared) -> None:
    compared.contents.set_input(0, InputRef("sample", "house"))
    compared.contents.set_input(0, None)
    compared.engine.answer(picture("house"), ticket=1)
    assert compared.views[0].picture is compared.picture


def test_an_input_that_fails_leaves_the_one_that_is_shown(compared: Compared) -> None:
    compared.contents.set_input(0, InputRef("picture", "gone.png"))
    compared.engine.fail("No such file.")
    assert compared.board.doc.column(0).input is None
    own = replace(picture("house"), ref=InputRef("sample", "house"))
    compared.contents.set_input(0, own.ref)
    compared.engine.answer(own)
    compared.contents.set_input(0, InputRef("picture", "gone.png"))
    compared.engine.fail("No such file.")
    assert compared.board.doc.column(0).input == own.ref


def test_the_shared_input_goes_to_the_columns_that_follow_it(compared: Compared) -> None:
    compared.board.settle(compared.board.doc.change(0, frozen=True))
    compared.picture = picture("next")
    compared.contents.picture_changed()
    assert [view.picture.digest for view in compared.views.values()] == ["p", "next"]
    compared.board.settle(compared.board.doc.change(1, input=InputRef("sample", "house")))
    compared.picture = picture("last")
    compared.contents.picture_changed()
    assert [view.picture.digest for view in compared.views.values()] == ["p", "next"]


# --- captures


def test_a_capture_of_what_was_wanted_before_is_not_shown(compared: Compared) -> None:
    compared.contents.set_model(0, ModelSpec("net"))
    compared.engine.answer(Opened(card(), {}))
    compared.engine.answer(capture("another"))
    assert (compared.views[0].capture, compared.films) == (None, 0)


def test_what_comes_for_a_column_that_is_gone_is_let_go(compared: Compared) -> None:
    compared.contents.set_model(0, ModelSpec("net"))
    del compared.views[0]
    compared.engine.answer(Opened(card(), {}))
    assert len(compared.engine.asked) == 1


@pytest.mark.parametrize(("settled", "tap"), [(True, "b"), (False, "c")])
def test_a_film_that_comes_goes_to_the_linked_layer_unless_a_session_has_said_which(
    compared: Compared, settled: bool, tap: str
) -> None:
    compared.fill(1)
    compared.views[1].film = film("a", "b", "c")
    compared.views[1].strides = compared.views[0].strides = (1.0,) * 3
    compared.board.settle(compared.board.doc.change(0, tap="b").change(1, tap="c"))
    compared.contents.settled = {0} if settled else set()
    compared.contents.set_model(0, ModelSpec("other"))
    compared.engine.answer(Opened(card("other"), {}))
    compared.engine.answer(replace(capture("other"), taps=film("a", "b", "c")))
    assert compared.board.doc.column(0).tap == tap
    assert compared.contents.settled == set()


def test_values_that_were_dropped_are_asked_for_once(compared: Compared) -> None:
    compared.fill()
    shown = replace(capture(), values={}, dropped=("relu",))
    compared.views[0].capture = shown
    compared.board.missing.emit(0)
    assert compared.engine.request == Recompute(shown, shown.number, ("relu",))
    asked = len(compared.engine.asked)
    compared.board.missing.emit(0)
    assert len(compared.engine.asked) == asked


def test_what_was_dropped_is_asked_for_under_the_edits_and_for_what_is_taken_away(compared: Compared) -> None:
    compared.fill()
    shown = replace(capture(), taps=film("relu", "late"), dropped=("relu", "late", "unseen"))
    compared.views[0].capture = shown
    compared.board.settle(compared.board.doc.change(1, tap="late", minus=True))
    compared.board.missing.emit(0)
    assert set(compared.engine.request.names) == {"relu", "late"}
    compared.contents.set_edits(0, ONE)
    compared.engine.answer(replace(capture(edits=digest_of(ONE)), dropped=("relu",)))
    compared.board.missing.emit(0)
    assert (compared.engine.request.edits, compared.engine.request.names) == (ONE, ("relu",))


# --- edits


def test_edits_are_computed_and_a_capture_without_them_is_late(compared: Compared) -> None:
    compared.fill()
    compared.card, compared.active = card(), ONE
    assert compared.contents.edits_in_explore(0) == ONE
    assert compared.contents.edits_in_explore(1) == ()
    compared.contents.set_edits(0, ONE)
    assert compared.engine.request.edits == ONE
    before = compared.views[0].capture
    compared.engine.answer(capture())
    assert compared.views[0].capture is before
    compared.contents.set_edits(0, ())
    assert compared.views[0].fits  # the capture without edits is still there


def test_held_values_are_taken_from_explore(compared: Compared) -> None:
    compared.fill()
    compared.values = {"p": {"relu": VALUES}}
    compared.contents.set_edits(0, HELD)
    assert compared.engine.request.frozen["p"]["relu"] is VALUES


def test_held_values_that_are_gone_are_computed_again_or_said_to_be_lost(compared: Compared) -> None:
    compared.fill()
    compared.contents.set_edits(0, THAWABLE)
    assert compared.engine.request == Thaw(card().digest, THAWABLE)
    compared.engine.answer(Thawed({"p": {"relu": VALUES}}))
    assert compared.engine.request.edits == THAWABLE
    assert compared.engine.request.frozen["p"]["relu"] is VALUES
    asked = len(compared.engine.asked)
    compared.contents.set_edits(0, (replace(HELD[0], source="q"),))
    assert len(compared.engine.asked) == asked
    assert "no longer stored" in compared.views[0].status
