"""Bursts of the camera: files of the class that the engine takes for one group, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_host import FakeCamera
from PIL import Image
from pytestqt.qtbot import QtBot

from explorer.core.errors import ExplorerError, Failure
from explorer.engine.data_sets.class_folders import read_folder
from explorer.engine.data_sets.picture_groups import groups_of
from explorer.ui.camera_errors import gone
from explorer.ui.transfer import burst_recorder as module
from explorer.ui.transfer import class_files
from explorer.ui.transfer.burst_recorder import Burst, BurstRecorder
from explorer.ui.transfer.class_files import burst_file, burst_files, copy_in, next_burst, take_out, why_no_class
from explorer.ui.transfer.file_hand import FileHand


class Bench:
    """A recorder and what it said; a frame comes each 0.05 s of its clock."""

    def __init__(self, qtbot: QtBot) -> None:
        self.now, self.camera, self.hand, self.qtbot = 0.0, FakeCamera(), FileHand(), qtbot
        self.recorder = BurstRecorder(self.camera, self.hand, clock=lambda: self.now)
        self.counts: list[int] = []
        self.ended: list[Burst] = []
        self.failures: list[Failure] = []
        self.frames: list[Any] = []
        for signal, heard in (
            (self.recorder.counted, self.counts),
            (self.recorder.ended, self.ended),
            (self.recorder.failed, self.failures),
            (self.recorder.frame, self.frames),
        ):
            signal.connect(heard.append)

    def send(self, count: int) -> None:
        for _ in range(count):
            self.camera.send()
            self.now += 0.05

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.hand.waiting)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.recorder.close()
    made.hand.close()


@pytest.fixture
def mugs(tmp_path: Path) -> Path:
    folder = tmp_path / "mugs"
    folder.mkdir()
    return folder


def test_a_burst_is_about_eight_pictures_a_second(bench: Bench, mugs: Path) -> None:
    bench.recorder.begin(mugs)
    assert bench.camera.running
    bench.send(20)  # one second
    bench.recorder.end()
    assert not bench.camera.running
    bench.settle()
    files = burst_files(mugs, 1)
    assert len(files) == 7
    assert sorted(mugs.iterdir()) == files  # nothing half written stays
    assert [file.name for file in files[:2]] == ["burst-1-001.jpg", "burst-1-002.jpg"]
    with Image.open(files[0]) as picture:
        assert picture.size == (64, 48)
        assert np.allclose(np.asarray(picture), 100, atol=3)
    assert bench.ended == [Burst(mugs, 1, 7)]
    assert not bench.failures


def test_the_count_grows_while_it_is_held(bench: Bench, mugs: Path) -> None:
    bench.recorder.begin(mugs)
    bench.send(1)
    bench.settle()
    bench.now += 1
    bench.send(1)
    bench.settle()
    assert bench.counts == [1, 2]
    assert bench.recorder.recording


def test_each_burst_has_a_number_of_its_own_and_is_a_group_for_the_engine(bench: Bench, mugs: Path) -> None:
    for _ in range(2):
        bench.recorder.begin(mugs)  # the second begins before the first is written
        bench.send(6)
        bench.recorder.end()
    bench.settle()
    assert {burst.number for burst in bench.ended} == {1, 2}
    assert next_burst(mugs) == 3
    data = read_folder(mugs.parent, "burst")
    assert {p.group for p in data.classes[0].pictures} == {"mugs/burst-1", "mugs/burst-2"}
    assert data.classes[0].reason == ""


@pytest.mark.parametrize("burst", [1, 9, 10, 123])
def test_the_engine_groups_exactly_these_names(burst: int) -> None:
    folder = Path("cups")
    names = [burst_file(folder, burst, frame) for frame in (1, 12, 345, 1000)]
    others = [burst_file(folder, burst + 1, 1)]
    found = groups_of("burst", folder, [(path, 0.0) for path in names + others])
    assert found == [f"cups/burst-{burst}"] * 4 + [f"cups/burst-{burst + 1}"]
    assert all(class_files.is_of_burst(path.as_posix()) for path in names)


def test_the_camera_is_open_only_while_it_is_wanted(bench: Bench, mugs: Path) -> None:
    bench.recorder.set_preview(True)
    bench.send(3)
    bench.recorder.begin(mugs)
    bench.recorder.end()
    assert bench.camera.running
    assert bench.camera.starts == 1
    bench.recorder.set_preview(False)
    assert not bench.camera.running
    assert len(bench.frames) == 3
    assert bench.ended == [Burst(mugs, 1, 0)]
    assert list(mugs.iterdir()) == []


def test_an_unplugged_camera_ends_the_burst_and_keeps_what_there_is(bench: Bench, mugs: Path) -> None:
    bench.recorder.begin(mugs)
    bench.send(4)
    bench.camera.stop()
    bench.camera.failed.emit(gone("Webcam"))
    bench.settle()
    assert "disconnected" in bench.failures[0].what
    assert bench.ended == [Burst(mugs, 1, 2)]
    assert not bench.recorder.recording


def test_no_camera_is_said(bench: Bench, mugs: Path) -> None:
    def refuse(_device: str = "") -> None:
        bench.camera.failed.emit(ExplorerError("There is no camera."))

    bench.camera.start = refuse  # type: ignore[method-assign]
    bench.recorder.begin(mugs)
    assert bench.failures[0].what == "There is no camera."
    assert not bench.recorder.recording
    assert bench.ended == [Burst(mugs, 1, 0)]


def test_a_full_disk_ends_the_burst_and_is_said_once(bench: Bench, mugs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _pixels: Any) -> None:
        raise ExplorerError("burst-1-001.jpg could not be saved.", "The disk is full.")

    monkeypatch.setattr(module, "save_frame", full)
    bench.recorder.begin(mugs)
    bench.send(6)
    bench.settle()
    assert [failure.why for failure in bench.failures] == ["The disk is full."]
    assert not bench.recorder.recording
    assert bench.ended == [Burst(mugs, 1, 0)]


def test_a_folder_that_is_gone_is_said_before_anything_begins(bench: Bench, tmp_path: Path) -> None:
    bench.recorder.begin(tmp_path / "nowhere")
    assert "nowhere" in bench.failures[0].what
    assert not bench.camera.running
    assert bench.ended == []


def test_a_slow_disk_is_not_drowned(bench: Bench, mugs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEHIND", 2)
    bench.recorder.begin(mugs)
    bench.send(30)  # no answer is taken meanwhile
    bench.recorder.end()
    bench.settle()
    assert bench.ended == [Burst(mugs, 1, 2)]


def test_a_burst_has_an_end(bench: Bench, mugs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    bench.recorder.begin(mugs)
    bench.send(30)
    bench.settle()
    assert bench.ended == [Burst(mugs, 1, 3)]


# --- files


def test_a_burst_that_is_taken_out_is_kept_aside_where_there_is_no_trash(
    mugs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_files, "_to_trash", lambda _file: False)
    for frame in (1, 2):
        burst_file(mugs, 1, frame).write_bytes(b"x")
    (mugs / "own.jpg").write_bytes(b"x")
    assert "folder .removed" in take_out(burst_files(mugs, 1))
    assert sorted(p.name for p in mugs.iterdir()) == [".removed", "own.jpg"]
    assert len(list((mugs / ".removed").iterdir())) == 2
    assert next_burst(mugs) == 2  # its number is not used again


def test_pictures_are_copied_in_and_none_is_overwritten(mugs: Path, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "notes.txt").write_text("x")
    given = [str(tmp_path / name) for name in ("a.png", "a.png", "notes.txt")]
    done = copy_in(given, mugs)
    assert (done.count, done.left_out) == (2, ("notes.txt",))
    assert sorted(p.name for p in mugs.iterdir()) == ["a (2).png", "a.png"]
    assert (tmp_path / "a.png").is_file()


@pytest.mark.parametrize("name", ["", "a/b", "a:b", ".hidden", "end.", "CON", "test", "Test", "MUG", "x" * 200, "a\nb"])
def test_names_that_no_folder_can_have_everywhere_are_refused(name: str) -> None:
    assert why_no_class(name, ["mug"])


def test_other_names_are_taken() -> None:
    assert [why_no_class(name, ["mug"]) for name in ("cup", "grüne Tasse", "Mug 2", "杯")] == [""] * 4
