"""The command `probe`: its options, what it prints and writes, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run as command
from explorer.core.figure.figure_parts import FigureStyle

SHORT = ["--taps", "stage1,head", "--baseline", "pixels", "--per-class", "2,4", "--draws", "3"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label, name in enumerate(("dark", "light")):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(10):
            values = np.random.default_rng([label, number]).integers(0, 120, (24, 24, 3)) + 120 * label
            Image.fromarray(values.astype(np.uint8)).save(tmp_path / "set" / name / f"{number}.png")
    (tmp_path / "set" / "dark" / "broken.png").write_bytes(b"no picture")
    return tmp_path / "set"


def asked(folder: Path, *more: str) -> int:
    return command(["probe", "demo:shapes-cnn", "--data", str(folder), *more])


def test_it_prints_a_curve_and_baselines_of_the_same_form(folder: Path, capsys: Any) -> None:
    assert asked(folder, *SHORT, "--json", "--seed", "2", "--hold-out", "0.4") == 0
    found = json.loads(capsys.readouterr().out)
    keys = {"tap", "per_class", "method", "accuracy", "low", "high", "draws"}
    assert all(keys <= point.keys() for point in (*found["curve"], *found["baselines"]))
    assert [point["per_class"] for point in found["curve"]] == [2, 2, 2, 4, 4, 4]
    assert found["curve"][-1]["tap"] == "all layers"
    assert all(0 <= point["low"] <= point["accuracy"] <= point["high"] <= 1 for point in found["curve"])
    assert {point["baseline"] for point in found["baselines"]} == {"pixels"}
    assert found["seed"] == 2
    assert found["tested"] == 8
    assert found["split"]["seed"] == 2
    assert [bad["path"] for bad in found["unreadable"]] == ["dark/broken.png"]
    assert asked(folder, *SHORT, "--json", "--method", "knn", "--pool", "mean") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["forwards"] == 0
    assert "k-NN" in again["classifier"]


def test_it_writes_a_table_csv_and_a_picture(folder: Path, tmp_path: Path, capsys: Any) -> None:
    assert asked(folder, *SHORT) == 0
    printed = capsys.readouterr().out
    assert "2 classes, 20 pictures" in printed
    assert "unreadable: dark/broken.png" in printed
    assert asked(folder, *SHORT, "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 8
    assert asked(folder, *SHORT, "--out", str(tmp_path / "curve.png")) == 0
    with Image.open(tmp_path / "curve.png") as picture:
        assert picture.width == FigureStyle().width_px
        assert len(picture.getcolors(1 << 20) or []) > 20


def test_what_is_missing_is_said_in_a_line(folder: Path, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "empty").mkdir()
    cases = (
        ([str(tmp_path / "empty")], "no class"),
        ([str(tmp_path / "nowhere")], "no folder"),
        ([str(folder), "--per-class", "many"], "number of pictures"),
        ([str(folder), "--baseline", "luck"], "no baseline"),
        ([str(folder), "--taps", "moon"], "named 'moon'"),
        (["demo:moon"], "demo:moon"),
    )
    for (data, *more), expected in cases:
        assert command(["probe", "demo:shapes-cnn", "--data", data, *more]) == 1
        error = capsys.readouterr().err.strip()
        assert expected in error
        assert "\n" not in error
