"""A forward that fails: what is still shown says of which input it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.wav_bytes import wav_bytes

_PICKY = """
from torch import nn
PREPROCESS = {"input": "sound", "rate": 8000, "seconds": 0.5}
class Picky(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 9)
    def forward(self, x):
        if x.abs().max() > 0.5:
            raise ValueError("too loud")
        return self.conv(x).mean(-1)
def make_model():
    return Picky()
"""


@pytest.fixture
def sounds(tmp_path: Path) -> Callable[[str, float], InputRef]:
    def made(name: str, loud: float) -> InputRef:
        path = tmp_path / name
        path.write_bytes(wav_bytes(np.full((1, 4000), loud, np.float32), 8000)[0])
        return InputRef("sound", str(path))

    return made


def test_maps_of_the_sound_before_say_so(window: Callable[..., Any], sounds: Any, tmp_path: Path) -> None:
    model = tmp_path / "picky.py"
    model.write_text(_PICKY)
    app = window()
    app.start(ModelSpec(f"file:{model}:make_model"), sounds("low.wav", 0.1))
    app.wait_capture()
    app.rest()
    assert "still of" not in app.explore.maps.subtitle.text()
    failed = app.failure(lambda: app.open_input(sounds("loud.wav", 0.9)))
    app.rest()
    assert "too loud" in failed.text
    assert app.capture.picture.name == "low.wav"
    assert "still of low.wav" in app.explore.maps.subtitle.text()
    assert "still of low.wav" in app.explore.input.note.accessibleName()
    app.open_input(sounds("lower.wav", 0.2))
    app.rest()
    assert app.capture.picture.name == "lower.wav"
    assert "still of" not in app.explore.maps.subtitle.text()
    assert "still of" not in app.explore.input.note.accessibleName()
