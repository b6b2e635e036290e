"""A model of sounds in the real window: waveform or spectrogram, axes in seconds, the channel as a curve and heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from looks import message
from sound_nets import mel_file, wave_file

from explorer.core.any_input import kind_of_input
from explorer.core.dataset import Over
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session
from explorer.core.sounds import Sound
from explorer.core.wav_bytes import wav_bytes
from explorer.ui.keeper import lasting


def mute_video(folder: Path) -> Path:
    """Two frames without a sound track."""
    path = folder / "mute.avi"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(2):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


@pytest.fixture
def app(window: Callable[..., Any], tmp_path: Path) -> Any:
    made = window()
    made.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    made.wait_capture()
    made.rest()
    made.open_model(ModelSpec(wave_file(tmp_path)))
    made.rest()
    return made


def test_a_model_of_sounds_comes_with_a_sound(app: Any) -> None:
    assert not app.failures
    assert isinstance(app.capture.picture, Sound)
    assert app.explore.input.picture.isVisible()
    assert not app.explore.input.text.isVisible()


def test_of_a_live_frame_of_a_line_only_the_line_is_drawn(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app.change(tap="3", channel=2)
    app.rest()
    monkeypatch.setattr("explorer.ui.explore.view.SLOW", 10**9)
    view, told = app.explore.view, []
    monkeypatch.setattr(view, "show", told.append)
    frame = replace(app.capture, values={"3": 2 * np.asarray(app.capture.values["3"])})
    expected = frame.values["3"].reshape(6, -1)
    view.set_capture(frame, app.session, live=True)
    assert np.array_equal(app.explore.maps.sequence.view.values, expected)
    assert not view.whole
    assert not told


@pytest.mark.parametrize("shows", ["components", "similarity"])
def test_what_is_drawn_on_a_picture_says_so(app: Any, shows: str) -> None:
    app.change(tap="3", shows=shows)
    app.rest()
    assert "drawn on a picture, which the input is not" in message(app.explore.features.places)


def test_weights_are_drawn_again_only_for_another_channel(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app.change(tap="0", channel=1)
    app.rest()
    drawn: list[int] = []
    monkeypatch.setattr(app.explore.channel.area, "show_kernel", lambda _tap, _kernel, channel: drawn.append(channel))
    app.explore.view.details()
    assert drawn == []
    app.change(channel=2)
    app.rest()
    assert drawn == [2]


def test_steps_are_times_and_the_channel_is_a_curve(app: Any) -> None:
    app.change(tap="3", channel=2)
    app.rest()
    view = app.explore.maps.sequence.view
    assert view.meaning.each == pytest.approx(8 / 8000)  # a stride of 4 and a pooling of 2 samples at 8 kHz
    assert view.steps.unit == " s"
    channel = app.explore.channel
    assert channel.curve.isVisible()
    assert not channel.map.isVisible()
    drawn = channel.curve.view._curves[0]
    assert np.array_equal(drawn.y, app.shown.sequence[2])
    assert drawn.x[1] - drawn.x[0] == pytest.approx(0.001)


def test_a_step_is_framed_on_the_sound_and_read_with_its_time(app: Any) -> None:
    app.change(tap="3", channel=2)
    app.rest()
    app.change(cell=(0, 100))
    app.rest()
    said = app.explore.channel.reading.text()
    assert "step 100" in said
    assert " s " in said
    app.explore.maps.sequence.hovered.emit(2, 100)
    field = app.explore.input.picture.field_box
    tap = next(tap for tap in app.capture.taps if tap.name == "3")
    box = tap.receptive.box(0, 100)
    assert (field.x0, field.x1) == (pytest.approx(box.x0 / 8), pytest.approx(box.x1 / 8))  # 8 samples a millisecond


def test_a_spectrogram_stands_on_top_and_a_cell_has_a_band(app: Any, tmp_path: Path) -> None:
    app.open_model(ModelSpec(mel_file(tmp_path)))
    app.rest()
    assert app.capture.picture.seen is not None
    app.change(tap="3", channel=1, cell=(4, 10))
    app.rest()
    assert " Hz)" in app.explore.channel.reading.text()
    assert not app.explore.channel.curve.isVisible()


def test_the_channel_is_computed_as_a_sound(app: Any) -> None:
    app.change(tap="0", channel=1)
    app.rest()
    app.open_page("hear")
    page = app.page("hear")
    page.start.click()
    app.until(lambda: page.found is not None)
    found = page.found
    assert np.abs(found.channel + found.rest - found.sound).max() < 1e-6
    assert "energy" in page._tab.result.said.text()
    assert not app.failures


def test_a_picture_brings_its_model_back(app: Any) -> None:
    app.open_input(InputRef("sample", "cat"))
    app.rest()
    assert app.session.model == ModelSpec("demo:seeded")
    assert app.session.input == InputRef("sample", "cat")
    assert not app.failures


def test_a_page_comes_back_with_its_kind_of_input(app: Any) -> None:
    app.open_page("hear")
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    assert app.explore.channel.page == "values"
    app.open_input(InputRef("sample", "sound-kick"))
    app.rest()
    assert app.explore.channel.page == "hear"
    app.open_page("ablation")
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    assert app.explore.channel.page == "ablation"


def test_a_microphone_runs_live(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of known samples in the place of a device."""
    from explorer.ui.sound.microphone import Microphone

    monkeypatch.setattr(Microphone, "start", lambda _self, _rate=0, _device="": None)
    monkeypatch.setattr(Microphone, "microphones", lambda _self: [("one", "Microphone one")])
    app.change(tap="3", channel=2)
    app.rest()
    live = app._controller.live
    app._controller.play_microphone("one", "Microphone one")
    assert live.playing
    chance = np.random.default_rng(0)
    live._microphone.rate = 8000
    every = chance.uniform(-0.5, 0.5, (1, 4000)).astype(np.float32)
    for at in range(0, 4000, 400):
        live._microphone.block.emit(every[:, at : at + 400])
    app.until(lambda: isinstance(app.capture.picture, Sound) and app.capture.picture.ref.kind == "microphone")
    app.until(lambda: np.array_equal(app.capture.picture.samples, every))
    live.stop()
    app.rest()
    assert not live.playing
    assert app.picture.ref.kind == "microphone"
    assert app._controller.listening.has_sound
    assert not app.failures


def test_a_microphone_is_not_for_pictures(app: Any) -> None:
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    app._controller.play_microphone("one", "Microphone one")
    assert not app._controller.live.playing
    assert "takes no sounds" in app.failures[-1].what
    app.failures.clear()


def test_a_video_without_sound_is_asked_once_for_it(app: Any, tmp_path: Path) -> None:
    app.open_input(InputRef("sample", "cat"))
    app.rest()
    app.open_files([str(mute_video(tmp_path))])
    app.rest()
    app.open_model(ModelSpec("demo:sounds-mel-cnn"))
    app.rest()
    assert [failure.what for failure in app.failures] == ["“mute.avi” has no sound."]
    assert isinstance(app.capture.picture, Sound)
    assert app.session.input == app.picture.ref == app.capture.picture.ref


def test_a_sound_that_is_gone_is_asked_for_once(app: Any, tmp_path: Path) -> None:
    path = tmp_path / "there.wav"
    path.write_bytes(wav_bytes(np.zeros((1, 800), np.float32), 8000)[0])
    app.open_input(InputRef("sound", str(path)))
    app.rest()
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    path.unlink()
    app.open_model(ModelSpec(wave_file(tmp_path)))
    app.rest()
    assert len(app.failures) == 1
    assert isinstance(app.capture.picture, Sound)


def test_a_model_that_is_gone_leaves_a_sound_to_another(app: Any, tmp_path: Path) -> None:
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    (tmp_path / "wave.py").unlink()
    app.open_input(InputRef("sample", "sound-kick"))
    app.rest()
    assert len(app.failures) == 1
    assert app.session.model == ModelSpec("demo:sounds-mel-cnn")
    assert app.capture.picture.ref == app.session.input == InputRef("sample", "sound-kick")


def test_a_model_and_the_input_that_follows_it_are_one_step(app: Any) -> None:
    app.open_model(ModelSpec("demo:sentences-textcnn"))
    app.rest()
    text, seen = app.session, []
    for way in (app.history.back, app.history.back, app.history.forward, app.history.forward):
        way()
        app.rest()
        seen.append((kind_of_input(app.capture.picture), app.session.input == app.capture.picture.ref))
    assert seen == [("sound", True), ("picture", True), ("sound", True), ("text", True)]
    assert app.session == text
    assert not app.failures


def test_what_was_done_to_a_sound_stands_under_it(app: Any, tmp_path: Path) -> None:
    samples = np.zeros((2, 12000), np.float32)
    samples[1, 7] = 0.7654321
    data, _ = wav_bytes(samples, 16000)
    (tmp_path / "long.wav").write_bytes(data.replace(samples[1, 7].tobytes(), np.float32(np.nan).tobytes()))
    app.open_input(InputRef("sound", str(tmp_path / "long.wav")))
    app.rest()
    said = app.explore.input._panel.note.accessibleName()
    for words in ("no number became 0", "mean of 2 channels", "resampled to 8 kHz", "only the first 0.5 s of 0.75 s"):
        assert words in said


@pytest.mark.parametrize(
    ("ref", "kept"),
    [
        (InputRef("sound", "a.wav"), True),
        (InputRef("text", "never boring"), True),
        (InputRef("lines", "a.txt", 2), True),
        (InputRef("camera"), False),
        (InputRef("clipboard"), False),
    ],
)
def test_the_last_session_keeps_what_can_be_opened_again(ref: InputRef, kept: bool) -> None:
    before = Session(model=ModelSpec("demo:seeded"), input=InputRef("sample", "cat"))
    session = Session(model=ModelSpec("demo:sounds-mel-cnn"), input=ref)
    found = lasting(session, before)
    assert found is not None
    assert found.input == (ref if kept else before.input)


def test_models_of_sounds_are_compared_over_sounds(app: Any, tmp_path: Path) -> None:
    for number in range(4):
        noise = np.random.default_rng(number).normal(0, 0.2, (1, 4000)).astype(np.float32)
        (tmp_path / f"{number}.wav").write_bytes(wav_bytes(noise, 8000)[0])
    app.show_workspace("compare")
    app.rest()
    app.commands.actions.run(app.commands.actions["compare.matrix"])
    app.rest()
    app.compare.alike.choose(Over("folder", str(tmp_path)))
    app.compare.alike.start.click()
    app.until(lambda: not app.compare.alike.waiting)
    app.rest()
    assert "Grey: 4 inputs are too few" in app.compare.alike.status.text()
    app.compare.point((0.5, 0.25))
    assert app.compare.cursor.text() == "0.250 s of the sound"
    assert not [failure for failure in app.failures if "Internal" in failure.what]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('"rate": 16000, "seconds": "1"', "“seconds” is '1'"),
        ('"rate": "16k"', "“rate” is '16k'"),
        ('"rate": 16000, "layout": 3', "“layout” is 3"),
        ('"rate": 16000, "channels": True', "“channels” is True"),
        ('"seconds": 1', "names no rate"),
    ],
)
def test_what_a_file_says_wrong_of_its_sounds_is_named(app: Any, tmp_path: Path, said: str, words: str) -> None:
    before = app.card
    path = tmp_path / "wrong.py"
    path.write_text(f'from torch import nn\nPREPROCESS = {{"input": "sound", {said}}}\nmake_model = nn.Identity\n')
    failure = app.failure(lambda: app.open_model(ModelSpec(f"file:{path}:make_model")))
    assert words in failure.text
    app.rest()
    assert app.card == before
    assert app.capture.model == before.digest
