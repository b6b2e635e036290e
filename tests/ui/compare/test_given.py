"""What is given to one column alone: its preprocessing, and files that are let go over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hands import point
from looks import pointed
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.session.comparison import SharedScale
from explorer.engine.inputs.preprocess import to_tensor
from explorer.ui.widgets.drop_note import DropNote

Compare = Callable[..., Any]
CROP = Preprocess(16, 16, "crop", 32, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), interpolation="nearest")


def plainly(app: Any, layer: int, view: Any, preprocess: Preprocess) -> np.ndarray:
    """What plain torch computes up to a layer of a column's model; nothing else runs meanwhile."""
    net = app.desk.bench.model(view.card.digest).module
    with torch.no_grad():
        return net[: layer + 1](to_tensor(view.picture, preprocess))[0].numpy()


# --- preprocessing


def choose(app: Any, view: Any, preprocess: Preprocess, monkeypatch: pytest.MonkeyPatch) -> list[Preprocess]:
    """As a person does, by the menu of a column's model and the dialog; what Reset would bring."""
    from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog

    resets: list[Preprocess] = []

    def exec_(dialog: Any) -> int:
        resets.append(dialog._default)
        dialog.set_preprocess(preprocess)
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(PreprocessDialog, "exec", exec_)
    menu = view.model.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text().startswith("Preprocessing")).trigger()
    return resets


def test_one_column_has_another_preprocessing(
    compare: Compare, specs: dict[str, ModelSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = compare("one", "one")
    control, (one, other) = app.compare, app.compare.columns
    own = other.card.preprocess
    assert choose(app, other, CROP, monkeypatch) == [own]
    app.rest()
    assert control.doc.column(other.key).model == replace(specs["one"], preprocess=CROP)
    assert one.card.preprocess == own
    assert app.card.preprocess == own  # Explore's is its own
    for words in ("takes 16×16 px", "resized to 32 px", "nearest", "mean 0.5, 0.5, 0.5", "std 0.25"):
        assert words in other.model.toolTip()
    assert "takes 32×32 px (stretch" in one.model.toolTip()
    assert "crop 16×16" in other.note.text()
    control.scrub(one.key, 3)
    np.testing.assert_allclose(other.shown.maps, plainly(app, 3, other, CROP), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(one.shown.maps, plainly(app, 3, one, own), rtol=1e-4, atol=1e-5)
    assert not other.minus.isVisible()  # other sizes have no difference
    point(one.image, QPoint(2, 2))
    assert pointed(one.mosaic) == (0, 0)
    assert pointed(other.mosaic) is None
    assert other.note.text() == "not seen by this model"
    assert choose(app, other, own, monkeypatch) == [own]
    app.rest()
    assert other.note.text() != "not seen by this model"
    np.testing.assert_array_equal(other.shown.maps, one.shown.maps)


def test_it_can_be_undone_and_is_in_the_session(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    from explorer.core.session.session import from_json, to_json

    app = compare("one", "other")
    control, other = app.compare, app.compare.columns[1]
    edits = (Edit("2", (1,)),)
    control.set_edits(other.key, edits)
    control.set_preprocess(other.key, CROP)
    app.rest()
    column = control.doc.column(other.key)
    assert column.edits == edits  # they stay with the model
    assert other.fits
    assert from_json(to_json(app.whole_session())).comparison.columns[1] == column
    control.set_preprocess(other.key, CROP)  # the same once more is no step
    control.undo()
    app.rest()
    assert control.doc.column(other.key).model == specs["other"]
    assert other.card.preprocess.fit == "stretch"
    control.redo()
    app.rest()
    assert other.card.preprocess == CROP
    assert other.fits


def test_other_numbers_of_the_same_size_still_have_a_difference(compare: Compare) -> None:
    app = compare("one", "one")
    control, (one, other) = app.compare, app.compare.columns
    bright = replace(one.card.preprocess, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    control.set_preprocess(other.key, bright)
    app.rest()
    control.set_scale(SharedScale.PER_LAYER)
    other.minus.click()
    control.scrub(one.key, 0)
    expected = plainly(app, 0, other, bright) - plainly(app, 0, one, one.card.preprocess)
    np.testing.assert_allclose(other.shown.maps, expected, rtol=1e-3, atol=1e-4)


# --- files let go over a column


def drop(widget: QWidget, *paths: Path) -> None:
    """As a file manager does it, whatever widget lies beneath the pointer."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    middle, copy = widget.rect().center(), Qt.DropAction.CopyAction
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target = widget
    while not target.acceptDrops():
        target = target.parentWidget()
    at = widget.mapTo(target, middle) if target is not widget else middle
    enter = QDragEnterEvent(at, copy, data, button, keys)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(at), copy, data, button, keys))


def save_picture(path: Path, value: int) -> Path:
    from PIL import Image

    Image.fromarray(np.full((40, 60, 3), value, np.uint8)).save(path)
    return path


def test_a_picture_goes_to_the_column_it_is_dropped_on(compare: Compare, tmp_path: Path) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    grey, white = save_picture(tmp_path / "grey.png", 90), save_picture(tmp_path / "white.png", 255)
    for beneath, picture in ((other.mosaic, grey), (other.image, white), (other.panel, grey)):
        drop(beneath, picture)
        app.rest()
        assert other.capture.picture.ref == InputRef("picture", str(picture))
        assert one.capture.picture.ref.kind == "sample"
        assert control.doc.column(other.key).input == InputRef("picture", str(picture))
        assert other.panel.property("target") is not True
    (tmp_path / "folder").mkdir()
    drop(one.panel, save_picture(tmp_path / "folder" / "a.png", 3).parent)
    app.rest()
    assert one.capture.picture.name == "a.png"
    drop(app.main_window, grey)  # over the rest of the window it is the input that all share
    app.rest()
    assert app.picture.name == "grey.png"
    assert one.capture.picture.name == "a.png"


def test_a_model_file_goes_to_the_column_it_is_dropped_on(
    compare: Compare, specs: dict[str, ModelSpec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.ui.dialogs.model_dialog import ModelDialog

    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    asked: list[tuple[list[str], ModelSpec | None]] = []

    def exec_(dialog: Any) -> int:
        asked.append((taken, dialog.spec))
        return int(QDialog.DialogCode.Accepted)

    taken: list[str] = []
    before = ModelDialog.take_files
    monkeypatch.setattr(ModelDialog, "exec", exec_)
    monkeypatch.setattr(ModelDialog, "take_files", lambda self, paths: (taken.extend(paths), before(self, paths))[1])
    monkeypatch.setattr(ModelDialog, "spec", property(lambda _self: specs["crop"]))
    drop(other.strip, tmp_path / "cropped.py")
    app.rest()
    assert taken == [str(tmp_path / "cropped.py")]
    assert control.doc.column(other.key).model == specs["crop"]
    assert other.fits
    assert one.card.spec == app.card.spec == specs["one"]
    assert app.workspace == "compare"


def test_the_folder_of_a_model_goes_to_the_column_it_is_dropped_on(
    compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    asked: list[ModelSpec] = []
    monkeypatch.setattr(app.desk, "submit", lambda request, _key: asked.append(getattr(request, "spec", None)) or 0)
    folder = tmp_path / "saved"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_text("{}")
    drop(other.mosaic, folder)
    assert control.doc.column(other.key).model == ModelSpec(f"hf:{folder}")
    assert control.doc.column(one.key).model == one.card.spec
    assert asked == [ModelSpec(f"hf:{folder}")]
    assert app.workspace == "compare"


def test_what_hangs_over_a_column_marks_it(compare: Compare) -> None:
    app = compare("one", "other")
    panel = app.compare.columns[0].panel
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/somewhere/a.png")])
    args = (QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(panel, QDragEnterEvent(*args))
    (note,) = (each for each in app.main_window.findChildren(DropNote) if not each.isHidden())
    assert "a.png" in note.words.text()
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert note.isHidden()
    data = QMimeData()
    data.setText("no file")
    nothing = QDragEnterEvent(args[0], args[1], data, *args[3:])
    nothing.ignore()
    QApplication.sendEvent(panel, nothing)
    assert not nothing.isAccepted()


def test_what_a_file_made_is_not_called_untrained(compare: Compare) -> None:
    app = compare("one", "other")
    assert [view.card.weights.label for view in app.compare.columns] == ["weights as its file made them"] * 2
    names = [view.model.accessibleDescription() for view in app.compare.columns]
    assert not any("untrained" in words for words in (*names, app.toolbar.model.text()))
