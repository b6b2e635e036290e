"""The page of health: the engine's numbers, streamed and kept, a table that orders the maps, a file, and what is left out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looks import selected, table_rows
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from explorer.core.dataset import Over
from explorer.core.health import Health
from explorer.core.render import SortKey
from explorer.core.session import from_json, to_json
from explorer.core.types import InputRef, ModelSpec, Preprocess
from explorer.engine.inputs.gallery import gallery_samples
from explorer.engine.measure.health import health
from explorer.engine.measure.samples import of_folder
from explorer.engine.runner import Event, Lane
from explorer.methods.health.spec import HealthParams

PRE = Preprocess(32, 32, resize=32)


def opened(app: Any, settle: Callable[[Any], None], **place: Any) -> Any:
    app.window.explore.channel.set_page("health")
    app.controller.change(**{"channel": 2, **place})
    settle(app)
    return app.controller.understand.page("health")


def measured(app: Any, settle: Callable[[Any], None], over: Over | None = None) -> Any:
    control = opened(app, settle)
    control.set_params(HealthParams(over or Over()))
    control.view.start.click()
    settle(app)
    return control


def value(control: Any, label: str) -> str:
    return next(row.value for row in table_rows(control.view.result.summary) if row.label == label)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "pictures"
    for label, seeds in (("bright", (1, 2)), ("dark", (3, 4, 5))):
        (root / label).mkdir(parents=True)
        for seed in seeds:
            pixels = np.random.default_rng(seed).integers(0, 256 if label == "bright" else 60, (40, 40, 3), np.uint8)
            Image.fromarray(pixels).save(root / label / f"{seed}.png")
    (root / "dark" / "broken.png").write_bytes(b"no picture")
    return root


def test_this_picture_is_measured_as_its_maps_say(app: Any, settle: Any) -> None:
    control = measured(app, settle)
    maps = app.controller.view.capture.values["relu"].astype(np.float64)
    assert control.result.final
    assert [row.mean for row in control.result.channels] == pytest.approx(maps.mean((1, 2)).tolist(), abs=1e-6)
    dead = int((maps.max((1, 2)) <= 0).sum())
    assert value(control, "dead") == f"{dead} of 6"
    assert value(control, "inputs") == "1"
    counts, edges = control.view.result.histogram._counts, control.view.result.histogram._edges
    assert np.array_equal(counts, np.histogram(maps[2], edges)[0])
    app.controller.change(channel=4)
    assert control.view.result.histogram._counts.sum() == maps[4].size
    assert control.view.result.table.currentIndex().row() == control.view.result.table.order.index(4)


def test_a_click_in_the_table_selects_the_channel_in_the_maps(app: Any, settle: Any, qtbot: Any) -> None:
    control = measured(app, settle)
    table = control.view.result.table
    app.window.explore.channel.ensureWidgetVisible(table)
    where = table.visualRect(table.rows.index(3, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert app.controller.session.channel == 3
    assert selected(app.window.explore.maps.mosaic)[0] == 3
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert app.controller.session.channel == 4


def test_a_folder_with_classes_and_a_broken_file(
    app: Any, settle: Any, module: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    control = opened(app, settle)
    box = control.view.form.editors["inputs"].widget
    box.setCurrentIndex(box.findData("folder"))
    box.activated.emit(2)
    control.view.start.click()
    settle(app)
    expected = [h for h in health(module(app), "relu", of_folder(folder, PRE)) if h is not None][-1]
    assert value(control, "inputs") == "5, 1 left out"
    assert control.view.result.out.item(0).text().startswith("dark/broken.png: ")
    for row, other in zip(control.result.channels, expected.channels, strict=True):
        assert (row.mean, row.prefers) == (pytest.approx(other.mean, abs=1e-6), other.prefers)
    titles = [column.title for column in control.view.result.table.rows.columns]
    assert titles[-2:] == ["selective", "class"]


def test_the_table_is_saved_as_a_file(
    app: Any, settle: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = measured(app, settle)
    path = tmp_path / "health.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(app.controller.saved, timeout=60_000):
        control.view.exports[0].click()
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [float(row["maximum"]) for row in rows] == [row.maximum for row in control.result.channels]


def test_the_maps_take_the_order_of_the_table_and_there_is_a_way_back(app: Any, settle: Any) -> None:
    control = measured(app, settle)
    table, view, sort = control.view.result.table, app.controller.view, app.window.explore.maps.sort
    titles = [column.title for column in table.rows.columns]
    table.sortByColumn(titles.index("zeros"), Qt.SortOrder.DescendingOrder)
    zeros = [row.sparsity for row in control.result.channels]
    assert [zeros[c] for c in table.order] == sorted(zeros, reverse=True)
    control.view.result.sort.click()
    assert view.shown.order.tolist() == list(table.order)
    assert "zeros ↓" in sort.currentText()
    assert from_json(to_json(app.controller.session)).order.channels == table.order
    app.controller.change(tap="down")
    assert view.shown.order.tolist() == list(range(8))
    assert sort.findData(SortKey.MEASURED) < 0
    app.controller.change(tap="relu")
    assert view.shown.order.tolist() == list(table.order)
    sort.setCurrentIndex(sort.findData(SortKey.INDEX))
    sort.activated.emit(0)
    assert view.shown.order.tolist() == list(range(6))
    app.controller.change(sort=SortKey.DISTANCE)
    app.commands.next_sort()
    assert view.shown.order.tolist() == list(table.order)  # still among the choices


def test_an_order_goes_with_its_model(app: Any, settle: Any, qtbot: Any) -> None:
    control = measured(app, settle)
    control.view.result.sort.click()
    app.controller.open_model(ModelSpec("demo:seeded"))
    qtbot.waitUntil(lambda: app.controller.card.source == "demo", timeout=60_000)
    settle(app)
    assert app.controller.session.order is None
    assert app.controller.session.sort is SortKey.INDEX
    assert control.result is None


def test_what_was_measured_of_a_layer_is_kept(app: Any, settle: Any) -> None:
    control = measured(app, settle)
    first = control.result
    app.controller.change(tap="down")
    assert control.result is None
    assert not control.view.results.isVisible()
    app.controller.change(tap="relu")
    assert control.result is first
    app.controller.open_input(InputRef("sample", "house"))
    settle(app)
    assert control.result is None  # of another picture
    control.set_params(HealthParams(Over("gallery")))
    control.view.start.click()
    settle(app)
    assert control.result.count == len(gallery_samples())
    app.controller.open_input(InputRef("sample", "cat"))
    settle(app)
    assert control.result is not None


def test_it_can_be_cancelled_and_leaving_stops_it(app: Any, settle: Any, module: Any) -> None:
    control = opened(app, settle)
    control.set_params(HealthParams(Over("gallery")))
    control.view.start.click()
    assert control.view.start.text() == "Cancel"
    control.view.start.click()
    assert control.view.start.text() == "Measure"
    control.view.start.click()
    app.window.explore.channel.set_page("values")
    assert not control.waiting
    settle(app)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module(app).modules())
    partial = Health("relu", 4, 9, (), 1.0, 1.0, np.zeros((0, 1)), np.zeros(2), total=32)
    control._results.put(control.request, partial)
    control._say_state()
    assert "4 of 32" in control.view.status.text()


def test_a_late_answer_is_dropped_and_a_failure_said_in_place(app: Any, settle: Any, tmp_path: Path) -> None:
    control = measured(app, settle, Over("folder", str(tmp_path / "gone")))
    assert "gone" in control.view.status.text()
    assert not control.view.progress.isVisible()
    assert app.window.banner.kind != "error"
    stale = Health("relu", 1, 1, (), 1.0, 1.0, np.zeros((0, 1)), np.zeros(2))
    app.controller.receive(Event(1, Lane.METHOD, control._task.key, value=stale))
    assert control.result is None


def test_a_vector_is_measured_but_its_entries_have_no_maps_to_sort(app: Any, settle: Any) -> None:
    control = measured(app, settle)
    assert control.view.result.sort.isEnabled()
    app.controller.change(tap="fc", channel=0)
    control.view.start.click()
    settle(app)
    assert len(control.result.channels) == 4
    assert not control.view.result.sort.isEnabled()


def test_edits_must_go_first(app: Any, settle: Any) -> None:
    from explorer.core.edits import Edit

    control = opened(app, settle)
    app.controller.understand.ablation._set((Edit("relu", (1,)),))
    settle(app)
    assert "without edits" in control.view.message.text()


def test_the_page_is_reached_by_its_number_and_told_on_the_key_sheet(app: Any, qtbot: Any) -> None:
    number = app.window.explore.channel.names.index("health") + 1
    qtbot.keyClick(app.window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
    assert app.window.explore.channel.page == "health"
    assert f"Ctrl + 1 … {len(app.window.explore.channel.names)}" in app.window.keys.accessibleDescription()
    tabs = app.window.explore.channel.tabs
    assert all(tabs.rect().contains(button.geometry()) for button in tabs._buttons)
