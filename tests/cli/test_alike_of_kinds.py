"""The commands cka and match over texts and sounds, against plain torch and numpy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sound_nets import wave_file
from text_nets import SOURCE

from explorer.cli import run
from explorer.core.wav_bytes import wav_bytes

TEXTS = [
    "the movie was really good",
    "not good at all",
    "we left and the movie was not bad",
    "bad",
    "really not bad at all .",
    "the movie",
]
PADDING = ["texts.seeded: 46 of 72 tokens are padding; cells over them are left out."]
CHARACTERS = """
import torch
from torch import nn
PREPROCESS = {"input": "text", "words": list("abcdefghijklmnopqrstuvwxyz ."), "split": "characters", "length": 40}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(28, 8)
        self.conv = nn.Conv1d(8, 8, 3, padding=1)
    def forward(self, ids):
        return self.conv(self.embedding(ids).transpose(1, 2)).amax(2)
make_model = Net
"""


def shared_hsic(x: np.ndarray, y: np.ndarray) -> float:
    """Song et al. 2012, equation 5, of two linear kernels, written out."""
    n = len(x)
    k, m = (v @ v.T * (1 - np.eye(n)) for v in (x, y))
    ones = np.ones(n)
    pairs = np.trace(k @ m) + ones @ k @ ones * (ones @ m @ ones) / ((n - 1) * (n - 2))
    return float((pairs - 2 / (n - 2) * ones @ k @ m @ ones) / (n * (n - 3)))


def plain_cka(x: np.ndarray, y: np.ndarray) -> float:
    return shared_hsic(x, y) / float(np.sqrt(shared_hsic(x, x) * shared_hsic(y, y)))


def values(net: str, tap: str, given: str, out: Path) -> np.ndarray:
    """(channels, cells) of a layer, without those over padding: a text of n words is padded to 12 tokens behind them."""
    assert run(["maps", net, "--trust-code", "--input", given, "--tap", tap, "--out", str(out)]) == 0
    with np.load(out) as stored:
        found: np.ndarray = stored[tap].astype(np.float64)
    found = found.reshape(found.shape[-2:])
    words = len(given.removeprefix("text:").split())
    return found[:, :words] if given.startswith("text:") else found


def seeded_texts(folder: Path) -> str:
    """The id of a network of texts with the same weights whenever it is opened."""
    path = folder / "texts.py"
    path.write_text(f"{SOURCE}\n\ndef seeded():\n    torch.manual_seed(0)\n    return Net()\n")
    return f"file:{path}:seeded"


def told(argv: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    assert run([*argv, "--trust-code", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(params=["text", "sound"])
def compared(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, tuple[str, str], Path, list[str]]:
    """(network, two layers of it, a file of lines or a folder, the inputs in it)."""
    if request.param == "text":
        lines = tmp_path / "lines.txt"
        lines.write_text("\n".join(TEXTS))
        return seeded_texts(tmp_path), ("convs.0", "convs.1"), lines, [f"text:{text}" for text in TEXTS]
    folder = tmp_path / "sounds"
    folder.mkdir()
    for number in range(6):
        noise = np.random.default_rng(number).normal(0, 0.2, (1, 4000)).astype(np.float32)
        (folder / f"{number}.wav").write_bytes(wav_bytes(noise, 8000)[0])
    return wave_file(tmp_path), ("0", "3"), folder, [str(path) for path in sorted(folder.iterdir())]


def test_cka_is_that_of_the_means_over_cells(
    compared: tuple[str, tuple[str, str], Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net, taps, where, inputs = compared
    argv = ["cka", net, net, "--inputs", str(where), "--taps", taps[0], "--taps2", taps[1]]
    found = told(argv, capsys)
    assert (found["inputs"], found["skipped"]) == (6, [])
    x, y = (np.stack([values(net, tap, given, tmp_path / "v.npz").mean(1) for given in inputs]) for tap in taps)
    assert found["cka"][0][0] == pytest.approx(plain_cka(x, y), abs=1e-4)
    assert found["notes"] == (PADDING if where.is_file() else [])


def test_all_cells_as_they_are_include_padding_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join(TEXTS))
    net = seeded_texts(tmp_path)
    argv = ["cka", net, net, "--inputs", str(lines), "--taps", "convs.0", "--taps2", "convs.1", "--pool", "flat"]
    assert told(argv, capsys)["notes"] == [PADDING[0].replace("left out", "compared like others")]


def test_matched_channels_correlate_over_all_cells(
    compared: tuple[str, tuple[str, str], Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net, _, where, inputs = compared
    tap, other = ("convs.0", "convs.1") if where.is_file() else ("0", "1")
    out = tmp_path / "m.npz"
    argv = ["match", net, net, "--inputs", str(where), "--tap", tap, "--tap2", other, "--out", str(out)]
    found = told(argv, capsys)
    one, two = (
        np.concatenate([values(net, t, given, tmp_path / "v.npz") for given in inputs], 1) for t in (tap, other)
    )
    oracle = np.corrcoef(one, two)[: len(one), len(one) :]
    with np.load(out) as stored:
        assert stored["correlation"] == pytest.approx(oracle, abs=1e-5)
    assert (found["inputs"], found["places"]) == (6, one.shape[1])
    assert found["notes"] == (PADDING if where.is_file() else [])


def test_other_tokens_and_other_kinds_are_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words, lines = seeded_texts(tmp_path), tmp_path / "lines.txt"
    lines.write_text("\n".join(TEXTS))
    other = tmp_path / "characters.py"
    other.write_text(CHARACTERS)
    characters = f"file:{other}:make_model"
    argv = ["match", words, characters, "--trust-code", "--inputs", str(lines), "--tap", "convs.0", "--tap2", "conv"]
    assert run(argv) == 1
    assert "different tokens" in capsys.readouterr().err
    assert told(["cka", words, characters, "--inputs", str(lines)], capsys)["inputs"] == 6
    assert run(["cka", words, wave_file(tmp_path), "--trust-code", "--inputs", "gallery"]) == 1
    assert "takes texts" in capsys.readouterr().err
