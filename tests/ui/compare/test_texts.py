"""Texts in the columns of Compare: a field each, aligned words, and models and inputs of other kinds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from text_nets import text_file

from explorer.core.inputs import InputRef, Text
from explorer.core.linked_places import place_of_token
from explorer.core.models import ModelSpec
from explorer.ui.model_pane.fitting_inputs import FOR_KINDS

SENTENCE = "the movie was good"


@pytest.fixture
def reading(window: Callable[..., Any], tmp_path: Path) -> Any:
    """A window that compares a model of texts with itself on a sentence."""
    app = window()
    spec = ModelSpec(text_file(tmp_path))
    app.start(spec, InputRef("text", SENTENCE))
    app.wait_capture()
    app.compare.start((spec, spec))
    app.turn_to("compare")
    app.rest()
    return app


def write(app: Any, column: int, words: str) -> None:
    app.compare.columns[column].panel.text.field.setPlainText(words)
    app.rest()


def test_a_sentence_is_written_in_a_column_and_words_are_linked(reading: Any) -> None:
    app = reading
    one, two = app.compare.columns[0], app.compare.columns[1]
    assert not one.panel.text.isHidden()
    write(app, 1, "the movie was not good")
    assert (one.capture.picture.text, two.capture.picture.text) == (SENTENCE, "the movie was not good")
    assert app.session.comparison.columns[1].input == InputRef("text", "the movie was not good")
    two.panel.text.hovered.emit(4)
    assert one.panel.text._marked == 3
    assert "“good”" in one.panel.note.text()
    two.panel.text.hovered.emit(3)
    assert one.panel.text._marked is None
    assert "No word here is aligned with “not”" in one.panel.note.text()
    two.panel.text.left.emit()
    assert two.panel.text._marked is None


def test_a_difference_of_layers_needs_the_same_steps(reading: Any) -> None:
    app = reading
    button = app.compare.columns[1].panel.minus_button
    write(app, 1, "the movie was bad")
    assert button.isEnabled()
    write(app, 1, "the movie was not bad")
    assert not button.isEnabled()
    assert "4 and 5 tokens" in button.toolTip()


def test_a_model_of_another_kind_gets_an_input_of_its_kind_and_shows_no_old_maps(
    reading: Any, specs: dict[str, ModelSpec]
) -> None:
    app = reading
    view = app.compare.columns[1]
    app.compare.set_model(1, specs["one"])
    app.rest()
    assert view.of.spec == specs["one"]
    assert not isinstance(view.capture.picture, Text)
    assert app.compare.columns[0].capture.picture.text == SENTENCE
    app.compare.point(place_of_token(1, app.compare.columns[0].capture.picture), 0)
    assert view.panel.note.text() == "A place of a text has none in a picture."


def test_nothing_of_the_last_model_stays_while_no_input_fits(
    reading: Any, specs: dict[str, ModelSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = reading
    monkeypatch.setattr("explorer.ui.compare.contents.fitting_inputs", lambda *_: iter(()))
    app.compare.set_model(1, specs["one"])
    app.rest()
    view = app.compare.columns[1]
    assert (view.of, view.capture, view.layers) == (None, None, ())
    assert "takes no text. Takes pictures of 32 × 32 px" in view.status


def test_an_input_of_another_kind_brings_a_model_that_takes_it(
    reading: Any, specs: dict[str, ModelSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = reading
    monkeypatch.setitem(FOR_KINDS, "picture", specs["one"])
    app.compare.set_input(1, InputRef("sample", "cat"))
    app.rest()
    view = app.compare.columns[1]
    assert view.of.spec == specs["one"]
    assert view.capture.picture.ref == InputRef("sample", "cat")
    app.compare.undo()
    app.rest()
    assert isinstance(app.compare.columns[1].capture.picture, Text)
