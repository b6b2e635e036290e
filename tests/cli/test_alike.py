"""The commands pca, similarity, cka and match, against plain torch and numpy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import cosine_similarity

from explorer.cli import run
from explorer.core.figure.figure_parts import FigureStyle
from explorer.core.system.paths import resources

CAT, HOUSE = (str(resources() / "samples" / name) for name in ("cat.png", "house.png"))
NET = """
import torch

PREPROCESS = {"height": 96, "width": 96, "fit": "stretch"}


def make_model():
    from explorer.engine.models.demo.vit import VisionTransformer

    torch.manual_seed(1)
    return VisionTransformer(classes=3, width=24, depth=2, registers=1)


def make_cnn():
    torch.manual_seed(2)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 4, 4), torch.nn.ReLU(inplace=True), torch.nn.Conv2d(8, 12, 2, 2))
"""
TOKENS = "blocks.1"


@pytest.fixture
def nets(tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "my_nets.py"
    path.write_text(NET)
    return f"file:{path}:make_model", f"file:{path}:make_cnn"


def values(net: str, tap: str, tmp_path: Path, picture: str = CAT) -> np.ndarray:
    out = tmp_path / "v.npz"
    assert run(["maps", net, "--trust-code", "--input", picture, "--tap", tap, "--out", str(out)]) == 0
    with np.load(out) as stored:
        return stored[tap]


def test_pca_of_tokens(nets: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = values(nets[0], TOKENS, tmp_path).astype(np.float64)
    out = tmp_path / "p.npz"
    argv = ["pca", nets[0], "--trust-code", "--input", CAT, "--tap", TOKENS, "--out", str(out), "--json"]
    capsys.readouterr()
    assert run(argv) == 0
    (row,) = json.loads(capsys.readouterr().out)["models"]
    with np.load(out) as stored:
        rgb, found = stored["rgb_0_0"], stored["scores_0_0"]
    patches = tokens[len(tokens) - rgb.shape[0] * rgb.shape[1] :]
    left, singular, _ = np.linalg.svd(patches - patches.mean(0), full_matrices=False)
    assert np.abs((found[:, :3] * left[:, :3]).sum(0)) == pytest.approx(np.full(3, len(patches) ** 0.5), rel=1e-5)
    assert row["share"][:3] == pytest.approx((singular**2 / (singular**2).sum())[:3], rel=1e-5)
    assert row["comparable"] is None
    assert len(np.unique(rgb)) > 20


def test_two_models_over_two_pictures_in_one_row(
    nets: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.png"
    argv = ["pca", ",".join(nets), "--trust-code", "--input", CAT, "--input", HOUSE, "--tap", f"{TOKENS},0"]
    assert run([*argv, "--out", str(out), "--foreground", "first"]) == 0
    assert "colour agreement 0." in capsys.readouterr().out
    with Image.open(out) as drawn:
        assert drawn.width > 4 * 400
        assert "residual" in drawn.text["Description"]
    assert run([*argv, "--out", str(out), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["models"]
    assert first["cells"] == 2 * first["grids"][0][0] * first["grids"][0][1]
    assert second["grids"] == [[24, 24]] * 2
    assert 0 <= second["comparable"] <= 1


def test_similarity(nets: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, other = (torch.tensor(values(nets[1], "2", tmp_path, p)).flatten(1) for p in (CAT, HOUSE))
    out = tmp_path / "s.npz"
    argv = ["similarity", ",".join(nets[::-1]), "--trust-code", "--input", CAT, "--input2", HOUSE]
    argv += ["--tap", f"2,{TOKENS}", "--cell", "4,7", "--out", str(out), "--json"]
    capsys.readouterr()
    assert run(argv) == 0
    told = json.loads(capsys.readouterr().out)["maps"]
    query = own[:, 4 * 12 + 7][:, None]
    with np.load(out) as stored:
        assert stored["similarity_0"].ravel() == pytest.approx(cosine_similarity(own, query, 0).numpy(), abs=1e-5)
        assert stored["similarity_1"].ravel() == pytest.approx(cosine_similarity(other, query, 0).numpy(), abs=1e-5)
        assert stored["similarity_2"][tuple(told[2]["cell"])] == pytest.approx(1.0)
    assert [row["what"] for row in told] == ["same", "second picture", "second model"]
    out = tmp_path / "s.png"
    assert run([*argv[:-2], str(out)]) == 0
    with Image.open(out) as drawn:
        assert len(np.unique(np.asarray(drawn))) > 50


def test_cka(nets: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        Image.fromarray(rng.integers(0, 256, (48, 64, 3)).astype(np.uint8)).save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "c.npz"
    argv = ["cka", nets[1], nets[0], "--trust-code", "--inputs", str(folder), "--taps2", "blocks.?"]
    assert run([*argv, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["inputs"], told["too_few"], told["columns"]) == (6, True, ["blocks.0", "blocks.1"])
    assert told["rows"] == ["0", "2"]
    assert [name for name, _ in told["skipped"]] == ["broken.png"]
    shots = [str(folder / f"{number}.png") for number in range(6)]
    x = np.stack([values(nets[1], "2", tmp_path, p).mean((1, 2)) for p in shots]).astype(float)
    y = np.stack([values(nets[0], TOKENS, tmp_path, p)[2:].mean(0) for p in shots]).astype(float)
    grams = [centred_without_bias(v @ v.T) for v in (x, y)]
    oracle = (grams[0] * grams[1]).sum() / np.sqrt((grams[0] ** 2).sum() * (grams[1] ** 2).sum())
    with np.load(out) as stored:
        assert stored["cka"][1, 1] == pytest.approx(oracle, abs=1e-4)
        assert stored["count"] == 6
    picture = tmp_path / "c.png"
    assert run([*argv, "--out", str(picture)]) == 0
    assert "over 6 inputs: too few to trust" in capsys.readouterr().out
    with Image.open(picture) as drawn:
        assert drawn.width == FigureStyle().width_px
    assert run([*argv, "--out", str(tmp_path / "c.svg")]) == 0
    assert ">2<" in (tmp_path / "c.svg").read_text()  # the name of a layer


def test_match(nets: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (96, 96, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    out = tmp_path / "m.npz"
    argv = ["match", nets[1], nets[1], "--trust-code", "--inputs", str(folder), "--tap", "0", "--tap2", "1"]
    assert run([*argv, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    conv, relu = (
        np.concatenate([values(nets[1], tap, tmp_path, str(p)).reshape(8, -1) for p in sorted(folder.iterdir())], 1)
        for tap in ("0", "1")
    )
    oracle = np.corrcoef(conv, relu)[:8, 8:]
    with np.load(out) as stored:
        assert stored["correlation"] == pytest.approx(oracle, abs=1e-6)
    assert [pair["channel"] for pair in told["best"]] == oracle.argmax(1).tolist()
    assert [pair["channel"] for pair in told["paired"]] == list(range(8))  # each with its own rectified self
    assert (told["inputs"], told["places"]) == (3, 3 * 24 * 24)
    capsys.readouterr()
    assert run([*argv, "--out", str(tmp_path / "m.png")]) == 0
    assert "over 3 inputs" in capsys.readouterr().out
    with Image.open(tmp_path / "m.png") as drawn:
        assert drawn.width == FigureStyle().width_px
    assert run([*argv[:-3], "?", "--tap2", "1"]) == 1
    assert "names 2 layers" in capsys.readouterr().err


def centred_without_bias(gram: np.ndarray) -> np.ndarray:
    """Székely and Rizzo 2014, definition 2."""
    n = len(gram)
    found = gram - gram.diagonal() * np.eye(n)
    rows, total = found.sum(1), found.sum()
    found = found - rows[:, None] / (n - 2) - rows / (n - 2) + total / ((n - 1) * (n - 2))
    return found * (1 - np.eye(n))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["pca", "--input", CAT, "--tap", "nothing", "--out", "a.npz"], "no tap named nothing"),
        (["pca", "--input", CAT, "--tap", TOKENS, "--out", "a.jpg"], "neither in .npz nor in .png"),
        (["pca", "--input", CAT, "--tap", "a,b", "--out", "a.npz"], "1 models and 2 taps"),
        (["similarity", "--input", CAT, "--tap", TOKENS, "--cell", "99,0", "--out", "a.npz"], "no cell 99,0"),
        (["similarity", "--input", CAT, "--tap", TOKENS, "--cell", "x", "--out", "a.npz"], "is not a cell"),
    ],
)
def test_what_cannot_be(
    command: list[str], words: str, nets: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [str(tmp_path / part) if part.startswith("a.") else part for part in command[1:]]
    assert run([command[0], nets[0], "--trust-code", *argv]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "a.npz").exists()


def test_three_pictures_are_too_few_and_a_tap_must_be_there(
    nets: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"{number}.png")
    argv = ["cka", *nets, "--trust-code", "--inputs", str(tmp_path)]
    assert run(argv) == 1
    assert "at least 4" in capsys.readouterr().err
    assert run([*argv, "--taps", "nothing"]) == 1
    assert "no tap named nothing" in capsys.readouterr().err
