"""The command maximise, in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run
from explorer.core.system.paths import resources

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 20, "width": 20, "resize": 20, "fit": "stretch"}

def make_model():
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3))

def four():
    return nn.Sequential(nn.Conv2d(4, 2, 3), nn.ReLU())
"""


@pytest.fixture
def net(tmp_path: Path) -> str:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return f"file:{path}:make_model"


def maximise(net: str, out: Path, *more: str) -> int:
    steps = [] if "--steps" in more else ["--steps", "8"]
    return run(["maximise", net, "--trust-code", *steps, "--out", str(out), *more])


def test_a_channel_and_a_class_as_png_with_manifest(
    net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target, objective in (
        (["--tap", "0", "--channel", "2"], {"tap": "0", "channels": [2]}),
        (["--class", "1"], {"tap": "", "channels": [1]}),
        (["--tap", "0", "--channel", "1", "--cell", "3,4", "--negative"], {"cell": [3, 4], "negative": True}),
    ):
        out = tmp_path / "out.png"
        assert maximise(net, out, *target, "--seed", "3") == 0
        said = capsys.readouterr()
        assert "in 8 steps" in said.out
        with Image.open(out) as picture:
            assert picture.size == (20, 20)
            about: dict[str, Any] = json.loads(picture.text["Description"])
        assert objective.items() <= about["objective"].items()
        assert about["settings"]["seed"] == 3
        assert about["settings"]["steps"] == 8
        assert about["weights"]["sha256"]


def pixels(path: Path) -> Any:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_size_seed_switches_and_a_picture_to_start_from(net: str, tmp_path: Path) -> None:
    target = ["--tap", "0", "--channel", "2"]
    one, two, other = (tmp_path / f"{name}.png" for name in ("one", "two", "other"))
    assert maximise(net, one, *target) == 0
    assert maximise(net, two, *target) == 0
    assert np.array_equal(pixels(one), pixels(two))
    for more in (["--seed", "1"], ["--without", "fourier"], ["--input", str(resources() / "samples" / "cat.png")]):
        assert maximise(net, other, *target, *more) == 0
        assert not np.array_equal(pixels(one), pixels(other))
    assert maximise(net, other, *target, "--size", "32") == 0
    assert pixels(other).shape == (32, 32, 3)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ([], "No target to maximise"),
        (["--tap", "0"], "No target to maximise"),
        (["--tap", "0", "--channel", "1", "--class", "1"], "No target to maximise"),
        (["--tap", "0", "--channel", "9"], "no channel 9"),
        (["--tap", "zero", "--channel", "1"], "no tap named zero"),
        (["--class", "3"], "no class 3"),
        (["--class", "1", "--cell", "0,0"], "no cells"),
        (["--tap", "0", "--channel", "1", "--cell", "a,b"], "is not a cell"),
        (["--tap", "0", "--channel", "1", "--cell", "50,0"], "no cell 50, 0"),
        (["--class", "1", "--steps", "0"], "“steps” cannot be 0"),
        (["--class", "1", "--seed", "-4"], "“seed” cannot be -4"),
        (["--class", "1", "--size", "2"], "2"),
    ],
)
def test_what_is_wrong_is_one_line(
    net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], says: str
) -> None:
    assert maximise(net, tmp_path / "out.png", *more) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out.png").exists()


def test_other_files_and_other_inputs_than_pictures(
    net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert maximise(net, tmp_path / "out.jpg", "--class", "1") == 1
    assert "does not end in .png" in capsys.readouterr().err
    four = net.replace("make_model", "four")
    Path(net[5:].rpartition(":")[0]).write_text(
        NET.replace('"fit"', '"channels": 4, "mean": [0.5] * 4, "std": [0.2] * 4, "fit"')
    )
    assert maximise(four, tmp_path / "out.png", "--tap", "0", "--channel", "1") == 1
    assert "has 4 channels" in capsys.readouterr().err
