"""N-grams: the words of each filter's maximum, held against plain torch; run alone they give their value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from text_nets import WORDS, text_file

from explorer.cli import run as main

LINES = ("The movie was really good and we left.", "The movie was not good at all.", "Really bad at all, not good.")


@pytest.fixture
def found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(LINES))
    asked = [
        "ngrams",
        text_file(tmp_path),
        "--trust-code",
        "--tap",
        "relu",
        "--inputs",
        str(file),
        "--top",
        "3",
        "--json",
    ]
    assert main(asked) == 0
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


def network(folder: Path) -> torch.nn.Module:
    from explorer.core.models import ModelSpec
    from explorer.engine.models import open_model

    return open_model(ModelSpec(text_file(folder)), trust_code=True).module


def test_the_maximum_of_each_sentence_is_counted_where_it_lies(found: dict[str, Any], tmp_path: Path) -> None:
    net = network(tmp_path)
    assert (found["width"], found["sentences"]) == (3, 3)
    import re

    best: list[dict[str, float]] = [{} for _ in range(8)]
    for line in LINES:
        pieces = re.findall(r"\w+|[^\w\s]", line)
        ids = [WORDS.index(p.lower()) if p.lower() in WORDS else 1 for p in pieces]
        ids += [0] * (12 - len(ids))
        with torch.no_grad():
            maps = net.relu(net.convs[0](net.embedding(torch.tensor([ids])).transpose(1, 2)))[0]
        shown = [*pieces, *["<pad>"] * (12 - len(pieces))]
        for channel in range(8):
            at = int(maps[channel].argmax())
            words = " ".join(shown[max(at - 1, 0) : at + 2])
            best[channel][words] = max(best[channel].get(words, 0.0), float(maps[channel, at]))
    for channel, told in enumerate(found["channels"]):
        expected = sorted(best[channel].items(), key=lambda item: (-item[1], item[0]))
        assert [n["words"] for n in told["ngrams"]] == [words for words, _ in expected]
        assert [n["value"] for n in told["ngrams"]] == pytest.approx([value for _, value in expected], abs=1e-6)
        assert sum(n["share"] for n in told["ngrams"]) == pytest.approx(1.0)


def test_an_ngram_alone_gives_its_value(found: dict[str, Any], tmp_path: Path) -> None:
    net = network(tmp_path)
    checked = 0
    for channel, told in enumerate(found["channels"]):
        for n in told["ngrams"]:
            words = n["words"].split()
            if len(words) < 3 or n["position"] == 0:
                continue  # the border is part of what it saw
            ids = torch.tensor([[WORDS.index(w.lower()) if w.lower() in WORDS else 1 for w in words]])
            with torch.no_grad():
                alone = net.relu(net.convs[0](net.embedding(ids).transpose(1, 2)))[0, channel, 1]
            assert float(alone) == pytest.approx(n["value"], abs=1e-5)
            checked += 1
    assert checked > 4


def test_a_layer_that_sees_the_whole_text_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ngrams", text_file(tmp_path), "--trust-code", "--tap", "head"]) == 1
    assert "no positions" in capsys.readouterr().err


def test_a_model_of_pictures_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ngrams", "demo:seeded", "--tap", "stem"]) == 1
    assert "takes pictures" in capsys.readouterr().err
