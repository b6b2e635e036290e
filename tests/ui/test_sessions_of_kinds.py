"""A session with a text or a sound comes back whole; where its sound has been moved the rest comes, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sound_nets import wave_file
from text_nets import text_file

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import from_json, to_json
from explorer.core.wav_bytes import wav_bytes


def closed(app: Any) -> Any:
    """The session as it is read back from a file."""
    return from_json(to_json(app.whole_session()))


def sound_file(folder: Path) -> Path:
    path = folder / "noise.wav"
    path.write_bytes(wav_bytes(np.random.default_rng(0).normal(0, 0.1, (1, 4000)).astype(np.float32), 8000)[0])
    return path


def test_a_text_comes_back_with_its_layer_and_channel(window: Callable[..., Any], tmp_path: Path) -> None:
    app = window()
    app.start(ModelSpec(text_file(tmp_path)), InputRef("text", "the movie was bad 😀 לא"))
    app.wait_capture()
    app.change(tap="convs.1", channel=3)
    app.rest()
    saved, values = closed(app), app.capture.values["convs.1"].copy()
    again = window()
    again.restore(saved)
    again.wait_capture()
    again.rest()
    assert again.session.input == InputRef("text", "the movie was bad 😀 לא")
    assert (again.session.tap, again.session.channel) == ("convs.1", 3)
    assert np.array_equal(again.capture.values["convs.1"], values)
    assert again.explore.input.text.field.toPlainText() == "the movie was bad 😀 לא"
    assert not again.failures


def test_a_moved_sound_is_said_and_another_input_can_be_opened(window: Callable[..., Any], tmp_path: Path) -> None:
    file = sound_file(tmp_path)
    app = window()
    app.start(ModelSpec(wave_file(tmp_path)), InputRef("sound", str(file)))
    app.wait_capture()
    app.change(tap="3", channel=2)
    app.rest()
    saved = closed(app)
    file.rename(tmp_path / "moved.wav")
    again = window()
    again.restore(saved)
    again.rest()
    assert any("noise.wav" in failure.what for failure in again.failures)
    again.open_input(InputRef("sound", str(tmp_path / "moved.wav")))
    again.wait_capture()
    again.rest()
    assert np.array_equal(again.capture.values["3"], app.capture.values["3"])
