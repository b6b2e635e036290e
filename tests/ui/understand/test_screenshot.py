"""Pictures of each page without a display, and what cannot be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run
from explorer.core.system.paths import resources

NET = """
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}

def make_model():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
"""


@pytest.fixture
def take(qapp: Any, tmp_path: Path) -> Callable[..., Any]:
    net = tmp_path / "net.py"
    net.write_text(NET)
    cat = str(resources() / "samples" / "cat.png")
    out = tmp_path / "window.png"

    def picture(*more: str) -> Any:
        argv = ["screenshot", "--model", f"file:{net}:make_model", "--trust-code", "--input", cat, "--tap", "1"]
        if run([*argv, "--out", str(out), *more]):
            return None
        return np.asarray(Image.open(out).convert("RGB"))

    return picture


def test_pages_and_overlays_are_in_the_picture(take: Callable[..., Any]) -> None:
    choices = [
        ("--panel", "ablation"),
        ("--panel", "arithmetic", "--cell", "3,4"),
        ("--method", "gradient"),
        ("--panel", "maximise"),
        ("--steps", "2"),
        ("--panel", "health"),
    ]
    taken = [take(*choice) for choice in choices]
    assert all(picture.shape == (800, 1280, 3) for picture in taken)
    right = [picture[330:620, 990:1250] for picture in taken]
    assert all(not np.array_equal(a, b) for i, a in enumerate(right) for b in right[:i])
    left = [picture[85:230, 25:245] for picture in taken]
    assert not np.array_equal(left[0], left[1])  # the window of the cell
    assert not np.array_equal(left[0], left[2])  # the map over the picture


@pytest.mark.parametrize(
    "more", [("--cell", "99,0"), ("--cell", "x"), ("--method", "magic"), ("--steps", "-1"), ("--view", "attention")]
)
def test_what_cannot_be_had_is_one_line(
    take: Callable[..., Any], capsys: pytest.CaptureFixture[str], more: tuple[str, str]
) -> None:
    assert take(*more) is None
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert "Traceback" not in said
