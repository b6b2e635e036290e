"""Session files and bundles in the window: paths, what is missing, recent files, the title, the question at the end."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit, digest_of
from explorer.core.models import ModelSpec
from explorer.core.render import ScaleMode
from explorer.ui.dialogs.bundle_dialog import BundleDialog
from explorer.ui.dialogs.locate_dialog import LocateDialog
from explorer.ui.dialogs.unsaved_dialog import UnsavedDialog

NET = """
import torch
from parts import body

def make_model():
    torch.manual_seed(0)
    return body()
"""
PARTS = """
from torch import nn

def body():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
"""


class _Evil:
    """Makes a file where its pickle is loaded as Python does it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (self.path, "w")


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (40, 48, 3), np.uint8)).save(path)
    return path


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A Python file with a module beside it, and two pictures."""
    folder = tmp_path / "there"
    (folder / "net").mkdir(parents=True)
    (folder / "net/net.py").write_text(NET)
    (folder / "net/parts.py").write_text(PARTS)
    picture(folder / "pictures/one.png")
    picture(folder / "pictures/two.png", 1)
    return folder


@pytest.fixture
def opened(window: Callable[..., Any], there: Path) -> Callable[[], Any]:
    def one() -> Any:
        app = window()
        app.start(
            ModelSpec(f"file:{there / 'net/net.py'}:make_model"), InputRef("picture", str(there / "pictures/one.png"))
        )
        app.wait_capture()
        app.rest()
        app.change(tap="1", channel=2)
        app.page("ablation").put((Edit("1", (1,)),))
        app.open_page("channel-statistics")
        app.session_files.ask_missing = app.session_files._locate
        app.rest()
        return app

    return one


def choosing(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    """The system's file dialogs answer with a path."""
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_more: (str(path), ""))


def saved(app: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    choosing(monkeypatch, path)
    app.session_files.save_as()
    app.until(lambda: app.session_files.document.path == str(path))
    app.rest()
    return path


def bundled(app: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def chosen(dialog: BundleDialog) -> int:
        app.until(lambda: dialog.chosen is not None)
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(BundleDialog, "exec", chosen)
    choosing(monkeypatch, path)
    app.session_files.save_bundle()
    app.until(path.is_file)
    app.rest()
    return path


def same(app: Any, before: Any) -> None:
    """What is shown is what was shown."""
    assert (app.session.tap, app.session.channel) == ("1", 2)
    assert app.session.edits == (Edit("1", (1,)),)
    assert app.capture.edits == digest_of(app.session.edits)
    assert np.array_equal(app.shown.maps, before.maps)
    assert not app.shown.maps[1].any()
    assert app.explore.channel.page == "channel-statistics"


def test_a_folder_that_was_moved_with_its_session_opens_whole(
    opened: Callable[[], Any], there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    before, guesses = app.shown, app.capture.prediction
    saved(app, there / "lesson.fmx.json", monkeypatch)
    assert str(there) in (there / "lesson.fmx.json").read_text()  # for when it is the session alone that moves
    other = tmp_path / "elsewhere/deep"
    other.parent.mkdir()
    shutil.move(there, other)
    app.open_session(other / "lesson.fmx.json")
    app.rest()
    same(app, before)
    assert app.capture.prediction == guesses
    assert app.session.input.path == str(other / "pictures/one.png")
    assert str(other) in app.session.model.id
    assert not app.failures


def test_what_is_missing_is_named_and_located_with_its_neighbours(
    opened: Callable[[], Any], there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    before = app.shown
    path = saved(app, tmp_path / "lesson.fmx.json", monkeypatch)
    moved = tmp_path / "moved"
    shutil.move(there, moved)
    asked: list[list[str]] = []

    def locate(dialog: LocateDialog) -> int:
        asked.append([file.name for file in dialog._missing])
        assert dialog.table.rowCount() == 2
        assert dialog.ok.text() == "Open without 2 of them"
        choosing(monkeypatch, moved / "net/net.py")
        dialog.table.selectRow(0)
        dialog.choose()
        assert dialog.places[str(there / "pictures/one.png")] == str(moved / "pictures/one.png")
        assert dialog.ok.text() == "Open"
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(LocateDialog, "exec", locate)
    app.open_session(path)
    app.rest()
    assert asked == [["net.py", "one.png"]]
    same(app, before)
    assert not app.failures


def test_without_the_picture_the_rest_opens(
    opened: Callable[[], Any], there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    path = saved(app, tmp_path / "lesson.fmx.json", monkeypatch)
    app.open_input(InputRef("picture", str(there / "pictures/two.png")))
    app.change(channel=0)
    app.rest()
    (there / "pictures/one.png").unlink()
    monkeypatch.setattr(LocateDialog, "exec", lambda _dialog: int(QDialog.DialogCode.Accepted))
    app.failure(lambda: app.open_session(path))
    app.rest()
    assert (app.session.tap, app.session.channel, app.session.edits) == ("1", 2, (Edit("1", (1,)),))
    assert app.session.input.path.endswith("two.png")


def test_cancelling_the_search_changes_nothing(
    opened: Callable[[], Any], there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    path = saved(app, tmp_path / "lesson.fmx.json", monkeypatch)
    (there / "pictures/one.png").unlink()
    app.change(channel=0)
    monkeypatch.setattr(LocateDialog, "exec", lambda _dialog: int(QDialog.DialogCode.Rejected))
    app.open_session(path)
    app.rest()
    assert app.session.channel == 0


def test_a_bundle_opens_with_the_originals_gone_and_asks_before_code_runs(
    opened: Callable[[], Any], there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: Callable[..., Any]
) -> None:
    app = opened()
    before, guesses = app.shown, app.capture.prediction
    path = bundled(app, tmp_path / "lesson.fmx", monkeypatch)
    assert "Saved" in app.banner.text
    shutil.rmtree(there)
    other = window(trust_code=False)
    other.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    other.wait_capture()
    other.rest()
    asked: list[Path] = []

    def refuse(code: Path, _digest: str, _parent: Any) -> bool:
        asked.append(code)
        return False

    monkeypatch.setattr("explorer.ui.dialogs.consent.ask_consent", refuse)
    other.open_session(path)
    other.rest()
    assert [code.name for code in asked] == ["net.py"]
    assert other.session.model == ModelSpec("demo:seeded")
    monkeypatch.setattr("explorer.ui.dialogs.consent.ask_consent", lambda *_more: True)
    other.open_session(path)
    other.rest()
    same(other, before)
    assert other.capture.prediction == guesses
    assert other.session_files.document.name == "lesson"
    assert not other.failures


def test_a_pasted_picture_is_in_a_bundle(
    window: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = window()
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    app.wait_capture()
    app.open_pixels(np.random.default_rng(3).integers(0, 255, (50, 60, 3), np.uint8), "clipboard")
    app.rest()
    digest = app.picture.digest
    saved(app, tmp_path / "s.fmx.json", monkeypatch)
    assert "Save with pictures keeps it" in app.banner.text
    path = bundled(app, tmp_path / "s.fmx", monkeypatch)
    app.open_input(InputRef("sample", "cat"))
    app.rest()
    app.open_session(path)
    app.rest()
    assert app.picture.digest == digest


def test_writing_a_bundle_shows_progress_and_can_be_cancelled(
    opened: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    path = bundled(app, tmp_path / "s.fmx", monkeypatch)
    old = path.read_bytes()
    ended: list[bool] = []

    def endless(_path: str, _contents: Any, say: Callable[[str, float | None], None]) -> None:
        try:
            while True:
                say("Writing w.pth", 0.5)
                time.sleep(0.01)
        finally:
            ended.append(True)

    monkeypatch.setattr("explorer.engine.session_bundle.answers.write_bundle", endless)
    app.change(channel=0)
    app.session_files.save()  # to its own file, without a question
    app.until(lambda: app.banner.kind == "progress" and "Writing w.pth" in app.banner.text)
    app.banner.cancel.click()
    app.until(lambda: ended)
    app.rest()
    assert path.read_bytes() == old
    assert app.main_window.isWindowModified()
    assert app.banner.kind != "progress"


def test_a_hostile_bundle_is_refused_in_the_window(opened: Callable[[], Any], tmp_path: Path) -> None:
    app = opened()
    (tmp_path / "bad.fmx").write_bytes(b"PK\x03\x04" + bytes(200))
    told = app.failure(lambda: app.drop([str(tmp_path / "bad.fmx")]))
    assert "cannot be opened" in told.what
    assert app.session.tap == "1"
    assert app.session_files.document.path == ""


def test_weights_in_a_bundle_that_would_run_code_are_refused(window: Callable[..., Any], tmp_path: Path) -> None:
    from explorer.core.session.bundle_requests import BundleContents, BundleGroup, BundleItem
    from explorer.core.session.named_files import FileRole
    from explorer.core.session.session import Session
    from explorer.engine.session_bundle.write import write_bundle

    data = pickle.dumps(_Evil(str(tmp_path / "ran")))
    item = BundleItem("files/1/w.pth", len(data), data=data)
    session = Session(ModelSpec("torchvision:squeezenet1_1", "files/1/w.pth"), InputRef("sample", "cat"))
    group = BundleGroup(FileRole.WEIGHTS, "w.pth", "w.pth", "files/1/w.pth", (item,))
    write_bundle(tmp_path / "bad.fmx", BundleContents(session, (group,)))
    app = window(trust_code=False)
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    app.wait_capture()
    told = app.failure(lambda: app.open_session(tmp_path / "bad.fmx"))
    assert "w.pth holds Python objects" in told.what
    assert not (tmp_path / "ran").exists()
    assert app.session.model == ModelSpec("demo:seeded")


def test_the_title_says_the_name_and_whether_it_is_saved(
    opened: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    assert app.title() == "net — Feature Map Explorer"
    saved(app, tmp_path / "lesson 3.fmx.json", monkeypatch)
    assert app.title() == "lesson 3[*] — net — Feature Map Explorer"
    assert not app.main_window.isWindowModified()
    app.change(scale=ScaleMode.PER_LAYER)
    app.rest()
    assert app.main_window.isWindowModified()
    app.history.back()
    app.rest()
    assert not app.main_window.isWindowModified()
    app.change(scale=ScaleMode.PER_LAYER)
    app.session_files.save()
    app.until(lambda: not app.main_window.isWindowModified())
    assert json.loads((tmp_path / "lesson 3.fmx.json").read_text())["scale"] == ScaleMode.PER_LAYER.value
    app.open_session(tmp_path / "lesson 3.fmx.json")
    app.rest()
    assert not app.main_window.isWindowModified()


def test_the_next_start_knows_the_file_unless_something_had_changed(
    opened: Callable[[], Any], window: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for change, name in ((False, "lesson"), (True, "")):
        app = opened()
        path = saved(app, tmp_path / "lesson.fmx.json", monkeypatch)
        if change:
            app.change(channel=0)
            app.rest()
        app.close()
        again = window()
        again.start(None, None)
        again.wait_capture()
        again.rest()
        assert again.session_files.document.name == name
        assert again.session.channel == (0 if change else 2)
        assert not again.main_window.isWindowModified()
        again.close()
    assert path.is_file()


def test_closing_asks_only_for_a_named_session_that_has_changed(
    opened: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    document = app.session_files.document
    answers: list[str] = []

    def answer(dialog: UnsavedDialog) -> int:
        if answers[-1] == "discard":
            dialog.discarded = True
        return int(QDialog.DialogCode.Rejected if answers[-1] == "cancel" else QDialog.DialogCode.Accepted)

    monkeypatch.setattr(UnsavedDialog, "exec", answer)
    assert document.may_close()  # without a file
    path = saved(app, tmp_path / "a.fmx.json", monkeypatch)
    assert document.may_close()  # nothing has changed
    app.change(channel=0)
    answers.append("cancel")
    assert not document.may_close()
    answers.append("discard")
    assert document.may_close()
    assert json.loads(path.read_text())["channel"] == 2
    closed: list[bool] = []
    app.main_window.closing.connect(lambda: closed.append(True))
    app.main_window.may_close = document.may_close
    answers.append("save")
    app.close()
    assert not closed
    app.until(lambda: closed)
    assert json.loads(path.read_text())["channel"] == 0


def test_a_file_that_cannot_be_written_keeps_the_window_open(
    opened: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    folder = tmp_path / "gone"
    folder.mkdir()
    saved(app, folder / "a.fmx.json", monkeypatch)
    app.change(channel=0)
    shutil.rmtree(folder)
    closed: list[bool] = []
    app.main_window.closing.connect(lambda: closed.append(True))
    monkeypatch.setattr(UnsavedDialog, "exec", lambda _dialog: int(QDialog.DialogCode.Accepted))
    app.failure(app.session_files.document.may_close)
    app.rest()
    assert not closed
    assert app.main_window.isWindowModified()


def test_recent_sessions_are_in_the_menu_and_those_that_are_gone_are_grey(
    opened: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    for name in ("a", "b"):
        saved(app, tmp_path / f"{name}.fmx.json", monkeypatch)
    os.unlink(tmp_path / "a.fmx.json")
    menu = QMenu()
    app.commands._menus.add_sessions(menu)
    [entries] = [part.actions() for part in menu.findChildren(QMenu)]
    assert [(entry.text(), entry.isEnabled()) for entry in entries] == [
        ("b.fmx.json", True),
        ("a.fmx.json\tnot found", False),
    ]
    app.change(channel=0)
    entries[0].trigger()
    app.rest()
    assert app.session.channel == 2


def test_a_result_is_computed_again_once_its_page_is_looked_at(
    opened: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    app.page("ablation").put(())
    app.rest()
    for page in ("channel-statistics", "attribution"):
        app.open_page(page)
        app.page(page).toggle()
        app.rest()
    app.pages.choose_class(3)
    app.rest()
    path = saved(app, tmp_path / "a.fmx.json", monkeypatch)
    held = json.loads(path.read_text())
    assert {"channel-statistics", "attribution"} <= set(held["results"])
    assert held["target"] == 3
    again = opened()
    again.page("ablation").put(())
    again.rest()
    again.open_session(path)
    again.rest()
    assert again.pages.page("attribution").result is not None
    assert again.pages.page("channel-statistics").result is None
    assert again.pages.place().class_index == 3
    again.open_page("channel-statistics")
    again.rest()
    assert again.pages.page("channel-statistics").result is not None


def test_the_rows_of_the_dialog_can_be_left_out(show: Callable[..., Any]) -> None:
    from PySide6.QtCore import Qt

    from explorer.core.session.bundle_requests import BundleContents, BundleGroup, BundleItem
    from explorer.core.session.named_files import FileRole
    from explorer.core.session.session import Session

    groups = tuple(
        BundleGroup(role, path, path, f"files/{path}", (BundleItem(f"files/{path}", size),))
        for role, path, size in ((FileRole.INPUT, "a.png", 20_000), (FileRole.WEIGHTS, "w.pth", 3_000_000))
    )
    dialog = BundleDialog()
    assert not dialog.ok.isEnabled()
    dialog.show_contents(BundleContents(Session(), groups))
    assert dialog.ok.isEnabled()
    assert dialog.problem.text() == "2.88 MiB"
    dialog.table.item(2, 0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.left == {"w.pth"}
    assert [group.path for group in dialog.chosen.groups] == ["a.png"]
    assert dialog.table.item(1, 0).data(Qt.ItemDataRole.CheckStateRole) is None
    dialog.deleteLater()
