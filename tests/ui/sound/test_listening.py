"""What is heard in Explore: the sound, the channel and the rest, by button and key, at one loudness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from sound_nets import wave_file

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.ui.sound.listening import Listening


class Heard:
    """Takes the place of what plays: notes what was to be played."""

    def __init__(self, listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
        self.played: list[tuple[np.ndarray, int, bool]] = []
        self.now = False
        self.player = listening.player
        monkeypatch.setattr(type(self.player), "playing", property(lambda _player: self.now))
        monkeypatch.setattr(self.player, "play", self.play)
        monkeypatch.setattr(self.player, "stop", self.stop)

    def play(self, samples: np.ndarray, rate: int, loop: bool = False, first: float = 0.0) -> None:
        self.played.append((samples, rate, loop))
        self.now = True
        self.player.playing_changed.emit(True)

    def stop(self) -> None:
        self.now = False
        self.player.playing_changed.emit(False)


@pytest.fixture
def app(window: Callable[..., Any], tmp_path: Path) -> Any:
    made = window()
    made.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    made.wait_capture()
    made.rest()
    made.open_model(ModelSpec(wave_file(tmp_path)))
    made.rest()
    made.change(tap="3", channel=3)
    made.rest()
    return made


@pytest.fixture
def heard(app: Any, monkeypatch: pytest.MonkeyPatch) -> Heard:
    return Heard(app._controller.listening, monkeypatch)


def test_the_space_bar_plays_the_sound_and_stops_it(app: Any, heard: Heard) -> None:
    bar = app._controller.listening.bar
    assert bar.isVisible()
    app.press(Qt.Key.Key_Space)
    samples, rate, loop = heard.played[-1]
    assert np.array_equal(samples, app.picture.samples)
    assert (rate, loop) == (app.picture.rate, False)
    heard.player.moved.emit(0.25)
    assert bar.time.text().startswith("0.25 /")
    lines = app.explore.input.picture._cursor
    assert lines.isVisible()
    app.press(Qt.Key.Key_Space)
    assert not heard.now
    assert not lines.isVisible()


def test_h_hears_the_channel_and_shift_h_the_rest(app: Any, heard: Heard) -> None:
    app.press(Qt.Key.Key_H)
    app.until(lambda: len(heard.played) == 1)
    channel, rate, _ = heard.played[0]
    app.press(Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert len(heard.played) == 2  # the same computation: no other forward
    rest = heard.played[1][0]
    app._controller.listening.hear("original")
    sound = heard.played[2][0]
    assert rate == 8000  # as the model hears it
    gain = np.abs(sound).max() / np.abs(app.picture.samples).max()
    from explorer.engine.sound.resampling import at_rate

    whole = at_rate(app.picture, 8000, 1).samples[:, :4000] * gain
    assert np.abs(channel + rest - whole).max() < 1e-5
    app.press(Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    app.press(Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert not heard.now


def test_h_hears_the_evidence_while_the_page_shows_it(app: Any, heard: Heard) -> None:
    bar = app._controller.listening.bar
    kept = bar._buttons["channel"]
    page = app.page("hear")
    page.open()
    page.set_params(replace(page.params, part="evidence"))
    app.press(Qt.Key.Key_H)
    app.until(lambda: len(heard.played) == 1)
    assert kept.text() == "Evidence"
    page.toggle()
    app.until(lambda: page.found is not None and not page.waiting)
    result = page.found
    assert result.params.part == "evidence"
    assert np.array_equal(heard.played[0][0], result.channel * np.float32(result.gain))
    app.press(Qt.Key.Key_H)
    app.explore.channel.area.set_page("values")
    app.press(Qt.Key.Key_H)
    app.until(lambda: len(heard.played) == 2)
    assert kept.text() == "Channel"
    assert not np.array_equal(heard.played[1][0], heard.played[0][0])


def test_a_loop_follows_the_selected_channel(app: Any, heard: Heard) -> None:
    listening = app._controller.listening
    listening.set_loop(True)
    listening.hear_channel()
    app.until(lambda: len(heard.played) == 1)
    app.change(channel=4)
    app.until(lambda: len(heard.played) == 2)
    assert not np.array_equal(heard.played[0][0], heard.played[1][0])


def test_a_layer_without_time_offers_the_sound_alone(app: Any, heard: Heard) -> None:
    listening = app._controller.listening
    assert listening.bar.choices.isVisible()
    app.change(tap="7", channel=0)
    app.rest()
    assert not listening.bar.choices.isVisible()
    listening.hear_channel()
    assert not heard.played


def test_another_input_ends_it(app: Any, heard: Heard) -> None:
    listening = app._controller.listening
    listening.toggle()
    app.open_model(ModelSpec("demo:seeded"))
    app.rest()
    assert not heard.now
    assert not listening.bar.isVisible()


def test_what_comes_after_a_stop_is_not_played(app: Any, heard: Heard) -> None:
    listening = app._controller.listening
    listening.hear_channel()  # is being computed
    listening.close()
    app.rest()
    assert not heard.played
