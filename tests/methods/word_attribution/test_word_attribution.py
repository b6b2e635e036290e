"""Attribution to words, held against captum and plain torch; the model is left as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from text_nets import WORDS, text_file

from explorer.cli import run as main
from explorer.core.models import ModelSpec
from explorer.engine.models import open_model

SENTENCE = "The movie was really not good at all."
IDS = [WORDS.index(w) for w in ("the", "movie", "was", "really", "not", "good", "at", "all", ".")] + [0] * 3


def asked(folder: Path, capsys: pytest.CaptureFixture[str], factory: str, *more: str) -> dict[str, Any]:
    line = [
        "word-attribution",
        text_file(folder, factory),
        "--trust-code",
        "--input",
        f"text:{SENTENCE}",
        "--json",
        *more,
    ]
    assert main(line) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("factory", ["make_model", "former"])
def test_integrated_gradients_are_captums(factory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    captum = pytest.importorskip("captum.attr")
    found = asked(tmp_path, capsys, factory, "--class", "1")
    net = open_model(ModelSpec(text_file(tmp_path, factory)), trust_code=True).module
    method = captum.LayerIntegratedGradients(net, net.embedding)
    ids, base = torch.tensor([IDS]), torch.ones(1, 12, dtype=torch.long)
    expected = method.attribute(ids, base, target=1, n_steps=found["points"], method="riemann_middle").sum(-1)[0]
    assert [t["value"] for t in found["tokens"]] == pytest.approx(expected.tolist(), abs=1e-5)
    with torch.no_grad():
        assert found["score"] == pytest.approx(float(net(ids)[0, 1]), abs=1e-6)
        assert found["baseline"] == pytest.approx(float(net(base)[0, 1]), abs=1e-6)
    whole = found["score"] - found["baseline"]
    assert sum(t["value"] for t in found["tokens"]) - whole == pytest.approx(found["gap"])
    assert abs(found["gap"]) <= 0.01 * abs(whole) or found["points"] == 1024


def test_occlusion_is_the_score_that_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(tmp_path, capsys, "make_model", "--method", "occlusion", "--baseline", "padding", "--class", "0")
    net = open_model(ModelSpec(text_file(tmp_path)), trust_code=True).module
    with torch.no_grad():
        whole = float(net(torch.tensor([IDS]))[0, 0])
        for at, told in enumerate(found["tokens"]):
            ids = list(IDS)
            ids[at] = 0
            assert told["value"] == pytest.approx(whole - float(net(torch.tensor([ids]))[0, 0]), abs=1e-6)
    assert found["baseline_token"] == "<pad>"
    assert "gap" not in found


def test_spans_lead_back_to_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(tmp_path, capsys, "make_model")
    words = [t for t in found["tokens"] if t["kind"] == "word"]
    assert [SENTENCE[a:b] for a, b in (t["span"] for t in words)] == [t["piece"] for t in words]


def test_a_class_that_there_is_not_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["word-attribution", text_file(tmp_path), "--trust-code", "--input", f"text:{SENTENCE}", "--class", "7"]
    assert main(line) == 1
    assert "no class 7" in capsys.readouterr().err


def test_of_a_long_text_the_strongest_words_are_listed_in_their_order(qtbot: Any) -> None:
    import numpy as np

    from explorer.core.texts import Token
    from explorer.methods.word_attribution.page import ResultPage
    from explorer.methods.word_attribution.spec import WordAttribution

    page = ResultPage()
    qtbot.addWidget(page)
    tokens = tuple(Token(2, f"w{n}") for n in range(17_200))
    values = np.arange(17_200) * np.where(np.arange(17_200) % 2, 1.0, -1.0)
    page.show_result(WordAttribution(tokens, values, "occlusion", "<unk>", 0, "a", 1.0, 0.0, 0, True))
    assert len(page.rows._model.rows) == 200
    assert page.rows._model.rows[0].label == "w17000"
    assert "The 200 words with the largest values are listed, of 17,200." in page.about.text()


@pytest.mark.parametrize("factory", ["make_model", "former"])
def test_without_a_class_it_is_the_predicted_one(
    factory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(tmp_path, capsys, factory, "--method", "occlusion")
    net = open_model(ModelSpec(text_file(tmp_path, factory)), trust_code=True).module
    with torch.no_grad():
        scores = net(torch.tensor([IDS]))[0]
    assert found["class"] == int(scores.argmax())
    assert found["score"] == pytest.approx(float(scores.max()), abs=1e-6)


@pytest.mark.parametrize(("mask", "reason"), [(4, ""), (None, "no token that hides")])
def test_the_mask_is_offered_where_the_model_has_one(mask: int | None, reason: str) -> None:
    from explorer.core.activations import Capture, Kind, Layout, Tap
    from explorer.core.inputs import InputRef, Text
    from explorer.core.models import ModelCard, WeightsInfo
    from explorer.core.selection import Selection
    from explorer.core.texts import TextPreprocess
    from explorer.methods.word_attribution.spec import SPEC

    card = ModelCard(ModelSpec("net"), "net", "file", WeightsInfo(False), TextPreprocess(("a", "b"), mask=mask))
    tap = Tap("a", "a", 0, "Linear", Kind.LINEAR, layout=Layout.NLC)
    shown = Capture("net", Text(InputRef("text", "a"), "a", "d", "a"), (tap,), {})
    offered = {choice.value: choice.reason for choice in SPEC.choices(Selection(card, shown, tap, 0, None))["baseline"]}
    assert offered["unknown"] == offered["padding"] == ""
    assert reason in offered["mask"]
    assert bool(offered["mask"]) == bool(reason)
