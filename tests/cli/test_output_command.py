"""predict of models whose output is no class vector, against plain numpy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run
from tests.support.output_nets import BRIGHT_BOXES, CLASSES_BY_COLOUR


@pytest.fixture
def picture(tmp_path: Path) -> tuple[str, np.ndarray]:
    """96 × 48 pixels: bright red above dark blue, and a red spot of 8 × 8."""
    pixels = np.zeros((48, 96, 3), np.uint8)
    pixels[:24], pixels[24:] = (250, 0, 0), (0, 0, 40)
    pixels[34:42, 40:48] = (250, 0, 0)
    path = tmp_path / "red.png"
    Image.fromarray(pixels).save(path)
    return str(path), pixels


def command(source: str, folder: Path, *more: str) -> list[str]:
    path = folder / "net.py"
    path.write_text(source)
    return ["predict", f"file:{path}:make_model", "--trust-code", *more]


def test_a_class_map_is_printed_and_written(
    picture: tuple[str, np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _pixels = picture
    out = tmp_path / "map.png"
    line = command(CLASSES_BY_COLOUR, tmp_path, "--input", path)
    assert run([*line, "--json", "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)["output"]
    cells = np.asarray(Image.open(out))
    assert cells.shape == (48, 96)  # without the padding above and below
    assert (told["kind"], told["output"], told["size"]) == ("class map", "out", [96, 96])
    shares = {each["label"]: each["share"] for each in told["classes"]}
    assert shares == {
        name: (cells == n).mean() for n, name in enumerate(("background", "red", "green", "blue")) if (cells == n).any()
    }
    assert cells[10, 50] == 1
    assert cells[38, 44] == 1
    assert cells[30, 80] == 3
    assert run(line) == 0
    assert [row.split()[1] for row in capsys.readouterr().out.splitlines()] == list(shares)


def test_boxes_are_printed_with_their_places(
    picture: tuple[str, np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _pixels = picture
    line = command(BRIGHT_BOXES, tmp_path, "--input", path)
    assert run([*line, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["output"]["boxes"]
    assert len(found) == 9
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)
    assert {tuple(each["box"]) for each in found} >= {
        (2.0, -22.0, 30.0, 6.0),
        (34.0, 10.0, 62.0, 38.0),
    }  # 24 px of padding
    assert run([*line, "--top", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run([*line, "--out", str(tmp_path / "map.png")]) == 1
    assert "no class map" in capsys.readouterr().err
