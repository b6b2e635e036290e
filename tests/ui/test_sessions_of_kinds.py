"""A session with a text or a sound comes back whole; where its sound has been moved the rest comes, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sound_nets import wave_file
from text_nets import text_file

from explorer.core.any_input import kind_of_input
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session, from_json, to_json
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


def picture_file(folder: Path) -> Path:
    path = folder / "noise.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 24, 3), dtype=np.uint8)).save(path)
    return path


@pytest.mark.parametrize("kind", ["sound", "picture", "lines"])
def test_an_input_that_has_moved_costs_nothing_but_itself(
    window: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    """Layer, channel and edits of the session stay, in a window in which something else is open."""
    model, tap, file = {
        "sound": (wave_file(tmp_path), "3", sound_file(tmp_path)),
        "picture": ("demo:shapes-cnn", "stem.0", picture_file(tmp_path)),
        "lines": (text_file(tmp_path), "convs.1", tmp_path / "noise.txt"),
    }[kind]
    if kind == "lines":
        file.write_text("the movie was bad\n")
    gone, edits = file.with_stem("gone"), (Edit(tap, (1,)),)
    app = window()
    app.start(ModelSpec("demo:sentences-textcnn" if kind != "lines" else "demo:shapes-cnn"), None)
    app.rest()
    app.restore(Session(ModelSpec(model), InputRef(kind, str(gone)), tap=tap, channel=2, edits=edits))
    app.rest()
    assert any(gone.name in failure.what for failure in app.failures)
    assert (app.session.model, app.session.tap, app.session.channel) == (ModelSpec(model), tap, 2)
    app.open_input(InputRef(kind, str(file)))
    app.wait_capture()
    app.rest()
    now = app.session
    assert (now.input, now.tap, now.channel, now.edits) == (InputRef(kind, str(file)), tap, 2, edits)
    assert app.capture.picture.ref == now.input


def test_a_session_from_the_microphone_comes_with_its_layer(window: Callable[..., Any], tmp_path: Path) -> None:
    app = window()
    app.restore(Session(ModelSpec(wave_file(tmp_path)), InputRef("microphone", "desk"), tap="3", channel=2))
    app.rest()
    assert any("icrophone" in failure.text for failure in app.failures)
    assert (app.session.tap, app.session.channel, kind_of_input(app.capture.picture)) == ("3", 2, "sound")


def test_undo_goes_from_kind_to_kind(window: Callable[..., Any]) -> None:
    """A model of another kind and the input that comes with it are one step, back and forward."""
    app = window()
    app.start(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"))
    app.rest()
    app.change(tap="stem.0", channel=2)
    app.rest()
    seen = [app.session]
    for name, tap in (("demo:sentences-textcnn", "filters.width3.1"), ("demo:sounds-wave-cnn", "first")):
        app.open_model(ModelSpec(name))
        app.rest()
        app.change(tap=tap, channel=1)
        app.rest()
        seen.append(app.session)
    for go, way in ((app.history.back, seen[-2::-1]), (app.history.forward, seen[1:])):
        left = list(way)
        for _ in range(5):
            go()
            app.rest()
            assert app.capture.picture.ref == app.session.input
            if left and _opened(app.session) == _opened(left[0]):
                left.pop(0)
        assert not left
    assert not app.failures


def _opened(session: Session) -> tuple[Any, ...]:
    return session.model, session.input, session.tap, session.channel
