"""The matrix of CKA in the real window: drawn as the engine computes it, walked through, linked by, refused, cancelled, kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hands import point, surface
from looks import selected
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from explorer.core.dataset import Over
from explorer.core.interventions import Edit
from explorer.core.render import colormaps
from explorer.core.representations import Cka, Matches
from explorer.core.session.cka_path import by_path
from explorer.core.session.comparison import Link
from explorer.engine.jobs.runner import Event, Lane
from explorer.engine.representations.channel_correlation import match_channels
from explorer.engine.representations.cka import cka
from explorer.engine.representations.paired_stream import ComparedModel, of_folder
from explorer.ui.graphics.matrix_panel import COLORMAP

Compare = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Over]:
    """A folder of so many pictures."""

    def made(count: int, same: bool = False) -> Over:
        root = tmp_path / f"pictures{count}{same}"
        root.mkdir()
        for number in range(count):
            rng = np.random.default_rng(0 if same else number)
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(root / f"{number:02}.png")
        return Over("folder", str(root))

    return made


def alike(app: Any) -> Any:
    return app.compare.alike


def started(app: Any, over: Over) -> Any:
    control = alike(app)
    if not app.compare.fold.isChecked():  # beside three columns it is folded away
        app.compare.fold.click()
    control.choose(over)
    control.start.click()
    app.rest()
    return control


def expected(app: Any, one: Any, other: Any, over: Over) -> Cka:
    """What the engine says of the models of two columns, asked without the window."""
    bench = app.desk.bench
    sides = [ComparedModel(bench.model(view.of.digest)) for view in (one, other)]
    return [found for found in cka(*sides, of_folder(over.path)) if found is not None][-1]


def click(control: Any, row: int, column: int, qtbot: Any) -> None:
    middle = control.matrix.cell((row, column)).center().toPoint()
    qtbot.mouseClick(surface(control.matrix), Qt.MouseButton.LeftButton, pos=middle)


def test_the_matrix_is_the_engines_and_drawn_cell_by_cell(compare: Compare, folder: Any) -> None:
    app = compare("one", "crop")
    one, crop = app.compare.columns
    over = folder(33)
    control = started(app, over)
    found, oracle = control.kept.result, expected(app, one, crop, over)
    assert (found.rows, found.columns, found.count) == (oracle.rows, oracle.columns, 33)
    np.testing.assert_allclose(found.values, oracle.values)
    matrix = control.matrix
    image = matrix.grab().toImage()
    table = colormaps.table(COLORMAP)
    matrix.set_current(None)
    matrix.set_matrix(matrix.found)
    image = matrix.grab().toImage()
    for row in range(len(found.rows)):
        for column in range(len(found.columns)):
            colour = image.pixelColor(matrix.cell((row, column)).center().toPoint())
            wanted = table[round(255 * max(found.values[row, column], 0))]
            assert [colour.red(), colour.green(), colour.blue()] == wanted.tolist()
    assert not found.weak
    assert "33 inputs" in control.value.text()
    assert control.known()["cka"]["inputs"] == (33,)
    assert control.known()["cka"] is control.known()["cka"]  # asked for by lessons at every look, and made once


def test_too_few_are_refused_and_some_more_are_grey(compare: Compare, folder: Any) -> None:
    app = compare("one", "other")
    control = started(app, folder(3))
    assert control.kept is None
    assert "at least 4" in control.status.text()
    assert not control.progress.isVisible()
    assert app.banner.kind != "error"
    control = started(app, folder(5))
    assert control.kept.result.count == 5
    assert "Grey: 5 inputs" in control.status.text()
    matrix = control.matrix
    matrix.set_current(None)
    matrix.set_matrix(matrix.found)
    colour = matrix.grab().toImage().pixelColor(matrix.cell((0, 0)).center().toPoint())
    plain = colormaps.table(COLORMAP)[round(255 * max(control.kept.result.values[0, 0], 0))]
    assert colour.red() == round(0.35 * plain[0] + 0.65 * 128)


def test_a_layer_that_does_not_vary_has_no_value_and_says_so(compare: Compare, folder: Any) -> None:
    app = compare("one", "other")
    control = started(app, folder(4, same=True))
    assert not control.kept.result.known.any()
    assert "no value" in control.value.text()
    assert "A and B is constant" in control.value.text()
    assert "Hatched" in control.status.text()


def test_a_click_leads_both_columns_there_and_sets_the_offset(compare: Compare, folder: Any, qtbot: Any) -> None:
    app = compare("one", "other")
    control = started(app, folder(8))
    found = control.kept.result
    assert found.rows == ("0", "3", "7")
    click(control, 1, 2, qtbot)
    assert app.compare.taps == ["3", "7"]
    assert control.current == (1, 2)
    assert app.compare.columns[1].lock.text() == "Linked +4"
    assert control.row.toolTip() == "↓ A  3"
    qtbot.keyClick(control.matrix, Qt.Key.Key_Left)
    assert app.compare.taps == ["3", "3"]
    assert app.compare.columns[1].lock.text() == "Linked"
    qtbot.keyClick(control.matrix, Qt.Key.Key_Up)
    qtbot.keyClick(control.matrix, Qt.Key.Key_Up)
    assert app.compare.taps == ["0", "3"]
    app.compare.scrub(0, 4)  # a ReLU, spoken for by the layer before it
    assert control.current == (1, 2)
    assert control.row.toolTip() == "↓ A  3  +1"
    app.compare.columns[1].freeze.click()
    click(control, 0, 0, qtbot)
    assert app.compare.taps == ["0", "7"]
    assert "B is frozen" in control.status.text()


def test_hovering_tells_of_a_cell_and_leaving_of_the_present_one(compare: Compare, folder: Any) -> None:
    app = compare("one", "crop")
    control = started(app, folder(8))
    found, panel = control.kept.result, control
    app.compare.scrub(0, 0)
    before = panel.value.text()
    point(panel.matrix, panel.matrix.cell((2, 1)).center().toPoint())
    assert panel.row.toolTip() == f"↓ A  {found.rows[2]}"
    assert panel.column.toolTip() == f"→ B  {found.columns[1]}"
    assert panel.value.text() != before
    point(panel.matrix, QPoint(1, panel.matrix.height() - 1))
    assert panel.value.text() == before


def test_linked_along_the_path_without_a_forward(
    compare: Compare, folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = compare("one", "crop")
    control = app.compare
    one, crop = app.compare.columns
    control.scrub(0, 0)
    box = control.link
    box.setCurrentIndex(box.findData(Link.PATH))
    box.activated.emit(box.currentIndex())
    assert control.doc.link is Link.PATH
    assert "press Start" in alike(app).status.text()
    assert crop.lock.text() == "Needs CKA"
    before = app.compare.taps[1]
    control.scrub(0, 3)
    assert app.compare.taps == ["3", before]
    found = started(app, folder(8)).kept.result
    assert crop.lock.text() == "Linked"
    monkeypatch.setattr(app.desk, "submit", lambda *_: pytest.fail("something was asked of the engine"))
    path = by_path(found.values)
    last = ""
    for index, tap in enumerate(one.layers):
        control.scrub(0, index)
        if tap.name in found.rows:
            last = found.columns[path[found.rows.index(tap.name)]]
        assert app.compare.taps == [tap.name, last]
    control.scrub(1, 0)
    assert crop.strip.current == 0
    there = one.strip.current
    places = []
    for index in range(len(crop.layers)):
        control.scrub(1, index)
        places.append(one.strip.current)
    assert places == sorted(places)
    assert places[0] == there


def test_it_is_kept_for_both_directions_and_as_long_as_the_models_are_open(
    compare: Compare, folder: Any, specs: Any
) -> None:
    app = compare("one", "other", "crop")
    control = started(app, folder(8))
    found = control.kept.result
    app.compare.swap(0)
    np.testing.assert_array_equal(control.kept.result.values, found.values.T)
    assert control.kept.result.taps == found.taps[::-1]
    app.compare.swap(1)
    assert control.kept.result is found
    box = control.other
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert control.kept is None
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert control.kept.result is found
    app.compare.set_model(1, specs["crop"])
    app.rest()
    app.compare.set_model(1, specs["other"])
    app.rest()
    assert control.kept is None


def test_the_third_column_goes_by_way_of_the_first(compare: Compare, folder: Any) -> None:
    app = compare("one", "other", "crop")
    control, over = app.compare, folder(8)
    started(app, over)
    alike(app).set_other(2)
    started(app, over)
    one, other, crop = app.compare.columns
    there, on = other.routes[0], one.routes[2]
    assert other.routes[2] == tuple(on[place] for place in there)
    control.set_link(Link.PATH)
    control.scrub(1, 3)
    assert crop.strip.current == on[there[3]]


def test_edits_of_a_column_are_left_out_and_that_is_said(compare: Compare, folder: Any) -> None:
    app = compare("one", "other")
    control = started(app, folder(8))
    before = control.kept
    app.compare.set_edits(1, (Edit("0", (1,)),))
    app.rest()
    assert app.compare.columns[1].capture.edits
    assert control.kept is before
    assert "Edits of B are not applied here." in control.status.text()
    app.compare.set_edits(1, ())
    app.rest()
    assert "Edits" not in control.status.text()


def test_it_can_be_cancelled_and_what_comes_late_is_dropped(compare: Compare, folder: Any) -> None:
    app = compare("one", "other")
    control = alike(app)
    control.choose(folder(40))
    control.start.click()
    assert control.start.text() == "Cancel"
    assert control.progress.isVisible()
    control.start.click()
    assert control.start.text() == "Start"
    app.rest()
    assert control.kept is None
    stale = Cka(("0",), ("0",), np.ones((1, 1)), np.ones((1, 1), bool), 50, 64)
    app.receive(Event(1, Lane.METHOD, "compare cka", value=stale))
    assert control.kept is None
    module = app.desk.bench.model(app.compare.columns[0].of.digest).module
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())


def test_another_pair_stops_the_comparison(compare: Compare, folder: Any) -> None:
    app = compare("one", "other", "crop")
    control = alike(app)
    control.choose(folder(40))
    control.start.click()
    control.set_other(2)
    assert not control.waiting
    assert control.start.text() == "Start"


def test_a_partial_matrix_stays_and_says_where_it_stopped(compare: Compare) -> None:
    app = compare("one", "other")
    control = alike(app)
    partial = Cka(("0", "3"), ("0",), np.eye(2)[:, :1], np.ones((2, 1), bool), 36, 64, (("a.png", "broken"),), False)
    control.keep(partial)
    assert "Stopped after 36 inputs" in control.status.text()
    assert control.status.toolTip() == "a.png: broken"


def test_a_folder_is_asked_for_and_the_panel_folds(
    compare: Compare, folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = compare("one", "other")
    over = folder(4)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: over.path)
    control = alike(app)
    box = control.inputs
    box.setCurrentIndex(box.findData("folder"))
    box.activated.emit(box.currentIndex())
    assert control.over == over
    fold = app.compare.fold
    assert isinstance(fold, QPushButton)
    app.press(Qt.Key.Key_M)
    assert not control.panel.isVisible()
    control.need()
    assert control.panel.isVisible()
    started(app, over)
    control.choose(Over("gallery"))
    assert "values are over “pictures4False”" in control.status.text()


def test_a_picture_of_it_without_a_display(qapp: Any, specs: Any, tmp_path: Path) -> None:
    from explorer.cli import run

    out = tmp_path / "compare.png"
    argv = ["screenshot", "--workspace", "compare", "--trust-code", "--cka", "--out", str(out)]
    assert run([*argv, "--model", specs["one"].id, "--model", specs["crop"].id]) == 0
    with Image.open(out) as drawn:
        left = np.asarray(drawn.convert("RGB"))[140:520, 540:740]
    assert len(np.unique(left.reshape(-1, 3), axis=0)) > 12  # the cells of the matrix


# --- channels


def engines_matches(app: Any, tap: str, other: str, over: Over) -> Matches:
    bench, (one, two, *_) = app.desk.bench, app.compare.columns
    sides = ComparedModel(bench.model(one.of.digest), (tap,)), ComparedModel(bench.model(two.of.digest), (other,))
    steps = match_channels(*sides, of_folder(over.path))
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def found(app: Any, over: Over) -> Any:
    control = alike(app)
    control.choose(over)
    control.partners.start.click()
    app.rest()
    return control.partners


def test_the_partners_are_the_engines_and_lead_to_their_channel(compare: Compare, folder: Any) -> None:
    app = compare("one", "crop")
    control, over = app.compare, folder(5)
    control.scrub(0, 0)
    control.scrub(1, 0)
    control.lock(1, False)
    control.select(0, 2)
    section = found(app, over)
    matches = engines_matches(app, app.compare.taps[0], app.compare.taps[1], over)
    for line, chosen in ((section.best, matches.best), (section.assigned, matches.assigned)):
        partner = int(chosen[2])
        if partner < 0:
            assert line.found.toolTip() == "no match left"
            continue
        said, _, r = line.found.toolTip().partition("   r ")
        assert int(said) == partner
        assert float(r.replace("−", "-")) == pytest.approx(matches.correlation[2, partner], abs=0.01)
    assert f"over 5 inputs of “pictures5False”, {matches.points:,} locations" in section.status.text()
    section.best.go.click()
    assert [column.channel for column in control.doc.columns] == [2, int(matches.best[2])]
    assert selected(app.compare.columns[1].mosaic)[0] == int(matches.best[2])
    control.select(1, 1)  # now it is looked for the other way round
    assert section.of.toolTip() == "to channel 1 of B"
    assert section.best.found.toolTip().split()[0] == str(int(matches.correlation[:, 1].argmax()))


def test_going_to_a_partner_of_the_same_architecture_leaves_the_other_channel(compare: Compare, folder: Any) -> None:
    app = compare("one", "other")
    control = app.compare
    control.scrub(0, 0)
    control.select(0, 4)
    section, over = found(app, folder(5)), Over("folder", alike(app).over.path)
    section.assigned.go.click()
    partner = int(engines_matches(app, "0", "0", over).assigned[4])
    assert [column.channel for column in control.doc.columns] == [4, partner]


def test_partners_stand_at_the_same_place(compare: Compare, folder: Any) -> None:
    app = compare("one", "crop")
    control = app.compare
    one, crop = app.compare.columns
    control.scrub(0, 0)
    control.lock(1, False)
    control.scrub(1, 0)
    over = folder(5)
    section = found(app, over)
    section.order.click()
    matches = engines_matches(app, "0", "0", over)
    pairs = [(c, int(p)) for c, p in enumerate(matches.assigned) if p >= 0]
    grids = [view.mosaic.mosaic.grid for view in (one, crop)]
    assert grids[0].columns == grids[1].columns
    for channel, partner in pairs:
        assert one.mosaic.mosaic.position(channel) == crop.mosaic.mosaic.position(partner)
    assert sorted(one.shown.order) == list(range(6))
    control.scrub(0, 1)
    assert one.shown.order.tolist() == list(range(6))  # nothing is known of this layer
    control.scrub(0, 0)
    section.order.click()
    assert one.shown.order.tolist() == list(range(6))
    assert crop.shown.order.tolist() == list(range(4))


def test_a_search_can_be_cancelled_and_another_layer_stops_it(compare: Compare, folder: Any) -> None:
    app = compare("one", "other")
    control, section = alike(app), alike(app).partners
    app.compare.scrub(0, 0)
    control.choose(folder(40))
    section.start.click()
    assert section.start.text() == "Cancel"
    section.start.click()
    assert section.start.text() == "Find"
    section.start.click()
    app.compare.scrub(0, 1)
    assert not control.waiting
    app.rest()
    assert not section.best.isVisible()


def test_a_folder_that_is_gone_is_said_in_place(compare: Compare, tmp_path: Path) -> None:
    app = compare("one", "other")
    section = found(app, Over("folder", str(tmp_path / "gone")))
    assert "gone" in section.status.text()
    assert not section.progress.isVisible()
    assert app.banner.kind != "error"


def test_it_is_folded_away_where_columns_are_narrow_and_comes_back(compare: Compare) -> None:
    app = compare("one", "other", "crop")
    fold = app.compare.fold
    assert not fold.isChecked()
    app.main_window.resize(1920, 1080)
    app.qt.processEvents()
    assert fold.isChecked()
    app.main_window.resize(1280, 800)
    app.qt.processEvents()
    assert not fold.isChecked()
    fold.click()  # a person wants it all the same
    app.main_window.resize(1270, 790)
    app.qt.processEvents()
    assert fold.isChecked()
