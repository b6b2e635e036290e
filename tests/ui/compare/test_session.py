"""Compare in session files, at the next start, and the way back and forward in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looks import message, selected
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from explorer.core.compare import Link, Shared
from explorer.core.edits import Edit
from explorer.core.session import from_json, to_json
from explorer.core.types import InputRef, ModelSpec
from explorer.engine.inputs.samples import sample_pictures

Compare = Callable[..., Any]
Settle = Callable[[Any], None]
WAIT = 60_000
EDITS = (Edit("2", (1,)),)


def views(app: Any) -> list[Any]:
    control = app.controller.compare
    return [control.views[column.key] for column in control.doc.columns]


def models(app: Any) -> list[Any]:
    return [column.model for column in app.controller.compare.doc.columns]


def other_sample() -> InputRef:
    return InputRef("sample", next(sample.name for sample in sample_pictures() if sample.name != "cat"))


@pytest.fixture
def compared(compare: Compare, settle: Settle) -> Any:
    """Three columns with everything that a file can hold of them."""
    app = compare("one", "other", "one")
    control, (one, other, third) = app.controller.compare, views(app)
    control.set_edits(third.key, EDITS)
    control.set_input(other.key, other_sample())
    control.link(Link.STRIDE)
    control.scale(Shared.ALL)
    settle(app)
    control.scrub(one.key, 3)
    control.select(one.key, 2)
    third.panel.minus_button.click()
    third.panel.lock.click()
    control.scrub(third.key, 4)
    control.swap(one.key)
    control.point((0.5, 0.5))
    settle(app)
    return app


def save(app: Any, qtbot: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As a person does, from Compare."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(app.controller.saved, timeout=WAIT):
        qtbot.keyClick(app.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    return path


def test_a_file_brings_everything_back(
    compared: Any, window: Any, settle: Settle, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(compared, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    doc = compared.controller.compare.doc
    app = window()
    app.commands.open_session(path)
    assert app.window.workspace == "compare"
    qtbot.waitUntil(lambda: len(views(app)) == 3 and all(view.fits for view in views(app)), timeout=WAIT)
    settle(app)
    now = app.controller.compare.doc
    assert now == replace(doc, cursor=None)
    assert (now.link, now.scale) == (Link.STRIDE, Shared.ALL)
    assert [column.edits for column in now.columns] == [(), (), EDITS]
    for view, before in zip(views(app), views(compared), strict=True):
        assert view.panel.strip.current == before.panel.strip.current
        assert view.capture.picture.digest == before.capture.picture.digest
        np.testing.assert_array_equal(view.shown.plain, before.shown.plain)
        assert selected(view.panel.mosaic)[0] == selected(before.panel.mosaic)[0]
    assert not app.controller.compare.past.can_back


def test_a_file_opened_over_a_comparison_can_be_undone(
    compared: Any,
    settle: Settle,
    qtbot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    specs: dict[str, ModelSpec],
) -> None:
    path = save(compared, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    control = compared.controller.compare
    saved = models(compared)
    control.remove(views(compared)[0].key)
    control.set_model(views(compared)[0].key, specs["crop"])
    settle(compared)
    changed = models(compared)
    compared.commands.open_session(path)
    settle(compared)
    assert models(compared) == saved
    assert all(view.fits for view in views(compared))
    control.undo()
    settle(compared)
    assert models(compared) == changed
    assert all(view.fits for view in views(compared))


def test_the_last_comparison_opens_again_at_the_next_start(
    compared: Any, window: Any, settle: Settle, qtbot: Any
) -> None:
    doc = replace(compared.controller.compare.doc, cursor=None)
    compared.window.close()
    app = window()
    app.start(None, None)
    assert app.window.workspace == "compare"
    qtbot.waitUntil(lambda: len(views(app)) == 3 and all(view.fits for view in views(app)), timeout=WAIT)
    settle(app)
    assert app.controller.compare.doc == doc
    assert app.controller.view.capture is not None  # Explore is there too


def test_a_comparison_that_was_not_looked_at_is_not_lost(
    compared: Any, window: Any, settle: Settle, qtbot: Any
) -> None:
    compared.controller.show_workspace("explore")
    doc = replace(compared.controller.compare.doc, cursor=None)
    compared.window.close()
    app = window()
    app.start(None, None)
    qtbot.waitUntil(lambda: app.controller.view.capture is not None, timeout=WAIT)
    assert app.window.workspace == "explore"
    assert not views(app)  # nothing is opened for a workspace that nobody looks at
    assert app.controller.whole_session().comparison == doc
    app.controller.show_workspace("compare")
    settle(app)
    assert app.controller.compare.doc == doc


def test_what_is_missing_is_said_in_its_column_and_the_rest_opens(
    compared: Any, window: Any, settle: Settle, qtbot: Any, tmp_path: Path, specs: dict[str, ModelSpec]
) -> None:
    data = json.loads(to_json(compared.controller.whole_session()))
    columns = data["comparison"]["columns"]
    columns[0]["model"]["id"] = f"file:{tmp_path}/gone.py:make_model"
    columns[1]["input"] = {"kind": "picture", "path": str(tmp_path / "gone.png"), "frame": 0}
    path = tmp_path / "s.fmx.json"
    path.write_text(json.dumps(data))
    app = window()
    app.commands.open_session(path)
    qtbot.waitUntil(lambda: len(views(app)) == 3 and views(app)[2].fits, timeout=WAIT)
    settle(app)
    gone, pictureless, whole = views(app)
    assert "gone.py" in message(gone.panel.mosaic)
    assert "Check the name" in message(gone.panel.mosaic)  # how to mend it
    assert "gone.py" in gone.panel.model.toolTip()
    assert "gone.png" in message(pictureless.panel.mosaic)
    assert whole.shown is not None
    again = from_json(to_json(app.controller.whole_session())).comparison
    assert again == from_json(path.read_text()).comparison  # saving it keeps what could not be opened
    menu = gone.panel.model.menu()
    menu.aboutToShow.emit()
    (tmp_path / "gone.py").write_text((tmp_path / "net.py").read_text())
    next(action for action in menu.actions() if action.text().startswith("Try file:")).trigger()
    app.controller.compare.set_input(pictureless.key, None)
    settle(app)
    assert gone.fits
    assert pictureless.fits


def test_a_file_of_explore_alone_leaves_compare_as_it_is(compared: Any, settle: Settle, tmp_path: Path) -> None:
    doc = compared.controller.compare.doc
    data = json.loads(to_json(compared.controller.session))
    del data["comparison"]
    path = tmp_path / "old.fmx.json"
    path.write_text(json.dumps(data))
    compared.commands.open_session(path)
    settle(compared)
    assert compared.window.workspace == "explore"
    assert compared.controller.compare.doc.columns == doc.columns


def test_a_frozen_column_keeps_its_picture_in_the_file(
    compare: Compare, window: Any, settle: Settle, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compare("one", "other")
    views(first)[1].panel.freeze.click()
    first.controller.open_input(other_sample())
    settle(first)
    path = save(first, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    app = window()
    app.commands.open_session(path)
    qtbot.waitUntil(lambda: len(views(app)) == 2 and all(view.fits for view in views(app)), timeout=WAIT)
    assert [view.picture.ref for view in views(app)] == [other_sample(), InputRef("sample", "cat")]
    assert app.controller.compare.doc.columns[1].frozen


def freeze_in_explore(app: Any, settle: Settle) -> None:
    """As a person does: the first map of a layer, on the picture that is shown."""
    ablation = app.controller.understand.ablation
    app.controller.change(tap="2", channel=1)
    app.window.explore.channel.set_page("ablation")
    settle(app)
    ablation.edit("freeze")
    assert ablation.edits[0].origin == app.controller.picture.ref
    settle(app)


@pytest.mark.parametrize("lasts", [True, False])
def test_what_an_edit_froze_comes_again_with_the_file_or_is_said_to_be_gone(
    compare: Compare,
    window: Any,
    settle: Settle,
    qtbot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lasts: bool,
) -> None:
    first = compare("one", "one")
    if not lasts:
        first.controller.open_pixels(np.full((40, 60, 3), 90, np.uint8), "grey")
        settle(first)
    first.controller.show_workspace("explore")
    freeze_in_explore(first, settle)
    first.controller.show_workspace("compare")
    control, (_, other) = first.controller.compare, views(first)
    control.set_edits(other.key, control.edits_in_explore(other.key))
    settle(first)
    frozen = other.capture.values["2"][1].copy()
    first.controller.open_input(other_sample())
    settle(first)
    path = save(first, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    app = window()
    failures: list[Any] = []
    app.controller.failed.connect(failures.append)
    app.commands.open_session(path)
    qtbot.waitUntil(lambda: len(views(app)) == 2 and views(app)[0].fits, timeout=WAIT)
    settle(app)
    now = views(app)[1]
    assert now.picture.ref == other_sample()
    if lasts:
        assert now.fits
        np.testing.assert_array_equal(now.capture.values["2"][1], frozen)
        assert not failures
    else:
        assert now.capture is None
        assert "held values of 2 cannot be recomputed" in now.status
        assert [failure.why.split(".")[0] for failure in failures] == ["The picture from the clipboard is gone"]


# --- back and forward


def test_every_change_of_the_columns_can_be_undone_and_redone(
    compare: Compare, settle: Settle, qtbot: Any, specs: dict[str, ModelSpec]
) -> None:
    app = compare("one", "other")
    control, bar = app.controller.compare, app.window.toolbar
    explore = (app.controller.session, app.controller.history.can_back)
    assert not bar.back_button.isEnabled()
    one, other = (view.key for view in views(app))
    steps: tuple[Callable[[], object], ...] = (
        lambda: control.duplicate(one),
        lambda: control.swap(one),
        lambda: control.set_model(other, specs["crop"]),
        lambda: control.set_input(one, other_sample()),
        lambda: control.set_edits(one, EDITS),
        lambda: control.link(Link.NONE),
        lambda: control.remove(one),
    )
    docs = [control.doc]
    for step in steps:
        step()
        settle(app)
        docs.append(control.doc)
    for doc in reversed(docs[:-1]):
        assert bar.back_button.isEnabled()
        qtbot.keyClick(app.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        settle(app)
        assert standing(control.doc) == standing(doc)
        assert all(view.fits for view in views(app))
    assert not bar.back_button.isEnabled()
    for doc in docs[1:]:
        bar.forward_button.click()
        settle(app)
        assert standing(control.doc) == standing(doc)
        assert all(view.fits for view in views(app))
    assert not bar.forward_button.isEnabled()
    assert (app.controller.session, app.controller.history.can_back) == explore
    app.controller.show_workspace("explore")
    assert bar.back_button.isEnabled() == explore[1]


def standing(doc: Any) -> Any:
    return doc.link, [(c.key, c.model, c.input, c.edits, c.tap) for c in doc.columns]


def test_undoing_while_a_model_is_still_being_opened_keeps_the_old_one(
    compare: Compare, settle: Settle, specs: dict[str, ModelSpec]
) -> None:
    app = compare("one", "other")
    control, other = app.controller.compare, views(app)[1]
    before = other.shown.maps
    control.set_model(other.key, specs["crop"])
    control.undo()
    settle(app)
    assert models(app) == [specs["one"], specs["other"]]
    assert other.card.spec == specs["other"]
    assert other.fits
    assert not other.status
    np.testing.assert_array_equal(other.shown.maps, before)


def test_a_model_that_could_not_be_opened_is_no_step(compare: Compare, settle: Settle) -> None:
    app = compare("one", "other")
    app.controller.compare.set_model(1, ModelSpec("torchvision:no_such_net"))
    assert app.window.toolbar.back_button.isEnabled()
    settle(app)
    assert not app.window.toolbar.back_button.isEnabled()


def test_keys_move_between_the_columns(compare: Compare, qtbot: Any) -> None:
    app = compare("one", "other", "crop")
    panels = [view.panel for view in views(app)]
    control = Qt.KeyboardModifier.ControlModifier
    for key, at in ((Qt.Key.Key_3, 2), (Qt.Key.Key_Left, 1), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Left, 0)):
        qtbot.keyClick(app.window, key, control)
        assert panels[at].mosaic.hasFocus()
    qtbot.keyClick(app.window, Qt.Key.Key_Right, control)
    assert panels[1].mosaic.hasFocus()
    qtbot.keyClick(app.window, Qt.Key.Key_4, control)  # there is none
    assert panels[1].mosaic.hasFocus()
