"""Models of texts: opened from a file, captured, and held against plain torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from text_nets import WORDS, text_file

from explorer.cli import run as main
from explorer.core.activations import Layout
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Text
from explorer.core.models import ModelSpec, Preprocess, takes
from explorer.core.requests import Lane
from explorer.core.sounds import Sound
from explorer.core.texts import TextPreprocess
from explorer.engine.inputs import file_ref, named_input, open_input
from explorer.engine.inputs.input_tensor import input_tensor, noise
from explorer.engine.inputs.text_lines import lines_of, text_input
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession
from explorer.engine.models.own_inputs import own_input

SENTENCE = "The movie was not good at all, and we left early."


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


@pytest.fixture
def bench(tmp_path: Path) -> tuple[ModelSession, str]:
    made = ModelSession()
    return made, made.open(ModelSpec(text_file(tmp_path)), job(), trust_code=True).card.digest


def test_every_value_is_that_of_plain_torch(bench: tuple[ModelSession, str]) -> None:
    session, digest = bench
    seen = session.capture(digest, text_input(InputRef("text", SENTENCE), SENTENCE), job())
    words = ["the", "movie", "was", "not", "good", "at", "all", ",", "and", "we", "left", "early"]
    ids = torch.tensor([[WORDS.index(word) if word in WORDS else 1 for word in words]])
    net = session.model(digest).module
    with torch.no_grad():
        embedded = net.embedding(ids)
        conv = net.convs[1](embedded.transpose(1, 2))
        logits = net(ids)[0]
    assert np.array_equal(seen.values["embedding"], embedded[0].numpy())
    assert np.array_equal(seen.values["convs.1"], conv[0].numpy())
    assert [g.logit for g in sorted(seen.prediction, key=lambda g: g.index)] == pytest.approx(logits.tolist())
    taps = {tap.name: tap for tap in seen.taps}
    assert taps["embedding"].layout is Layout.NLC
    assert taps["convs.1"].layout is Layout.NCT
    assert taps["convs.1"].receptive is not None
    box = taps["convs.1"].receptive.box(0, 4)
    assert (box.x0, box.x1) == (2, 7)  # five words about the fifth


def test_another_kind_of_input_is_refused_in_words(bench: tuple[ModelSession, str]) -> None:
    session, digest = bench
    with pytest.raises(ExplorerError, match="takes text"):
        session.capture(digest, open_input(InputRef("sample", "cat")), job())
    pre = session.model(digest).card.preprocess
    assert takes(pre, text_input(InputRef("text"), "good"))
    sound = Sound(InputRef("sound"), np.zeros((1, 10), np.float32), 8000, "d", "hum")
    assert not takes(pre, sound)
    with pytest.raises(ExplorerError, match="not sounds: “hum”"):
        input_tensor(sound, Preprocess())


def test_typed_texts_and_lines_of_files(tmp_path: Path) -> None:
    typed = open_input(named_input("text:not bad"))
    assert isinstance(typed, Text)
    assert (typed.text, typed.ref) == ("not bad", InputRef("text", "not bad"))
    file = tmp_path / "lines.txt"
    file.write_text("\ufefffirst line\n\n  second  \n", encoding="utf-8")
    assert lines_of(file) == ["first line", "second"]
    line = open_input(file_ref(file))
    assert isinstance(line, Text)
    assert (line.text, line.notes) == ("first line", ("line 1 of 2",))
    later = open_input(InputRef("lines", str(file), 7))
    assert isinstance(later, Text)
    assert later.text == "second"


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"\xff\xfe\x00\x01\x80", "no text"), (b"\n \n", "empty")]
)
def test_files_that_are_no_text_say_so(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(content)
    with pytest.raises(ExplorerError, match=words):
        open_input(file_ref(file))


def test_a_text_of_a_hundred_thousand_characters_is_the_longest() -> None:
    assert text_input(InputRef("text"), "a " * 50_000).size[1] == 100_000
    with pytest.raises(ExplorerError, match="too long"):
        text_input(InputRef("text"), "a " * 50_001)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"words": "abc"}, "no list"),
        ({"words": ["a", "b"], "pad": 7}, "“pad” is 7"),
        ({"words": ["a", "b"], "size": 3}, "there is “size”"),
        ({"words": ["a", "b"], "split": "syllables"}, "“split”"),
        ({"words": len, "lower": True}, "beside a function"),
        ({"words": ["a"], "vocabulary": 3}, "beside a list"),
        ({"words": ["a", "b"], "length": -1}, "“length” is -1"),
    ],
)
def test_what_is_wrong_with_a_description_is_named(given: dict[str, object], words: str) -> None:
    with pytest.raises(ExplorerError, match=words):
        own_input({"input": "text", **given}, "net.py")


def test_a_picture_model_has_no_description_of_its_own() -> None:
    assert own_input({"height": 3}, "net.py") is None
    with pytest.raises(ExplorerError, match="“input” is 'smell'"):
        own_input({"input": "smell"}, "net.py")


def test_noise_is_made_of_known_words() -> None:
    ids = noise(TextPreprocess(("a", "b", "c"), length=9))
    assert ids.shape == (1, 9)
    assert 0 <= int(ids.min()) <= int(ids.max()) < 3


def test_commands_take_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = text_file(tmp_path)
    assert main(["predict", model, "--trust-code", "--input", f"text:{SENTENCE}"]) == 0
    assert "praise" in capsys.readouterr().out
    asked = ["arithmetic", model, "--trust-code", "--input", f"text:{SENTENCE}", "--tap", "convs.0", "--channel", "2"]
    assert main([*asked, "--cell", "0,4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert abs(found["difference"]) < 1e-6 or "difference" not in found
    attention = ["attention", text_file(tmp_path, "former"), "--trust-code", "--input", f"text:{SENTENCE}", "--json"]
    assert main(attention) == 0
    blocks = json.loads(capsys.readouterr().out)
    assert "block.self_attn" in json.dumps(blocks)


def test_tokens_are_listed_with_their_spans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tokens", text_file(tmp_path), "--trust-code", "--input", "text:The dog left.", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [t["kind"] for t in found["tokens"]] == ["word", "unknown", "word", "word"] + ["padding"] * 8
    assert [found["text"][a:b] for a, b in (t["span"] for t in found["tokens"][:4])] == ["The", "dog", "left", "."]
    assert main(["tokens", "demo:seeded", "--input", "text:The dog"]) == 1
    assert "no tokens" in capsys.readouterr().err


def test_a_method_of_pictures_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["explain", text_file(tmp_path), "--trust-code", "--input", f"text:{SENTENCE}", "--class", "0"]
    assert main([*asked, "--method", "gradient", "--out", str(tmp_path / "map.png")]) == 1
    assert "picture" in capsys.readouterr().err
