"""The player, on an output whose progress the test decides."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from fake_sound import Device, FakeSound, Form, Kind, Sink, State
from PySide6.QtWidgets import QApplication, QWidget

from explorer.ui.sound import player as module
from explorer.ui.sound.feed import AHEAD, TAIL
from explorer.ui.sound.player import BUFFER, PATIENCE, Player

RATE = 16000
SOUND = np.random.default_rng(1).uniform(-1, 1, (1, 2 * RATE)).astype(np.float32)


class Heard:
    """A player and what it said. Its timer is not waited for: `tick` is one turn of it."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.said: list[str] = []
        self.moved: list[float] = []
        player.moved.connect(self.moved.append)
        player.ended.connect(lambda: self.said.append("ended"))
        player.failed.connect(self.said.append)
        player.playing_changed.connect(lambda playing: self.said.append("plays" if playing else "silent"))

    def tick(self, sink: Sink, frames: int = 0) -> None:
        sink.take(frames)
        self.player._tick()

    def run_out(self, sink: Sink) -> None:
        """Until the output is closed."""
        for _ in range(1000):
            if sink.now is State.StoppedState:
                return
            self.tick(sink, 1000)
        raise AssertionError("it never ends")


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeSound]:
    """Connects outputs."""

    def connect(*outputs: Device) -> FakeSound:
        fake = FakeSound(outputs)
        monkeypatch.setattr(module, "load", lambda *_errors: fake)
        return fake

    return connect


@pytest.fixture
def heard(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    player = Player()
    monkeypatch.setattr(player._timer, "start", lambda: None)
    yield Heard(player)
    player.stop()


ANY = Device("speaker")


def frames_of(sink: Sink) -> np.ndarray:
    return np.frombuffer(bytes(sink.written), np.float32).reshape(-1, sink.form.channels).T


def test_every_bit_of_the_sound_reaches_an_output_that_takes_its_format(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND, RATE)
    (sink,) = fake.sinks
    assert (sink.form.rate, sink.form.channels, sink.form.kind) == (RATE, 1, Kind.Float)
    assert heard.player.note == ""
    heard.run_out(sink)
    given = frames_of(sink)
    assert np.array_equal(given[:, : 2 * RATE].view(np.uint32), SOUND.view(np.uint32))
    assert not given[:, 2 * RATE :].any()
    assert given.shape[1] == 2 * RATE + round(TAIL * RATE)
    assert heard.said == ["plays", "silent", "ended"]


def test_a_stall_shorter_than_the_buffer_leaves_no_gap(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND, RATE)
    assert len(fake.sinks[0].written) == 4 * round(BUFFER * RATE)  # before any tick


def test_the_place_moves_with_what_was_taken_and_ends_at_the_length(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND[0], RATE, first=0.5)
    sink = fake.sinks[0]
    heard.tick(sink)
    assert heard.moved == [0.5]
    heard.tick(sink, AHEAD + 1600)
    assert heard.moved[-1] == pytest.approx(0.6)
    heard.tick(sink)  # nothing new: nothing is said
    assert len(heard.moved) == 2
    heard.run_out(sink)
    assert heard.moved[-1] == 2.0
    assert heard.moved == sorted(heard.moved)
    assert frames_of(sink)[0, 0] == SOUND[0, 8000]


def test_it_ends_when_all_is_heard_and_closes_when_the_silence_behind_it_was_taken(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND[:, :1600], RATE)
    sink = fake.sinks[0]
    heard.tick(sink, 1600 + AHEAD)
    assert heard.said == ["plays", "silent", "ended"]
    assert not heard.player.playing
    assert sink.now is not State.StoppedState
    heard.tick(sink, round(TAIL * RATE))
    assert sink.now is State.StoppedState


def test_a_loop_goes_round_until_it_is_switched_off(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND[:, :4000], RATE, loop=True)
    sink = fake.sinks[0]
    for _ in range(30):
        heard.tick(sink, 1000)
    assert heard.player.playing
    given = frames_of(sink)
    assert np.array_equal(given, np.resize(SOUND[0, :4000], (1, given.shape[1])))
    assert max(heard.moved) < 0.25
    heard.player.set_loop(False)
    heard.run_out(sink)
    assert heard.moved[-1] == 0.25
    assert heard.said == ["plays", "silent", "ended"]


def test_a_loop_that_comes_too_late_for_the_buffer_begins_again(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND[:, :1600], RATE)
    heard.player.set_loop(True)
    heard.tick(fake.sinks[0], 1600 + AHEAD)
    assert len(fake.sinks) == 2
    assert heard.said == ["plays"]


@pytest.mark.parametrize("kind", [Kind.Float, Kind.Int16])
def test_another_format_is_resampled_and_said(plug: Any, heard: Heard, kind: Kind) -> None:
    fake = plug(Device("d", Form(48000, 2), {(48000, 2, kind)}))
    heard.player.play(SOUND, RATE)
    assert heard.player.note == "resampled from 16,000 Hz to 48,000 Hz, 1 channel played on 2"
    assert fake.sinks[0].form.kind is kind
    heard.run_out(fake.sinks[0])
    assert fake.sinks[0].done == 3 * 2 * RATE + round(TAIL * 48000)
    assert heard.moved[-1] == 2.0


def test_a_new_sound_takes_the_place_of_the_last(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND, RATE)
    heard.player.play(SOUND, RATE)
    assert [sink.now for sink in fake.sinks] == [State.StoppedState, State.IdleState]
    assert heard.said == ["plays"]


def test_toggle_stops_and_plays_the_same_again(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.toggle()  # nothing was ever played
    assert fake.sinks == []
    heard.player.play(SOUND, RATE, first=1.0)
    heard.player.toggle()
    assert fake.sinks[0].now is State.StoppedState
    heard.player.toggle()
    assert frames_of(fake.sinks[1])[0, 0] == SOUND[0, RATE]
    assert heard.said == ["plays", "silent", "plays"]


def test_who_listens_may_stop_it_from_within(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.moved.connect(lambda _at: heard.player.stop())
    heard.player.play(SOUND, RATE)
    heard.tick(fake.sinks[0], 4000)
    assert heard.said == ["plays", "silent"]


@pytest.mark.parametrize("bad", [np.zeros((1, 0)), np.zeros((2, 2, 2))])
def test_what_is_no_sound_is_a_mistake_of_the_caller(plug: Any, heard: Heard, bad: np.ndarray) -> None:
    plug(ANY)
    with pytest.raises(ValueError, match="no sound"):
        heard.player.play(bad, RATE)


# ---- what goes wrong


def test_no_output_is_said(plug: Any, heard: Heard) -> None:
    plug()
    heard.player.play(SOUND, RATE)
    (said,) = heard.said
    assert said.startswith("There is no sound output.")
    assert "play again" in said


def test_an_output_that_refuses_is_said_and_what_played_is_over(plug: Any, heard: Heard) -> None:
    plug(ANY)
    heard.player.play(SOUND, RATE)
    plug(Device("speaker", refuses=True))
    heard.player.play(SOUND, RATE)
    assert heard.said[:2] == ["plays", "silent"]
    assert heard.said[2].startswith("The output “Speaker” cannot be opened.")


def test_an_output_that_the_system_ends_is_said(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND, RATE)
    fake.sinks[0].now = State.StoppedState
    heard.tick(fake.sinks[0])
    assert heard.said[:2] == ["plays", "silent"]
    assert heard.said[2].startswith("The output “Speaker” takes no more sound.")


def test_an_output_that_takes_no_more_is_said_after_a_while(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND, RATE)
    heard.tick(fake.sinks[0], 100)
    for _ in range(PATIENCE):
        heard.tick(fake.sinks[0])
    assert heard.said == ["plays"]
    heard.tick(fake.sinks[0])
    assert len(heard.said) == 3
    assert "takes no more sound" in heard.said[2]
    heard.player.toggle()  # and it can be tried again
    assert heard.player.playing


def test_an_output_that_is_lost_when_all_was_heard_disturbs_nobody(plug: Any, heard: Heard) -> None:
    fake = plug(ANY)
    heard.player.play(SOUND[:, :100], RATE)
    heard.tick(fake.sinks[0], 100 + AHEAD)
    fake.sinks[0].now = State.StoppedState
    heard.tick(fake.sinks[0])
    assert heard.said == ["plays", "silent", "ended"]


def test_without_qt_multimedia_it_says_how_to_get_it(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    heard.player.play(SOUND, RATE)
    (said,) = heard.said
    assert 'pip install "feature-map-explorer[camera]"' in said
    assert not heard.player.playing


def test_a_missing_system_library_is_named(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> None:
        raise ImportError("libpulse.so.0: cannot open shared object file")

    monkeypatch.setattr(importlib, "import_module", broken)
    heard.player.play(SOUND, RATE)
    assert "libpulse.so.0" in heard.said[0]


def test_its_window_may_go_while_it_plays(plug: Any, qapp: QApplication) -> None:
    fake = plug(ANY)
    window = QWidget()
    player = Player(window)
    player.play(SOUND, RATE)
    assert player._timer.isActive()
    window.deleteLater()
    del player
    qapp.sendPostedEvents(None, 52)  # DeferredDelete
    assert len(fake.sinks) == 1
