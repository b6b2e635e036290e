"""A model of texts in the real window: a sentence is written, tokens and maps follow; pictures come back with a model of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from text_nets import text_file

from explorer.core.inputs import InputRef, Text
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session


@pytest.fixture
def app(window: Callable[..., Any], tmp_path: Path) -> Any:
    made = window()
    made.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    made.wait_capture()
    made.rest()
    made.open_model(ModelSpec(text_file(tmp_path)))
    made.rest()
    return made


def test_a_model_of_texts_comes_with_words_that_it_knows(app: Any) -> None:
    assert not app.failures
    assert isinstance(app.capture.picture, Text)
    assert app.capture.picture.text == "the movie was really good bad not at"
    panel = app.explore.input
    assert panel.text.isVisible()
    assert not panel.picture.isVisible()
    assert panel.text.field.toPlainText() == app.capture.picture.text


def test_maps_follow_what_is_written(app: Any) -> None:
    app.change(tap="convs.1")
    app.rest()
    before = app.shown.sequence.copy()
    app.explore.input.text.field.setPlainText("The movie was not good, and we left early.")
    app.rest()
    assert not np.array_equal(app.shown.sequence, before)
    assert app.session.input == InputRef("text", "The movie was not good, and we left early.")
    drawn = app.explore.input.text.tokens.text()
    assert "early" in drawn
    assert "&lt;pad&gt;" in drawn
    assert app.explore.maps.sequence.view.meaning.names[:4] == ("The", "movie", "was", "not")
    app.history.back()
    app.rest()
    assert app.explore.input.text.field.toPlainText() == "the movie was really good bad not at"


def test_no_curve_of_the_last_layer_stays_at_a_layer_without_values(app: Any) -> None:
    app.change(tap="convs.1")
    app.rest()
    curve = app.explore.channel.curve.view
    assert len(curve._curves) == 1
    app.change(tap="convs")  # a list of modules, which is not called itself
    app.rest()
    assert curve._curves == ()


def test_an_empty_text_asks_for_nothing(app: Any) -> None:
    app.explore.input.text.field.setPlainText("  ")
    app.rest()
    assert not app.failures
    assert app.capture.picture.text == "the movie was really good bad not at"


def test_pages_are_those_of_texts(app: Any) -> None:
    channel = app.explore.channel
    shown = {name for name in channel.names if channel.tabs.offered(channel.names.index(name))}
    assert {"word-attribution", "ngrams", "ablation", "arithmetic"} <= shown
    assert {"health", "channel-statistics"} <= shown
    assert not {"maximise", "attribution"} & shown
    refused: list[str] = []
    app.commands.actions.refused.connect(refused.append)
    app.commands.actions.run(app.commands.actions["page.attribution"])
    assert refused == ["Attribution: it works on pictures and sounds; this model takes texts."]


def test_a_model_of_pictures_brings_its_picture_back(app: Any) -> None:
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    assert app.session.input == InputRef("sample", "cat")
    assert app.explore.input.picture.isVisible()
    assert not app.explore.input.text.isVisible()
    assert not app.failures


def test_the_session_comes_back_with_its_text(app: Any, window: Callable[..., Any]) -> None:
    from explorer.core.session.session import from_json, to_json

    app.explore.input.text.field.setPlainText("really good")
    app.rest()
    text = to_json(app.whole_session())
    again = window()
    again.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    again.wait_capture()
    again.rest()
    again.restore(from_json(text))
    again.rest()
    assert again.capture.picture.text == "really good"
    assert not again.failures


def test_a_session_opens_the_page_of_its_kind_of_input(app: Any) -> None:
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    words = InputRef("sample", "sentence-praise")
    app.restore(Session(ModelSpec("demo:sentences-textcnn"), words, "filters.width3.1", 5, page="ngrams"))
    app.rest()
    assert app.explore.channel.page == "ngrams"
    assert app.session.page == "ngrams"


def test_a_model_of_transformers_brings_tokens_of_its_folder(app: Any, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    from hf_text_nets import saved

    saved("BertForSequenceClassification", tmp_path / "bert", 18)
    app.open_model(ModelSpec(f"hf:{tmp_path / 'bert'}"))
    app.rest()
    assert not app.failures
    app.explore.input.text.field.setPlainText("The movies were good")
    app.rest()
    drawn = app.explore.input.text.tokens.text()
    assert all(piece in drawn for piece in ("[CLS]", "movie", "[SEP]", "Put behind the text", "[PAD]"))
    assert app.capture.text.tokens[2].piece == "movie"
    app.change(tap="bert.encoder.layer.0")
    app.rest()
    assert app.explore.maps.sequence.view.meaning.names[:5] == ("[CLS]", "The", "movie", "s", "were")
    channel = app.explore.channel
    shown = {name for name in channel.names if channel.tabs.offered(channel.names.index(name))}
    assert {"word-attribution", "ngrams", "ablation", "arithmetic", "attention"} <= shown


def test_a_tokenizer_that_fails_leaves_the_last_maps_and_no_tokens(app: Any, tmp_path: Path) -> None:
    file = tmp_path / "letters.py"
    file.write_text(LETTERS)
    app.open_model(ModelSpec(f"file:{file}"))
    app.rest()
    field, tokens = app.explore.input.text.field, app.explore.input.text.tokens
    field.setPlainText("abc")
    app.rest()
    assert "id 98" in tokens.text()
    before = app.capture
    field.setPlainText("a bad one")
    app.rest()
    assert "ValueError: a bad one" in app.failures[-1].text
    assert tokens.text() == ""
    assert app.capture is before
    field.setPlainText("cab")
    app.rest()
    assert app.capture.text.tokens[0].id == 99
    assert "id 99" in tokens.text()


LETTERS = """
import torch
from torch import nn

def tokens(text):
    if "bad" in text:
        raise ValueError("a bad one")
    return [ord(c) % 128 for c in text], list(text), [(i, i + 1) for i in range(len(text))]

PREPROCESS = {"input": "text", "tokens": tokens}
TRAINED = True

def make_model():
    return nn.Sequential(nn.Embedding(128, 8), nn.Linear(8, 4))
"""


@pytest.mark.parametrize(("text", "said"), [("x" * 100_001, "100,001 characters"), ("  ", "Nothing is written")])
def test_a_text_that_is_not_read_says_so_in_place(app: Any, text: str, said: str) -> None:
    panel = app.explore.input.text
    before = app.capture.picture.text
    panel.field.setPlainText(text)
    app.rest()
    assert panel.why.isVisible()
    assert said in panel.why.text()
    assert "those of the last text" in panel.why.text()
    assert app.capture.picture.text == before
    assert panel.field.toPlainText() == text
    panel.field.setPlainText("the movie was bad")
    app.rest()
    assert not panel.why.isVisible()
    assert app.capture.picture.text == "the movie was bad"
    assert not app.failures


def test_what_was_asked_for_before_does_not_come_back_into_an_emptied_field(app: Any) -> None:
    panel = app.explore.input.text
    panel.field.setPlainText("bad")
    panel.field.clear()
    app.rest()
    assert panel.field.toPlainText() == ""
    assert panel.why.isVisible()
    app.history.back()
    app.rest()
    assert panel.field.toPlainText() == "the movie was really good bad not at"
    assert not panel.why.isVisible()
