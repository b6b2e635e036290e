"""Models side by side in the real window with the real worker: what a person does, and what must come of it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hands import point, turn
from looks import pointed, selected, table_rows
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Link, SharedScale
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.inputs.samples import sample_pictures
from explorer.ui.compare.control import twin_of

Compare = Callable[..., Any]


def choose(box: QComboBox, value: object) -> None:
    """As a person does in the drop-down."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def other_sample() -> str:
    return next(sample.name for sample in sample_pictures() if sample.name != "cat")


def plainly(specs: dict[str, ModelSpec], name: str, layer: int, view: Any) -> np.ndarray:
    """What plain torch computes up to a layer of the networks in net.py, from the same picture."""
    path, _, factory = specs[name].id.removeprefix("file:").rpartition(":")
    net = runpy.run_path(path)[factory]()
    with torch.no_grad():
        return net[: layer + 1](to_tensor(view.picture, view.card.preprocess))[0].numpy()


# --- columns


def test_explores_model_stands_beside_itself_and_a_demo_beside_its_twin(compare: Compare) -> None:
    app = compare("one", named=False)
    spec = app.card.spec
    assert [column.model for column in app.compare.doc.columns] == [spec, spec]
    assert all(view.fits for view in app.compare.columns)
    assert twin_of(ModelSpec("demo:shapes-cnn")) == ModelSpec("demo:shapes-cnn-untrained")
    assert twin_of(app.card.spec) == app.card.spec


def test_both_columns_show_what_plain_torch_computes(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "other")
    app.compare.scrub(0, 3)
    assert app.compare.taps == ["3", "3"]
    for name, view in zip(("one", "other"), app.compare.columns, strict=True):
        np.testing.assert_allclose(view.shown.maps, plainly(specs, name, 3, view), rtol=1e-4, atol=1e-5)
        assert view.mosaic.mosaic is not None
        assert view.strip.current == 3


def test_columns_are_added_swapped_and_removed(compare: Compare) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    assert not one.remove.isVisible()
    other.copy.click()
    app.rest()
    first, second, third = app.compare.columns
    assert (first, second) == (one, other)
    assert third.capture is not None
    assert third.card is second.card
    one.swap.click()
    assert app.compare.columns == [second, first, third]
    assert [view.letter for view in app.compare.columns] == ["A", "B", "C"]
    app.qt.processEvents()
    places = [view.panel.x() for view in app.compare.columns]
    assert sorted(set(places)) == places
    control.duplicate(third.key)
    app.rest()
    assert not app.compare.add.isVisible()
    for view in app.compare.columns[2:]:
        view.remove.click()
    assert app.compare.columns == [second, first]
    assert not first.remove.isVisible()


def test_a_model_that_cannot_run_leaves_the_column_as_it_was(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "other")
    control, view = app.compare, app.compare.columns[1]
    before = view.shown.maps
    control.set_model(1, ModelSpec("torchvision:no_such_net"))
    app.rest()
    assert control.doc.column(1).model == specs["other"]
    np.testing.assert_array_equal(view.shown.maps, before)
    assert app.banner.kind == "error"
    control.set_model(1, specs["broken"])
    app.rest()
    np.testing.assert_array_equal(view.shown.maps, before)
    assert "strike" in view.status
    control.set_model(1, specs["other"])
    app.rest()
    assert view.fits
    assert not view.status


def test_explore_is_not_disturbed(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "other", "crop")
    document, capture = app.explore.document, app.capture
    app.compare.set_input(1, InputRef("sample", other_sample()))
    app.compare.step(2)
    app.compare.select(0, 3)
    app.rest()
    assert (app.explore.document, app.capture, app.card.spec) == (document, capture, specs["one"])
    app.show_workspace("explore")
    compared = app.compare.taps
    app.change(tap="1")
    app.rest()
    assert app.shown.tap.name == "1"
    assert app.compare.taps == compared
    assert compared[0] != "1"


# --- links


def test_scrubbing_one_moves_the_others_without_a_forward(compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    app = compare("one", "crop")
    monkeypatch.setattr(app.desk, "submit", lambda *_: pytest.fail("something was asked of the engine"))
    one, crop = app.compare.columns
    for index in range(len(one.layers)):
        one.strip.view.go(index)
        assert one.strip.current == index
        assert crop.strip.current == round(index / (len(one.layers) - 1) * (len(crop.layers) - 1))
    turn(crop.strip, -10)
    assert (one.strip.current, crop.strip.current) == (0, 0)


def test_an_offset_stays_when_a_column_is_linked_again(compare: Compare) -> None:
    app = compare("one", "other")
    control, other = app.compare, app.compare.columns[1]
    control.scrub(0, 2)
    other.lock.click()
    control.scrub(1, 4)
    assert app.compare.taps == ["2", "4"]
    other.lock.click()
    assert other.lock.text() == "Linked +2"
    control.scrub(0, 3)
    assert app.compare.taps == ["3", "5"]
    control.scrub(1, 4)
    assert app.compare.taps == ["2", "4"]
    control.set_link(Link.DEPTH)
    assert app.compare.taps == ["2", "2"]


def test_equal_stride_and_no_link(compare: Compare) -> None:
    app = compare("one", "crop")
    control, one = app.compare, app.compare.columns[0]
    choose(control.link, Link.STRIDE)
    control.scrub(0, one.index("4"))  # cells of 2 of 32 pixels: those of the first two layers of the other
    assert app.compare.taps[1] in ("0", "1")
    choose(control.link, Link.NONE)
    before = app.compare.taps[1]
    control.scrub(0, 0)
    assert app.compare.taps == ["0", before]
    assert not one.lock.isVisible()


def test_a_frozen_column_keeps_layer_and_input(compare: Compare) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    old = other.picture
    other.freeze.click()
    control.scrub(0, 4)
    assert app.compare.taps[0] != app.compare.taps[1]
    app.open_pixels(np.full((40, 60, 3), 90, np.uint8), "grey")
    app.rest()
    assert one.capture.picture.name == "grey"
    assert other.capture.picture is old
    other.freeze.click()
    app.rest()
    assert other.capture.picture.name == "grey"


def test_one_model_on_two_inputs(compare: Compare) -> None:
    app = compare("one", "one")
    control, (one, other) = app.compare, app.compare.columns
    control.set_input(1, InputRef("sample", other_sample()))
    app.rest()
    assert one.capture.picture.digest != other.capture.picture.digest
    assert not np.array_equal(one.shown.maps, other.shown.maps)
    control.set_input(1, None)
    app.rest()
    np.testing.assert_array_equal(one.shown.maps, other.shown.maps)


# --- one cursor


def test_pointing_at_one_column_marks_the_same_place_in_all(compare: Compare) -> None:
    app = compare("one", "crop")
    control, (one, crop) = app.compare, app.compare.columns
    control.scrub(0, 0)
    mosaic = one.mosaic
    mosaic.grab()
    centre = mosaic.channel_rect(0).center().toPoint()
    point(mosaic, centre)
    y, x = pointed(one.mosaic)
    assert (abs(y - 16) <= 1, abs(x - 16) <= 1) == (True, True)
    assert pointed(crop.mosaic) == ((y - 8) // 2, (x - 8) // 2)  # the middle half, in cells of two pixels
    assert crop.note.text().startswith("cell (")
    assert "column" in app.compare.cursor.text()
    point(one.image, QPoint(2, 2))
    assert pointed(one.mosaic) == (0, 0)
    assert pointed(crop.mosaic) is None
    assert crop.note.text() == "not seen by this model"
    QApplication.sendEvent(one.image, _leave())
    assert control.pointed is None
    assert "centre crop" in crop.note.text()


def _leave() -> Any:
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


# --- values


def test_a_difference_is_that_of_plain_torch(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    assert not one.minus.isVisible()
    other.minus.click()
    control.scrub(0, 1)
    expected = plainly(specs, "other", 1, other) - plainly(specs, "one", 1, one)
    np.testing.assert_allclose(other.shown.maps, expected, rtol=1e-3, atol=1e-4)
    assert other.shown.limits.signed
    assert f"RMS {np.sqrt((expected**2).mean()):.2f}"[:8] in other.subtitle.accessibleName()
    control.scrub(0, len(one.layers) - 1)
    scores = plainly(specs, "other", 7, other) - plainly(specs, "one", 7, one)
    np.testing.assert_allclose(other.shown.vector, scores, rtol=1e-3, atol=1e-4)
    control.swap(0)
    assert not control.doc.columns[0].minus
    np.testing.assert_allclose(other.shown.vector, plainly(specs, "other", 7, other), rtol=1e-3, atol=1e-4)


def test_other_architectures_have_no_difference_but_a_rank_correlation(compare: Compare) -> None:
    app = compare("one", "crop")
    control, (one, crop) = app.compare, app.compare.columns
    assert not crop.minus.isVisible()
    control.scrub(0, 0)
    app.rest()
    row = table_rows(crop.numbers)[-1]
    assert row.label == "rank corr. A"
    # by hand: of the mean sizes over the middle half, two by two cells of one for each cell of the other
    fine, coarse = (np.abs(view.shown.maps.astype(np.float64)).mean(0) for view in (one, crop))
    a, b = fine[8:24, 8:24].ravel(), np.kron(coarse, np.ones((2, 2))).ravel()
    assert abs(float(row.value.replace("−", "-")) - _spearman(a, b)) < 0.01
    control.scrub(0, len(one.layers) - 1)
    app.rest()
    assert table_rows(crop.numbers)[-1].value == "–"


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    """As in its definition: Pearson's correlation of the mean ranks."""
    ranks = [(np.less.outer(v, v).sum(0) + np.equal.outer(v, v).sum(0) / 2) for v in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


def test_a_shared_scale_means_one_colour_for_one_value(compare: Compare) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    control.scrub(0, 0)
    choose(control.scale, SharedScale.ALL)
    most = max(float(np.abs(view.shown.maps).max()) for view in (one, other))
    for view in (one, other):
        assert view.shown.limits.of(0) == pytest.approx((-most, most))
        assert "colours" in view.subtitle.accessibleName()
    choose(control.scale, SharedScale.PER_LAYER)
    assert one.shown.limits.of(0) != other.shown.limits.of(0)


def test_z_scores_are_of_each_columns_layer_and_its_numbers_stay_its_own(compare: Compare) -> None:
    app = compare("one", "other")
    control, both = app.compare, app.compare.columns
    control.scrub(0, 0)
    app.rest()
    ranges = [table_rows(view.numbers) for view in both]
    choose(control.scale, SharedScale.ZSCORE)
    app.rest()
    for view in both:
        values = view.capture.values[view.shown.tap.name].astype(np.float64)
        np.testing.assert_allclose(view.shown.maps, (values - values.mean()) / values.std(), rtol=1e-4, atol=1e-5)
        assert view.shown.limits.of(0) == (-3.0, 3.0)
        assert view.plain.maps.astype(np.float64) == pytest.approx(values)
        assert "colours −3.00 … 3.00 σ" in view.subtitle.accessibleName()
    assert [table_rows(view.numbers) for view in both] == ranges


def test_a_channel_is_selected_in_all_columns_of_its_architecture(compare: Compare) -> None:
    app = compare("one", "other", "crop")
    app.compare.select(0, 3)
    assert [column.channel for column in app.compare.doc.columns][:2] == [3, 3]
    assert selected(app.compare.columns[1].mosaic)[0] == 3


# --- keys and the frame


def test_keys_act_on_the_workspace_in_front(compare: Compare, qtbot: Any) -> None:
    app = compare("one", "other")
    window = app.main_window
    app.compare.scrub(0, 1)
    document = app.explore.document
    for key in (Qt.Key.Key_J, Qt.Key.Key_S, Qt.Key.Key_F):
        qtbot.keyClick(window, key)
    assert app.compare.taps == ["2", "2"]
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert app.compare.doc.scale is SharedScale.PER_LAYER
    assert window.compare.scale.currentData() == SharedScale.PER_LAYER
    assert app.explore.document == document
    assert not window.explore.strip.play.isChecked()
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert window.workspace == "explore"
    assert window.toolbar.model.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_J)
    assert app.compare.taps == ["2", "2"]
    assert app.session.tap != document.tap
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.workspace == "compare"
    assert not window.toolbar.model.isVisible()


def test_menus_choose_for_one_column(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "other")
    one, other = app.compare.columns
    menu = other.model.menu()
    menu.aboutToShow.emit()
    seeded = next(action for action in menu.actions() if action.text().startswith("seeded"))
    seeded.trigger()
    app.rest()
    assert other.card.spec == ModelSpec("demo:seeded")
    assert one.card.spec == app.card.spec == specs["one"]
    inputs = other.input.menu()
    inputs.aboutToShow.emit()
    assert not inputs.actions()[0].isEnabled()  # it has the shared one


def test_both_themes_are_drawn_again(compare: Compare) -> None:
    app = compare("one", "other")
    app.compare.scrub(0, 0)
    dark = app.compare.columns[0].shown.colormap
    app.commands.appearance.set_theme("light")
    app.rest()
    assert app.compare.columns[0].shown.colormap != dark
    app.commands.appearance.set_theme("dark")


def test_a_picture_of_it_without_a_display(qapp: Any, specs: dict[str, ModelSpec], tmp_path: Path) -> None:
    from PIL import Image

    from explorer.cli import run

    out = tmp_path / "compare.png"
    argv = ["screenshot", "--workspace", "compare", "--trust-code", "--input", "sample:cat", "--out", str(out)]
    both = ["--model", specs["one"].id, "--model", specs["crop"].id]
    assert run([*argv, *both, "--tap", "3", "--cell", "2,2"]) == 0
    assert np.asarray(Image.open(out)).shape[:2] == (800, 1280)
    assert run([*argv, "--model", specs["one"].id]) == 1
    assert run([*argv, *both, "--tap", "nowhere"]) == 1
    assert run([*argv, *both, "--panel", "health"]) == 1


def test_opened_before_there_is_a_model_it_waits_for_the_first(
    window: Callable[..., Any], qtbot: Any, specs: dict[str, ModelSpec]
) -> None:
    app = window()
    app.show_workspace("compare")
    app.start(specs["one"], InputRef("sample", "cat"))
    qtbot.waitUntil(
        lambda: len(app.compare.columns) == 2 and all(view.fits for view in app.compare.columns), timeout=60_000
    )


def test_a_tap_that_was_dropped_for_the_budget_is_computed_again(compare: Compare) -> None:
    app = compare("one", "other")
    control, (one, other) = app.compare, app.compare.columns
    want = other.capture.values["3"].copy()
    app.desk.bench.store.clear()
    app.desk.bench.store.budget = 60_000  # a few layers of it
    app.open_input(InputRef("sample", other_sample()))
    app.rest()
    app.open_input(InputRef("sample", "cat"))
    app.rest()
    assert other.capture.dropped
    other.minus.click()
    for at in range(len(one.layers)):
        control.scrub(0, at)
        app.rest()
        assert one.shown is not None
        assert other.shown is not None
    control.scrub(0, 3)
    app.rest()
    np.testing.assert_array_equal(other.plain.maps, want)
