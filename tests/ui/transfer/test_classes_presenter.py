"""The presenter of the classes, with a fake view and a fake engine: no torch, no window."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_host import DataHost, FakeCamera, data_set, unwritable, write_classes
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from explorer.core.data_sets import DataSet, ReadDataSet, ReadThumbnails, Thumbnails
from explorer.core.errors import ExplorerError
from explorer.engine.data_sets.class_folders import read_folder
from explorer.ui.transfer import burst_recorder, class_files
from explorer.ui.transfer.classes_presenter import ClassesPresenter
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.transfer_actions import classes_actions


class View(QObject):
    open_asked, new_set_asked, reread_asked, close_asked = Signal(), Signal(), Signal(), Signal()
    cancelled, again_asked, test_asked, test_cleared = Signal(), Signal(), Signal(), Signal()
    ready_chosen, groups_chosen, picture_opened, class_named = Signal(str), Signal(str), Signal(str), Signal(str)
    thumbnails_wanted, held, let_go = Signal(tuple), Signal(str), Signal()
    cameras_asked, camera_chosen = Signal(), Signal(str)
    preview_turned, burst_removed, pictures_dropped = Signal(bool), Signal(), Signal(str, list)

    def __init__(self) -> None:
        super().__init__()
        self.data: DataSet | None = None
        self.own = self.again = self.asking = self.previewing = False
        self.place, self.message, self.progress, self.revealed = ("", ""), "", "", ""
        self.small: dict[str, Any] = {}
        self.capturing: tuple[str, int] = ("", 0)
        self.preview: Any = None
        self.last = ""
        self.cameras: tuple[Any, str] = ([], "")

    def show_data(self, data: DataSet | None, own: bool) -> None:
        self.data, self.own = data, own

    def set_place(self, groups: str, test: str) -> None:
        self.place = groups, test

    def set_thumbnails(self, pictures: Mapping[str, Any]) -> None:
        self.small |= pictures

    def set_progress(self, words: str, fraction: float | None) -> None:
        self.progress = words

    def set_message(self, words: str, again: bool = False) -> None:
        self.message, self.again = words, again

    def ask_class_name(self) -> None:
        self.asking = True

    def end_class_name(self) -> None:
        self.asking = False

    def reveal(self, label: str) -> None:
        self.revealed = label

    def set_capturing(self, label: str, count: int) -> None:
        self.capturing = label, count

    def set_preview(self, pixels: Any) -> None:
        self.preview = pixels

    def set_previewing(self, on: bool) -> None:
        self.previewing = on

    def set_cameras(self, cameras: Any, now: str) -> None:
        self.cameras = cameras, now

    def set_last_burst(self, words: str) -> None:
        self.last = words


class Bench:
    """The presenter with everything around it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.host, self.view, self.camera, self.qtbot = DataHost(), View(), FakeCamera(), qtbot
        self.lab = Lab(self.host)  # type: ignore[arg-type]
        self.changes: list[DataSet | None] = []
        self.lab.data_changed.connect(lambda: self.changes.append(self.lab.data))
        self.engine = self.host.engine
        self.presenter = ClassesPresenter(self.lab, self.view, self.camera)

    @property
    def place(self) -> Any:
        return self.lab.place

    def give(self, **fields: Any) -> DataSet:
        """The engine answers what was asked for last."""
        asked = self.engine.request
        assert isinstance(asked, ReadDataSet)
        data = replace(data_set(asked.name, groups=asked.groups), **fields)
        self.engine.answer(data)
        return data

    def read(self) -> None:
        """The engine reads the folder that was asked for last."""
        asked = self.engine.request
        assert isinstance(asked, ReadDataSet)
        self.engine.answer(read_folder(asked.name, asked.groups, asked.test))

    def files(self) -> None:
        self.qtbot.waitUntil(lambda: not self.presenter._hand.waiting)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    made.presenter.start()
    yield made
    made.presenter.finish()


def chosen(monkeypatch: pytest.MonkeyPatch, path: Any) -> list[tuple[Any, ...]]:
    """Every dialog answers with a path."""
    asked: list[tuple[Any, ...]] = []

    def folder(*args: Any) -> str:
        asked.append(args)
        return str(path)

    def file(*args: Any) -> tuple[str, str]:
        asked.append(args)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", folder)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", file)
    return asked


# --- opening


def test_nothing_is_asked_before_a_data_set_is_chosen(bench: Bench) -> None:
    assert bench.engine.asked == []
    assert bench.view.data is None
    assert not bench.presenter.waiting


def test_a_ready_data_set_is_read_and_becomes_the_place(bench: Bench) -> None:
    bench.view.ready_chosen.emit("demo:materials")
    assert bench.engine.request == ReadDataSet("demo:materials")
    assert bench.view.progress
    assert bench.place.data == ""  # until it has come
    bench.engine.tell("Drawing demo:materials", 0.5)
    assert bench.view.progress == "Drawing demo:materials"
    data = bench.give()
    assert (bench.lab.data, bench.place.data, bench.view.data, bench.view.own) == (data, "demo:materials", data, False)
    assert bench.view.progress == ""
    assert bench.changes == [data]
    assert not bench.presenter.waiting


def test_a_folder_is_asked_for_and_remembered(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen(monkeypatch, tmp_path)
    bench.view.open_asked.emit()
    assert bench.engine.request == ReadDataSet(str(tmp_path))
    bench.give()
    assert bench.view.own
    asked = chosen(monkeypatch, "")
    bench.view.open_asked.emit()
    assert asked[0][2] == str(tmp_path)
    assert len(bench.engine.asked) == 1  # the dialog was left


def test_a_folder_that_is_dropped_is_taken_and_nothing_else(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    assert not bench.presenter.take_paths([str(tmp_path / "a.png")])
    assert bench.presenter.take_paths([str(tmp_path)])
    assert bench.engine.request.name == str(tmp_path)


def test_a_folder_of_bursts_is_opened_in_groups(bench: Bench, tmp_path: Path) -> None:
    for frame in (1, 2):
        (tmp_path / "mug").mkdir(exist_ok=True)
        write_classes(tmp_path, cup=1)
        (tmp_path / "cup" / "0.png").replace(class_files.burst_file(tmp_path / "mug", 1, frame))
    bench.presenter.open(str(tmp_path))
    bench.read()
    assert bench.engine.request == ReadDataSet(str(tmp_path), "burst")
    assert bench.place.data == ""
    bench.read()
    assert (bench.place.groups, bench.view.place) == ("burst", ("burst", ""))
    bench.view.groups_chosen.emit("none")  # a person decides otherwise
    bench.read()
    assert bench.place.groups == "none"
    assert not bench.presenter.waiting


def test_what_cannot_be_read_changes_nothing(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    good = bench.give()
    bench.presenter.open("nowhere")
    bench.engine.fail("The folder is not there.")
    assert (bench.lab.data, bench.place.data) == (good, "demo:shapes")
    assert (bench.view.message, bench.view.again) == ("The folder is not there.", True)
    assert bench.view.progress == ""
    bench.view.again_asked.emit()
    assert bench.engine.request.name == os.path.abspath("nowhere")
    assert bench.view.message == ""


def test_reading_can_be_cancelled(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    bench.view.cancelled.emit()
    assert bench.engine.cancelled
    assert bench.view.progress == ""
    assert not bench.presenter.waiting


def test_another_data_set_forgets_what_was_looked_at(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    bench.give()
    bench.lab.move(confused=("a", "b"))
    bench.view.groups_chosen.emit("name")
    bench.give()
    assert (bench.place.groups, bench.place.confused) == ("name", ("a", "b"))
    bench.presenter.open("demo:digits")
    bench.give()
    assert (bench.place.data, bench.place.groups, bench.place.confused) == ("demo:digits", "none", None)


def test_it_can_be_closed(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    bench.give()
    bench.view.close_asked.emit()
    assert (bench.lab.data, bench.view.data, bench.place.data) == (None, None, "")


# --- the session


def test_the_data_set_of_a_session_is_read_when_the_workspace_comes_to_the_front(qtbot: QtBot) -> None:
    made = Bench(qtbot)
    made.lab.move(data="demo:shapes", groups="folder")
    assert made.engine.asked == []
    made.presenter.start()
    assert made.engine.request == ReadDataSet("demo:shapes", "folder")
    data = made.give()
    assert made.lab.data == data
    made.presenter.start()
    assert len(made.engine.asked) == 1
    made.presenter.finish()


def test_a_step_back_is_followed(bench: Bench) -> None:
    for name in ("demo:shapes", "demo:digits"):
        bench.presenter.open(name)
        bench.give()
        bench.host.state._last = 0.0
    bench.host.state.back()
    assert bench.place.data == "demo:shapes"
    assert bench.engine.request.name == "demo:shapes"
    bench.give()
    assert bench.lab.data is not None
    assert bench.lab.data.name == "demo:shapes"


def test_a_place_that_cannot_be_reached_shows_nothing_and_says_why(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    bench.give()
    bench.lab.move(data="gone")
    bench.engine.fail("It is gone.")
    assert (bench.lab.data, bench.view.data) == (None, None)
    assert (bench.view.message, bench.view.again) == ("It is gone.", True)


def test_a_test_folder_is_chosen_and_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.presenter.open("demo:shapes")
    bench.give()
    chosen(monkeypatch, "tests")
    bench.view.test_asked.emit()
    assert bench.engine.request == ReadDataSet("demo:shapes", "none", "tests")
    bench.engine.fail("There is no picture in it.")
    assert bench.view.place == ("none", "")
    bench.view.again_asked.emit()
    bench.give()
    assert (bench.place.test, bench.view.place) == ("tests", ("none", "tests"))
    bench.view.test_cleared.emit()
    bench.give()
    assert bench.place.test == ""


def test_a_folder_is_read_again(bench: Bench) -> None:
    reread = next(action for action in classes_actions(lambda: bench.presenter) if action.id == "transfer.reread")
    assert reread.keys == ("F5",)
    assert reread.why_not()
    bench.presenter.open("demo:shapes")
    first = bench.give()
    assert not reread.why_not()
    reread.callback()
    bench.engine.answer(first)
    assert bench.changes == [first]  # nothing has changed
    reread.callback()
    bench.engine.fail("The folder is not there.")
    assert bench.lab.data == first


def test_commands_are_of_the_workspace(bench: Bench) -> None:
    actions = classes_actions(lambda: bench.presenter)
    assert {action.context for action in actions} == {"transfer"}
    assert {action.place for action in actions} == {"Transfer/Data"}


# --- pictures


def test_small_pictures_are_asked_for_once(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    data = bench.give()
    paths = tuple(picture.path for picture in data.pictures)
    bench.view.thumbnails_wanted.emit(paths[:2])
    asked = bench.engine.request
    assert isinstance(asked, ReadThumbnails)
    assert (asked.folder, asked.paths) == (data.folder, paths[:2])
    bench.view.thumbnails_wanted.emit(paths[1:])
    assert len(bench.engine.asked) == 2  # one after the other
    pixels = np.zeros((2, 2, 3), np.uint8)
    bench.engine.answer(Thumbnails(dict.fromkeys(asked.paths, pixels)))
    assert set(bench.view.small) == set(paths[:2])
    assert bench.engine.request.paths == paths[2:]
    bench.engine.answer(Thumbnails({}, dict.fromkeys(paths[2:], "bad")))
    bench.view.thumbnails_wanted.emit(paths)
    assert len(bench.engine.asked) == 3


def test_a_picture_that_has_changed_is_asked_for_again(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    data = bench.give()
    path = data.pictures[0].path
    bench.view.thumbnails_wanted.emit((path,))
    bench.engine.answer(Thumbnails({path: np.zeros((2, 2, 3), np.uint8)}))
    bench.presenter.reread()
    first = data.classes[0]
    other = replace(first, pictures=(replace(first.pictures[0], changed=7), *first.pictures[1:]))
    bench.engine.answer(replace(data, classes=(other, *data.classes[1:])))
    bench.view.thumbnails_wanted.emit(())
    assert bench.engine.request.paths == (path,)


def test_a_picture_opens_in_explore(bench: Bench) -> None:
    bench.presenter.open("demo:shapes")
    data = bench.give()
    bench.view.picture_opened.emit("class 0/1.png")
    assert bench.host.opened[0].path == str(data.file("class 0/1.png"))
    assert bench.host.front == "explore"


# --- classes of one's own


def test_a_new_data_set_is_made_where_it_is_asked_to(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bench.host.settings.put("folder/transfer new", str(tmp_path / "sets"))
    asked = chosen(monkeypatch, tmp_path / "sets" / "mine")
    bench.view.new_set_asked.emit()
    assert asked[0][2] == str(tmp_path / "sets" / "My classes")
    bench.files()
    assert (tmp_path / "sets" / "mine").is_dir()
    bench.read()
    assert bench.place.data == str(tmp_path / "sets" / "mine")
    assert bench.view.asking
    bench.view.class_named.emit(" mug ")
    bench.files()
    assert (tmp_path / "sets" / "mine" / "mug").is_dir()
    bench.read()
    assert (bench.view.asking, bench.view.revealed) == (False, "mug")
    assert bench.view.data is not None
    assert [each.name for each in bench.view.data.classes] == ["mug"]
    bench.view.class_named.emit("MUG")
    assert "already" in bench.view.message


def test_a_dialog_that_is_left_leaves_no_folder(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bench.host.settings.put("folder/transfer new", str(tmp_path / "sets"))
    chosen(monkeypatch, "")
    bench.view.new_set_asked.emit()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def own(bench: Bench, tmp_path: Path) -> Path:
    bench.presenter.open(str(write_classes(tmp_path / "set", mug=2, cup=2)))
    bench.read()
    return tmp_path / "set"


def test_what_is_captured_becomes_a_burst_of_the_class(bench: Bench, own: Path) -> None:
    bench.view.held.emit("mug")
    assert bench.view.capturing == ("mug", 0)
    bench.camera.send()
    bench.files()
    assert bench.view.capturing == ("mug", 1)
    assert bench.view.preview is not None
    bench.view.let_go.emit()
    bench.files()
    assert bench.engine.request == ReadDataSet(str(own), "burst")
    assert (bench.view.capturing, bench.view.preview) == (("", 0), None)
    bench.read()
    assert bench.place.groups == "burst"
    assert (own / "mug" / "burst-1-001.jpg").is_file()
    assert bench.view.last == "1 picture of “mug”"


def test_a_burst_is_taken_back(bench: Bench, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_files, "_to_trash", lambda _file: False)
    bench.view.held.emit("mug")
    bench.camera.send()
    bench.view.let_go.emit()
    bench.files()
    bench.read()
    bench.view.burst_removed.emit()
    bench.files()
    bench.read()
    assert not (own / "mug" / "burst-1-001.jpg").exists()
    assert (own / "mug" / ".removed" / "burst-1-001.jpg").exists()
    assert bench.view.last == ""
    assert "is in the folder .removed" in bench.host.words[-1]
    bench.view.burst_removed.emit()  # there is none any more
    assert not bench.presenter.waiting


def test_a_button_that_was_held_too_short_is_explained(bench: Bench, own: Path) -> None:
    bench.view.held.emit("mug")
    bench.view.let_go.emit()
    assert "No picture came" in bench.view.message
    assert bench.view.last == ""


def test_a_class_that_cannot_be_written_to_is_said_in_place(bench: Bench, own: Path) -> None:
    with unwritable(own / "mug"):
        bench.view.held.emit("mug")
        assert "mug" in bench.view.message
        assert bench.view.capturing == ("", 0)
        assert not bench.camera.running


def test_a_disk_that_fills_up_is_still_said_when_the_folder_has_been_read_again(
    bench: Bench, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.view.held.emit("mug")
    bench.camera.send()
    bench.files()

    def full(_path: Path, _pixels: Any) -> None:
        raise ExplorerError("It could not be saved.", "The disk is full.")

    monkeypatch.setattr(burst_recorder, "save_frame", full)
    bench.qtbot.wait(150)
    bench.camera.send()
    bench.files()
    bench.read()
    assert "The disk is full." in bench.view.message
    assert not bench.camera.running
    assert (own / "mug" / "burst-1-001.jpg").is_file()
    bench.presenter.reread()
    assert bench.view.message == ""


def test_a_camera_is_chosen_and_remembered(bench: Bench, own: Path) -> None:
    bench.view.preview_turned.emit(True)
    assert (bench.camera.running, bench.camera.device, bench.view.previewing) == (True, "", True)
    bench.view.cameras_asked.emit()
    assert bench.view.cameras == ([("one", "First"), ("two", "Second")], "")
    bench.view.camera_chosen.emit("two")
    assert bench.camera.device == "two"
    assert bench.host.settings.text("transfer/camera") == "two"
    bench.view.preview_turned.emit(False)
    assert not bench.camera.running


def test_another_data_set_ends_what_is_held(bench: Bench, own: Path) -> None:
    bench.view.preview_turned.emit(True)
    bench.view.held.emit("mug")
    bench.presenter.open("demo:shapes")
    bench.give()
    assert not bench.camera.running
    assert (bench.view.previewing, bench.view.capturing) == (False, ("", 0))
    bench.view.held.emit("mug")  # nothing is added to a ready data set
    assert not bench.camera.running


def test_a_burst_goes_on_while_the_one_before_is_read(bench: Bench, own: Path) -> None:
    bench.view.held.emit("mug")
    bench.camera.send()
    bench.view.let_go.emit()
    bench.view.held.emit("mug")
    bench.files()
    bench.read()
    assert bench.view.capturing[0] == "mug"
    assert bench.camera.running
    bench.view.let_go.emit()


def test_pictures_that_are_dropped_on_a_class_are_copied(bench: Bench, own: Path) -> None:
    (own.parent / "note.txt").write_text("x")
    bench.view.pictures_dropped.emit("cup", [str(own / "mug" / "1.png"), str(own.parent / "note.txt")])
    bench.files()
    bench.read()
    assert (own / "cup" / "1 (2).png").is_file()
    assert (own / "mug" / "1.png").is_file()
    assert bench.host.words[-1] == "1 picture copied to “cup”."
    assert bench.view.revealed == "cup"


def test_a_copy_that_fails_is_said_in_place(bench: Bench, own: Path) -> None:
    given = str(own / "mug" / "1.png")
    with unwritable(own / "cup"):
        bench.view.pictures_dropped.emit("cup", [given])
        bench.files()
    assert "could not be written" in bench.view.message
    bench.read()
    assert "could not be written" in bench.view.message


def test_what_was_left_out_is_said(bench: Bench, own: Path) -> None:
    (own.parent / "note.txt").write_text("x")
    bench.view.pictures_dropped.emit("cup", [str(own.parent / "note.txt")])
    bench.files()
    assert "“note.txt”" in bench.view.message
