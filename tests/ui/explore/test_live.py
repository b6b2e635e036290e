"""Playing, pausing and seeking with a fake worker: no torch, no window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_host import capture, card
from PySide6.QtCore import QObject, Signal

from explorer.core.inputs import InputRef
from explorer.core.session.session import Session
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.ui.explore.clip import Clip
from explorer.ui.live import LiveControl


class FakeDesk:
    def __init__(self) -> None:
        self.streams: list[tuple[str, Any]] = []
        self.stopped = 0

    def go_live(self, of: Any, source: Any) -> int:
        self.streams.append((of.digest, source))
        return len(self.streams)

    def go_live_together(self, source: Any) -> int:
        self.streams.append(("columns", source))
        return len(self.streams)

    def stop_live(self) -> None:
        self.stopped += 1


class FakeTransport(QObject):
    play, stepped, sought = Signal(), Signal(int), Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Any] = []

    def hide(self) -> None:
        self.shown.append("hidden")

    def show_clip(self, frames: int | None) -> None:
        self.shown.append(("clip", frames))

    def set_frame(self, frame: int, playing: bool) -> None:
        self.shown.append((frame, playing))


class FakeStore:
    session = Session(input=InputRef("scene", frame=3))


class FakeOpener:
    card: Any = card()


class Player:
    def __init__(self) -> None:
        self.desk, self.transport = FakeDesk(), FakeTransport()
        self.live = LiveControl(self.desk)  # type: ignore[arg-type]
        self.store, self.opener, self.opened = FakeStore(), FakeOpener(), list[InputRef]()
        parts: Any = self.store, self.live, self.opener, self.transport, self.opened.append
        self.clip = Clip(*parts)
        self.changes: list[bool] = []
        self.live.changed.connect(self.changes.append)


@pytest.fixture
def player() -> Player:
    return Player()


def test_the_button_plays_from_the_frame_that_is_shown_and_pauses(player: Player) -> None:
    player.transport.play.emit()
    assert (player.live.playing, player.live.ref) == (True, InputRef("scene", frame=3))
    assert player.desk.streams[0][0] == card().digest
    player.transport.play.emit()
    assert player.changes == [True, False]
    assert player.desk.stopped == 1


def test_through_the_columns_of_compare(player: Player) -> None:
    player.live.together = True
    player.transport.play.emit()
    assert player.desk.streams[0][0] == "columns"


def test_nothing_plays_without_a_model_or_what_does_not_move(player: Player) -> None:
    player.opener.card = None
    player.transport.play.emit()
    player.clip.play(InputRef("scene"))
    player.opener.card = card()
    player.store.session = Session(input=InputRef("sample", "cat"))
    player.transport.play.emit()
    assert player.desk.streams == []
    assert not player.live.playing


def test_the_end_of_an_earlier_stream_stops_nothing(player: Player) -> None:
    player.transport.play.emit()
    player.transport.play.emit()
    player.transport.play.emit()
    player.live.ended(1)
    assert player.live.playing
    player.live.ended(2)
    assert not player.live.playing


def test_frames_are_stepped_and_sought_within_the_clip(player: Player) -> None:
    player.transport.stepped.emit(2)
    player.transport.stepped.emit(-9)
    player.live.frames = 10
    player.transport.sought.emit(99)
    assert [ref.frame for ref in player.opened] == [5, 0, 9]


def test_a_clip_that_is_over_plays_from_its_start(player: Player) -> None:
    player.live.frames = 4
    player.live.play(card(), InputRef("scene", frame=3))
    assert player.live.ref == InputRef("scene", frame=0)


def test_the_transport_is_there_for_what_moves(player: Player) -> None:
    player.clip.set(InputRef("sample", "cat"))
    player.clip.set(InputRef("scene", frame=2))
    player.clip.show_frame(7, True)
    assert player.transport.shown == ["hidden", ("clip", None), (2, False), (7, True)]


def test_the_frame_that_was_shown_is_where_it_goes_on(player: Player) -> None:
    player.transport.play.emit()
    player.live.follow(capture())
    assert player.live.ref == InputRef("clipboard")


def test_a_file_that_cannot_be_played_is_said(player: Player) -> None:
    failed: list[Any] = []
    player.live.failed.connect(failed.append)
    player.live.play(card(), InputRef("picture", "still.png"))
    assert len(failed) == 1
    assert not player.live.playing


def test_what_moves_is_refused_in_words_by_a_model_of_sounds(player: Player) -> None:
    said: list[Any] = []
    player.live.failed.connect(said.append)
    of_sounds = replace(card(), preprocess=SoundPreprocess(16000))
    player.live.play(of_sounds, InputRef("scene"))
    player.live.play_camera(of_sounds, "lens", "Lens")
    assert [error.what for error in said] == [f"{card().name} takes no pictures."] * 2
    assert "16 kHz" in said[0].why
    assert not player.live.playing
    assert not player.desk.streams
