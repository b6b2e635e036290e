"""Compare in session files, at the next start, and the way back and forward in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looks import message, selected
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Link, SharedScale
from explorer.core.session.session import from_json, to_json
from explorer.engine.inputs.samples import sample_pictures

Compare = Callable[..., Any]
WAIT = 60_000
EDITS = (Edit("2", (1,)),)


def models(app: Any) -> list[Any]:
    return [column.model for column in app.compare.doc.columns]


def other_sample() -> InputRef:
    return InputRef("sample", next(sample.name for sample in sample_pictures() if sample.name != "cat"))


@pytest.fixture
def compared(compare: Compare) -> Any:
    """Three columns with everything that a file can hold of them."""
    app = compare("one", "other", "one")
    control, (one, other, third) = app.compare, app.compare.columns
    control.set_edits(third.key, EDITS)
    control.set_input(other.key, other_sample())
    control.set_link(Link.STRIDE)
    control.set_scale(SharedScale.ALL)
    app.rest()
    control.scrub(one.key, 3)
    control.select(one.key, 2)
    third.minus.click()
    third.lock.click()
    control.scrub(third.key, 4)
    control.swap(one.key)
    control.point((0.5, 0.5))
    app.rest()
    return app


def save(app: Any, qtbot: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As a person does, from Compare."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(app.saved, timeout=WAIT):
        app.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    return path


def test_a_file_brings_everything_back(
    compared: Any, window: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(compared, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    doc = compared.compare.doc
    app = window()
    app.open_session(path)
    assert app.workspace == "compare"
    qtbot.waitUntil(
        lambda: len(app.compare.columns) == 3 and all(view.fits for view in app.compare.columns), timeout=WAIT
    )
    app.rest()
    now = app.compare.doc
    assert now == doc
    assert (now.link, now.scale) == (Link.STRIDE, SharedScale.ALL)
    assert [column.edits for column in now.columns] == [(), (), EDITS]
    for view, before in zip(app.compare.columns, compared.compare.columns, strict=True):
        assert view.strip.current == before.strip.current
        assert view.capture.picture.digest == before.capture.picture.digest
        np.testing.assert_array_equal(view.shown.plain, before.shown.plain)
        assert selected(view.mosaic)[0] == selected(before.mosaic)[0]
    assert not app.compare.can_undo


def test_a_file_opened_over_a_comparison_can_be_undone(
    compared: Any,
    qtbot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    specs: dict[str, ModelSpec],
) -> None:
    path = save(compared, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    control = compared.compare
    saved = models(compared)
    control.remove(compared.compare.columns[0].key)
    control.set_model(compared.compare.columns[0].key, specs["crop"])
    compared.rest()
    changed = models(compared)
    compared.open_session(path)
    compared.rest()
    assert models(compared) == saved
    assert all(view.fits for view in compared.compare.columns)
    control.undo()
    compared.rest()
    assert models(compared) == changed
    assert all(view.fits for view in compared.compare.columns)


def test_the_last_comparison_opens_again_at_the_next_start(compared: Any, window: Any, qtbot: Any) -> None:
    doc = compared.compare.doc
    compared.close()
    app = window()
    app.start(None, None)
    assert app.workspace == "compare"
    qtbot.waitUntil(
        lambda: len(app.compare.columns) == 3 and all(view.fits for view in app.compare.columns), timeout=WAIT
    )
    app.rest()
    assert app.compare.doc == doc
    assert app.capture is not None  # Explore is there too


def test_a_comparison_that_was_not_looked_at_is_not_lost(compared: Any, window: Any) -> None:
    compared.show_workspace("explore")
    doc = compared.compare.doc
    compared.close()
    app = window()
    app.start(None, None)
    app.wait_capture()
    assert app.workspace == "explore"
    assert not app.compare.columns  # nothing is opened for a workspace that nobody looks at
    assert app.whole_session().comparison == doc
    app.show_workspace("compare")
    app.rest()
    assert app.compare.doc == doc


def test_what_is_missing_is_said_in_its_column_and_the_rest_opens(
    compared: Any, window: Any, qtbot: Any, tmp_path: Path, specs: dict[str, ModelSpec]
) -> None:
    data = json.loads(to_json(compared.whole_session()))
    columns = data["comparison"]["columns"]
    columns[0]["model"]["id"] = f"file:{tmp_path}/gone.py:make_model"
    columns[1]["input"] = {"kind": "picture", "path": str(tmp_path / "gone.png"), "frame": 0}
    path = tmp_path / "s.fmx.json"
    path.write_text(json.dumps(data))
    app = window()
    app.open_session(path)
    qtbot.waitUntil(lambda: len(app.compare.columns) == 3 and app.compare.columns[2].fits, timeout=WAIT)
    app.rest()
    gone, pictureless, whole = app.compare.columns
    assert "gone.py" in message(gone.mosaic)
    assert "Check the name" in message(gone.mosaic)  # how to mend it
    assert "gone.py" in gone.model.toolTip()
    assert "gone.png" in message(pictureless.mosaic)
    assert whole.shown is not None
    again = from_json(to_json(app.whole_session())).comparison
    assert again == from_json(path.read_text()).comparison  # saving it keeps what could not be opened
    menu = gone.model.menu()
    menu.aboutToShow.emit()
    (tmp_path / "gone.py").write_text((tmp_path / "net.py").read_text())
    next(action for action in menu.actions() if action.text().startswith("Try file:")).trigger()
    app.compare.set_input(pictureless.key, None)
    app.rest()
    assert gone.fits
    assert pictureless.fits


def test_a_file_of_explore_alone_leaves_compare_as_it_is(compared: Any, tmp_path: Path) -> None:
    doc = compared.compare.doc
    data = {**json.loads(to_json(compared.session)), "workspace": "explore"}
    del data["comparison"]
    path = tmp_path / "old.fmx.json"
    path.write_text(json.dumps(data))
    compared.open_session(path)
    compared.rest()
    assert compared.workspace == "explore"
    assert compared.compare.doc.columns == doc.columns


def test_a_frozen_column_keeps_its_picture_in_the_file(
    compare: Compare, window: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compare("one", "other")
    first.compare.columns[1].freeze.click()
    first.open_input(other_sample())
    first.rest()
    path = save(first, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    app = window()
    app.open_session(path)
    qtbot.waitUntil(
        lambda: len(app.compare.columns) == 2 and all(view.fits for view in app.compare.columns), timeout=WAIT
    )
    assert [view.picture.ref for view in app.compare.columns] == [other_sample(), InputRef("sample", "cat")]
    assert app.compare.doc.columns[1].frozen


def freeze_in_explore(app: Any) -> None:
    """As a person does: the first map of a layer, on the picture that is shown."""
    ablation = app.page("ablation")
    app.change(tap="2", channel=1)
    app.open_page("ablation")
    app.rest()
    ablation.edit("freeze")
    assert ablation.edits[0].origin == app.picture.ref
    app.rest()


@pytest.mark.parametrize("lasts", [True, False])
def test_what_an_edit_froze_comes_again_with_the_file_or_is_said_to_be_gone(
    compare: Compare,
    window: Any,
    qtbot: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lasts: bool,
) -> None:
    first = compare("one", "one")
    if not lasts:
        first.open_pixels(np.full((40, 60, 3), 90, np.uint8), "grey")
        first.rest()
    first.show_workspace("explore")
    freeze_in_explore(first)
    first.show_workspace("compare")
    control, (_, other) = first.compare, first.compare.columns
    control.set_edits(other.key, control.edits_in_explore(other.key))
    first.rest()
    frozen = other.capture.values["2"][1].copy()
    first.open_input(other_sample())
    first.rest()
    path = save(first, qtbot, tmp_path / "s.fmx.json", monkeypatch)
    app = window()
    app.open_session(path)
    qtbot.waitUntil(lambda: len(app.compare.columns) == 2 and app.compare.columns[0].fits, timeout=WAIT)
    app.rest()
    now = app.compare.columns[1]
    assert now.picture.ref == other_sample()
    if lasts:
        assert now.fits
        np.testing.assert_array_equal(now.capture.values["2"][1], frozen)
        assert not app.failures
    else:
        assert now.capture is None
        assert "held values of 2 cannot be recomputed" in now.status
        # said of the column, and of Explore's own edits
        assert [failure.why.split(".")[0] for failure in app.failures] == [
            "The picture from the clipboard is no longer available"
        ] * 2


# --- back and forward


def test_every_change_of_the_columns_can_be_undone_and_redone(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "other")
    control, bar = app.compare, app.toolbar
    explore = app.explore.document
    assert not bar.back.isEnabled()
    one, other = (view.key for view in app.compare.columns)
    steps: tuple[Callable[[], object], ...] = (
        lambda: control.duplicate(one),
        lambda: control.swap(one),
        lambda: control.set_model(other, specs["crop"]),
        lambda: control.set_input(one, other_sample()),
        lambda: control.set_edits(one, EDITS),
        lambda: control.set_link(Link.NONE),
        lambda: control.remove(one),
    )
    docs = [control.doc]
    for step in steps:
        step()
        app.rest()
        docs.append(control.doc)
    for doc in reversed(docs[:-1]):
        assert bar.back.isEnabled()
        app.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        app.rest()
        assert standing(control.doc) == standing(doc)
        assert all(view.fits for view in app.compare.columns)
    assert not bar.back.isEnabled()
    for doc in docs[1:]:
        bar.forward.click()
        app.rest()
        assert standing(control.doc) == standing(doc)
        assert all(view.fits for view in app.compare.columns)
    assert not bar.forward.isEnabled()
    assert app.explore.document == explore
    app.show_workspace("explore")
    bar.back.click()  # the last change, wherever it was made
    app.rest()
    assert app.workspace == "compare"
    assert standing(control.doc) == standing(docs[-2])


def standing(doc: Any) -> Any:
    return doc.link, [(c.key, c.model, c.input, c.edits, c.tap) for c in doc.columns]


def test_undoing_while_a_model_is_still_being_opened_keeps_the_old_one(
    compare: Compare, specs: dict[str, ModelSpec]
) -> None:
    app = compare("one", "other")
    control, other = app.compare, app.compare.columns[1]
    before = other.shown.maps
    control.set_model(other.key, specs["crop"])
    control.undo()
    app.rest()
    assert models(app) == [specs["one"], specs["other"]]
    assert other.card.spec == specs["other"]
    assert other.fits
    assert not other.status
    np.testing.assert_array_equal(other.shown.maps, before)


def test_a_model_that_could_not_be_opened_is_no_step(compare: Compare) -> None:
    app = compare("one", "other")
    app.compare.set_model(1, ModelSpec("torchvision:no_such_net"))
    assert app.toolbar.back.isEnabled()
    app.rest()
    assert not app.toolbar.back.isEnabled()


def test_keys_move_between_the_columns(compare: Compare) -> None:
    app = compare("one", "other", "crop")
    columns = app.compare.columns
    control = Qt.KeyboardModifier.ControlModifier
    for key, at in ((Qt.Key.Key_3, 2), (Qt.Key.Key_Left, 1), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Left, 0)):
        app.press(key, control)
        assert columns[at].mosaic.hasFocus()
    app.press(Qt.Key.Key_Right, control)
    assert columns[1].mosaic.hasFocus()
    app.press(Qt.Key.Key_4, control)  # there is none
    assert columns[1].mosaic.hasFocus()
