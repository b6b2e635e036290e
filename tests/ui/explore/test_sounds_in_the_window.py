"""A model of sounds in the real window: waveform or spectrogram, axes in seconds, the channel as a curve and heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sound_nets import mel_file, wave_file

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.sounds import Sound


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
