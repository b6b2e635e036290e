"""A long sound is looked at through a window that moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from sound_nets import wave_file

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.wav_bytes import wav_bytes
from explorer.ui.sound.window_bar import clock

RATE, SECONDS = 8000, 40


@pytest.fixture
def long_sound(tmp_path: Path) -> Path:
    """Forty seconds whose samples say where they stand."""
    path = tmp_path / "long.wav"
    ramp = np.arange(RATE * SECONDS, dtype=np.float32)[None] / (RATE * SECONDS)
    path.write_bytes(wav_bytes(ramp, RATE)[0])
    return path


@pytest.fixture
def app(window: Callable[..., Any], tmp_path: Path, long_sound: Path) -> Any:
    made = window()
    made.start(ModelSpec(wave_file(tmp_path)), InputRef("sound", str(long_sound)))
    made.wait_capture()
    made.rest()
    return made


def first(app: Any) -> float:
    """Seconds at which what the model was given begins, read from the samples themselves."""
    return float(app.capture.picture.samples[0, 0]) * SECONDS


def test_a_long_sound_opens_with_the_window_of_the_model(app: Any, long_sound: Path) -> None:
    assert not app.failures
    given = app.capture.picture
    assert given.ref == InputRef("sound", str(long_sound), length=0.5)
    assert (given.seconds, given.total) == (0.5, SECONDS)
    bar = app.explore.input.window_bar
    assert bar.isVisible()
    assert bar.said.text() == "0:00.0 – 0:00.5 of 0:40.0"
    assert not bar.back.isEnabled()


def test_keys_the_slider_and_going_back_move_it(app: Any) -> None:
    app.press(Qt.Key.Key_Period)
    app.rest()
    assert first(app) == pytest.approx(0.5, abs=1e-3)
    bar = app.explore.input.window_bar
    bar.slider.setValue(bar.slider.maximum())
    app.rest()
    assert first(app) == pytest.approx(39.5, abs=1e-3)
    assert bar.said.text() == "0:39.5 – 0:40.0 of 0:40.0"
    assert not bar.ahead.isEnabled()
    app.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    app.rest()
    assert first(app) == pytest.approx(0.5, abs=1e-3)
    assert bar.slider.value() == 4  # a quarter of a window a step
    assert app.session.input.start == 0.5


def test_the_overview_shows_the_whole_file_and_its_band_moves_the_window(app: Any) -> None:
    slider = app.explore.input.window_bar.slider
    overview = slider.overview
    assert overview.done
    assert np.allclose(overview.high, np.linspace(0, 1, 1200), atol=2e-3)
    wide = slider.width()
    assert slider.band.width() == pytest.approx(max(wide * 0.5 / SECONDS, 4), abs=0.5)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(wide // 2, 20))
    app.rest()
    assert first(app) == pytest.approx(SECONDS / 2 - 0.25, abs=SECONDS / wide)
    middle = slider.band.center().x()
    held = QPoint(round(middle), 20)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=held)
    QTest.mouseMove(slider, held + QPoint(wide // 4, 0))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=held + QPoint(wide // 4, 0))
    app.rest()
    assert first(app) == pytest.approx(SECONDS * 0.75 - 0.25, abs=2 * SECONDS / wide)
    before = first(app)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    app.rest()
    assert first(app) == pytest.approx(before - 0.125, abs=0.01)


def test_the_overview_of_another_file_is_read_and_that_of_the_first_one_kept(app: Any, tmp_path: Path) -> None:
    slider = app.explore.input.window_bar.slider
    one = slider.overview
    path = tmp_path / "other.wav"
    path.write_bytes(wav_bytes(np.full((1, RATE * SECONDS), -0.5, np.float32), RATE)[0])
    app.open_input(InputRef("sound", str(path)))
    app.rest()
    assert np.allclose(slider.overview.low, -0.5, atol=1e-4)
    app.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    app.rest()
    assert slider.overview is one


def test_axes_count_from_the_beginning_of_the_file(app: Any) -> None:
    app.windows.go_to(20.0)
    app.rest()
    app.change(tap="3")
    app.rest()
    assert app.explore.maps.sequence.view.meaning.start == pytest.approx(20.0, abs=0.01)


def test_a_short_sound_has_no_window(app: Any, tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    path.write_bytes(wav_bytes(np.zeros((1, RATE), np.float32), RATE)[0])
    app.open_input(InputRef("sound", str(path)))
    app.rest()
    assert app.capture.picture.seconds == 1
    assert not app.explore.input.window_bar.isVisible()
    assert not app.windows.there


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00.0"), (59.95, "0:59.95"), (75.5, "1:15.5"), (3723.5, "1:02:03.5"), (86400, "24:00:00.0")],
)
def test_times_as_they_are_read(seconds: float, said: str) -> None:
    assert clock(seconds) == said
