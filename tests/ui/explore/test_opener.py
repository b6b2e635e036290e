"""What Explore asks for when a model or an input is opened, with a fake engine: no torch, no thread, no window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_engine import FakeEngine
from fake_host import capture, card, picture

from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec, Preprocess
from explorer.core.pane_requests import CapturePicture, Opened, OpenInput, OpenModel, Recompute, Reopen
from explorer.ui.explore.opener import Opener


class Pane:
    """An opener, and what it said."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.opener = Opener(self.engine.client)
        self.said: list[tuple[str, Any]] = []
        for name in ("model_came", "input_came", "capture_came", "failed", "progressed", "ended"):
            getattr(self.opener, name).connect(lambda *what, name=name: self.said.append((name, what)))

    def words(self) -> list[str]:
        names = [name for name, _ in self.said]
        self.said.clear()
        return names

    def open(self, of: ModelCard | None = None) -> None:
        """A model and a picture are open and captured."""
        of = of or card()
        self.opener.open_input(InputRef("clipboard"))
        self.engine.answer(picture())
        self.opener.open_model(of.spec)
        self.engine.answer(Opened(of, {}), partial=True)
        self.engine.answer(capture(of.digest))
        self.said.clear()


@pytest.fixture
def pane() -> Pane:
    return Pane()


def test_one_request_brings_a_model_and_the_capture_of_what_is_open(pane: Pane) -> None:
    pane.open()
    pane.opener.open_model(ModelSpec("other"))
    assert pane.engine.request == OpenModel(ModelSpec("other"))
    assert pane.engine.request.picture is pane.opener.picture
    asked = len(pane.engine.asked)
    pane.engine.answer(Opened(card("other"), {}), partial=True)
    assert pane.words() == ["model_came"]
    assert pane.opener.waiting
    pane.engine.answer(capture("other"))
    assert pane.words()[:1] == ["capture_came"]
    assert len(pane.engine.asked) == asked  # nothing was asked for a second time
    assert not pane.opener.waiting


def test_one_request_brings_an_input_and_its_capture(pane: Pane) -> None:
    pane.open()
    pane.opener.open_input(InputRef("sample", "house"))
    assert pane.engine.request == OpenInput(InputRef("sample", "house"), card().digest)
    asked = len(pane.engine.asked)
    pane.engine.answer(picture("house"), partial=True)
    pane.engine.answer(capture(seen="house"))
    assert pane.words() == ["input_came", "capture_came"]
    assert len(pane.engine.asked) == asked


def test_an_input_that_was_asked_for_under_another_model_is_captured_under_the_one_that_came(pane: Pane) -> None:
    pane.open()
    pane.opener.open_input(InputRef("sample", "house"))
    house = len(pane.engine.asked)
    pane.opener.open_model(ModelSpec("other"))
    pane.engine.answer(Opened(card("other"), {}))
    assert not isinstance(pane.engine.request, CapturePicture)  # the picture is still to come
    pane.engine.answer(picture("house"), ticket=house, partial=True)
    assert pane.engine.request == CapturePicture(card("other").digest, picture("house"), "house")


def test_a_model_without_a_picture_asks_for_nothing_more(pane: Pane) -> None:
    pane.opener.open_model(None)
    pane.engine.answer(Opened(card(), {}))
    assert len(pane.engine.asked) == 1
    assert pane.opener.card == card()


def test_a_failed_input_leaves_what_was_open_and_captures_a_model_that_waited(pane: Pane) -> None:
    pane.open()
    pane.opener.open_input(InputRef("picture", "gone.png"))
    gone = len(pane.engine.asked)
    pane.opener.open_model(ModelSpec("other"))
    pane.engine.answer(Opened(card("other"), {}))
    pane.engine.fail("No such file.", ticket=gone)
    assert ("failed", "input") in [(name, what[0]) for name, what in pane.said if what]
    assert pane.opener.picture is not None
    assert pane.opener.picture.digest == "p"
    assert pane.engine.request == CapturePicture(card("other").digest, pane.opener.picture, "p")


def test_a_failed_model_leaves_the_one_that_is_open(pane: Pane) -> None:
    pane.open()
    pane.opener.open_model(ModelSpec("broken"))
    pane.engine.fail("It cannot be read.")
    assert pane.said[0][0] == "failed"
    assert pane.said[0][1][0] == "model"
    assert pane.opener.card == card()
    assert not pane.opener.waiting


def test_the_preprocessing_that_came_with_a_model_is_remembered(pane: Pane) -> None:
    pane.open()
    own, changed = card().preprocess, Preprocess(16, 16)
    pane.opener.set_preprocess(changed)
    assert pane.engine.request == Reopen(card().digest, changed)
    pane.engine.answer(Opened(replace(card(), preprocess=changed), {}))
    assert pane.opener.card is not None
    assert pane.opener.card.preprocess == changed
    assert pane.opener.own_preprocess == own
    pane.opener.open_model(ModelSpec("other"))
    pane.engine.answer(Opened(replace(card("other"), preprocess=changed), {}))
    assert pane.opener.own_preprocess == changed  # that of another model


def test_the_class_vector_is_read_anew_only_where_it_is_read_another_way(pane: Pane) -> None:
    pane.open()
    asked = len(pane.engine.asked)
    pane.opener.set_reading(card().spec.output, card().spec.probabilities)
    assert len(pane.engine.asked) == asked
    pane.opener.set_reading("logits", "off")
    assert pane.engine.request == Reopen(card().digest, None, "logits", "off")


def test_a_model_on_its_way_can_be_given_up(pane: Pane) -> None:
    pane.open()
    pane.opener.open_model(ModelSpec("slow"))
    pane.engine.tell("reading", 0.5)
    assert pane.words() == ["progressed"]
    pane.opener.cancel_model()
    assert pane.words() == ["ended"]
    assert pane.engine.cancelled == ["model"]
    pane.opener.cancel_model()
    assert pane.words() == []


def test_dropped_values_are_asked_for_by_name(pane: Pane) -> None:
    pane.open()
    shown = capture()
    pane.opener.recompute(shown, ("relu",))
    assert pane.engine.request == Recompute(shown, shown.number, ("relu",))
    pane.engine.answer(shown)
    assert pane.words() == ["capture_came"]
