"""transfer, the command: learns, saves, and what it saved opens by its card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_classes import tiny_classes

from explorer.cli import run, transfer_command

NET = """
from torch import nn
PREPROCESS = {"height": 16, "width": 16, "resize": 16}
TRAINED = True
def make_model():
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
"""


@pytest.fixture
def net(tmp_path: Path) -> str:
    tiny_classes(tmp_path / "classes", 6)
    (tmp_path / "net.py").write_text(NET)
    return f"file:{tmp_path / 'net.py'}"


def test_it_learns_saves_and_opens_again(net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [net, "--trust-code", "--data", str(tmp_path / "classes"), "--epochs", "2", "--out", str(tmp_path / "mine")]
    assert run(["transfer", *given, "--freeze", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["card"] == str(tmp_path / "mine.json")
    assert {Path(file).name for file in told["files"]} == {"mine.json", "mine.safetensors", "mine.labels.txt"}
    assert (told["frozen_taps"], told["frozen_same"]) == (2, True)
    assert sum(told["pictures"].values()) == 18
    assert [row["epoch"] for row in told["series"]] == [0, 1, 2]
    assert sum(map(sum, told["confusion"]["counts"])) == told["pictures"]["test"]

    picture = str(tmp_path / "classes" / "red" / "0.png")
    assert run(["predict", f"card:{tmp_path / 'mine.json'}", "--trust-code", "--input", picture, "--json"]) == 0
    guesses = json.loads(capsys.readouterr().out)["prediction"]
    assert {guess["label"] for guess in guesses} == {"blue", "green", "red"}

    assert run(["transfer", *given, "--freeze", "none", "--from", "random"]) == 0
    out = capsys.readouterr().out
    assert "accuracy" in out
    assert "frozen" not in out


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--freeze", "nowhere"], "no tap named nowhere"),
        (["--freeze", "4"], "Nothing would be left to learn"),
        (["--freeze", "1", "--epochs", "0"], "Epochs cannot be 0"),
        (["--freeze", "1", "--rate", "inf"], "finite number"),
    ],
)
def test_what_is_wrong_is_one_line(
    more: list[str], why: str, net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--trust-code", "--data", str(tmp_path / "classes"), "--out", str(tmp_path / "mine")]
    assert run(["transfer", net, *given, *more]) == 1
    assert why in capsys.readouterr().err
    assert not (tmp_path / "mine.json").exists()


def test_where_nothing_can_be_saved_nothing_is_learnt(
    net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_command, "run", pytest.fail)
    given = ["--trust-code", "--data", str(tmp_path / "classes"), "--freeze", "1"]
    assert run(["transfer", net, *given, "--out", str(tmp_path / "no" / "mine")]) == 1
    assert "mine could not be saved. The folder" in capsys.readouterr().err


def test_a_folder_that_is_not_there(net: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nothing")
    assert run(["transfer", net, "--trust-code", "--data", missing, "--freeze", "1", "--out", missing]) == 1
    assert "nothing" in capsys.readouterr().err
