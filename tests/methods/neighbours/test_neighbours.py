"""Neighbours of words, against plain torch's cosine similarity."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from text_nets import WORDS, text_file

from explorer.cli import run as main
from explorer.core.models import ModelSpec


def table(folder: Path) -> torch.Tensor:
    from explorer.engine.models import open_model

    weight: torch.Tensor = open_model(ModelSpec(text_file(folder)), trust_code=True).module.embedding.weight.detach()
    return weight


def asked(folder: Path, *more: str) -> list[str]:
    return ["neighbours", text_file(folder), "--trust-code", "--tap", "embedding", *more]


def test_the_nearest_rows_are_those_of_cosine_similarity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(tmp_path, "--token", "Good", "--top", "4", "--json")) == 0
    (told,) = json.loads(capsys.readouterr().out)["tokens"]
    weight, at = table(tmp_path), WORDS.index("good")
    cosines = F.cosine_similarity(weight, weight[at], dim=1)
    cosines[at] = -2
    values, best = cosines.topk(4)
    assert [n["word"] for n in told["neighbours"]] == [WORDS[i] for i in best.tolist()]
    assert [n["cosine"] for n in told["neighbours"]] == pytest.approx(values.tolist(), abs=1e-6)
    assert told["norm"] == pytest.approx(float(weight[at].norm()), abs=1e-6)


def test_every_token_of_a_text_is_listed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(tmp_path, "--input", "text:bad film not bad", "--json")) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [(row["word"], row["unknown"]) for row in told["tokens"]] == [
        ("bad", False),
        ("<unk>", True),
        ("not", False),
        ("<pad>", False),
    ]
    assert told["places"][:5] == [0, 1, 2, 0, 3]
    assert all(len(row["neighbours"]) == 10 for row in told["tokens"])


def test_other_layers_and_unknown_words_say_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["neighbours", text_file(tmp_path), "--trust-code", "--tap", "relu", "--token", "good"]) == 1
    assert "Only an embedding" in capsys.readouterr().err
    assert main(asked(tmp_path, "--token", "goood")) == 1
    said = capsys.readouterr().err
    assert "“goood” is not in the vocabulary" in said
    assert "good" in said.split("There are:")[1]


POSITIONS = """
import torch
from torch import nn
PREPROCESS = {"input": "text", "words": ["<pad>", "<unk>", "a", "b"], "length": 4}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places, self.head = nn.Embedding(4, 8, padding_idx=0), nn.Embedding(4, 8), nn.Linear(8, 2)

    def forward(self, ids):
        x = self.words(ids) + self.places(torch.arange(ids.shape[1])[None] + 0 * ids)
        return self.head(x.mean(1))
"""


def test_rows_of_zeros_have_no_neighbours_and_positions_are_no_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.py").write_text(POSITIONS)
    model = ["neighbours", f"file:{tmp_path / 'net.py'}:Net", "--trust-code", "--input", "text:a b"]
    assert main([*model, "--tap", "words", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["tokens"]
    assert [len(row["neighbours"]) for row in rows] == [2, 2, 0]
    assert main([*model, "--tap", "places"]) == 1
    assert "does not look the tokens" in capsys.readouterr().err


def test_the_page_follows_the_selected_token(qtbot: Any) -> None:
    from types import SimpleNamespace

    from explorer.methods.neighbours.page import ResultPage
    from explorer.methods.neighbours.spec import Neighbour, Neighbours, RowNeighbours

    page = ResultPage()
    qtbot.addWidget(page)
    rows = (
        RowNeighbours(2, "not", 1.0, False, (Neighbour(3, "never", 0.5),)),
        RowNeighbours(0, "<pad>", 0.0, False, ()),
    )
    page.show_result(Neighbours("embedding", rows, (0, 1), 4, 8))
    assert "“not”" in page.title.text()
    assert "Select a token" in page.about.text()
    page.show_selection(SimpleNamespace(cell=(0, 1)))  # type: ignore[arg-type]
    assert "no direction" in page.about.text()
