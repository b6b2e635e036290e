"""The page of health: the engine's numbers, streamed and kept, a table that orders the maps, a file, and what is left out."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looks import histogram, selected, table_rows
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QToolButton

from explorer.core.dataset import Over
from explorer.core.health import Health
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.render import SortKey
from explorer.core.session.session import from_json, to_json
from explorer.engine.health.channel_health import health
from explorer.engine.inputs.dataset_samples import of_folder
from explorer.engine.inputs.gallery import gallery_samples
from explorer.engine.jobs.runner import Event, Lane
from explorer.methods.health.spec import HealthParams

PRE = Preprocess(32, 32, resize=32)


def opened(app: Any, **place: Any) -> Any:
    app.open_page("health")
    app.change(**{"channel": 2, **place})
    app.rest()
    return app.page("health")


def measured(app: Any, over: Over | None = None) -> Any:
    control = opened(app)
    control.set_params(HealthParams(over or Over()))
    control.start.click()
    app.rest()
    return control


def value(control: Any, label: str) -> str:
    return next(row.value for row in table_rows(control.summary) if row.label == label)


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


def test_this_picture_is_measured_as_its_maps_say(app: Any) -> None:
    control = measured(app)
    maps = app.capture.values["relu"].astype(np.float64)
    assert control.found.final
    assert [row.mean for row in control.found.channels] == pytest.approx(maps.mean((1, 2)).tolist(), abs=1e-6)
    dead = int((maps.max((1, 2)) <= 0).sum())
    assert value(control, "silent here") == f"{dead} of 6"  # one picture says nothing of others
    assert value(control, "inputs") == "1"
    counts, edges = histogram(control.histogram)
    assert np.array_equal(counts, np.histogram(maps[2], edges)[0])
    app.change(channel=4)
    assert histogram(control.histogram)[0].sum() == maps[4].size
    assert control.table.currentIndex().row() == control.table.order.index(4)


def test_a_click_in_the_table_selects_the_channel_in_the_maps(app: Any, qtbot: Any) -> None:
    control = measured(app)
    table = control.table
    app.explore.channel.scroll_to(table)
    where = table.visualRect(table.rows.index(3, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert app.session.channel == 3
    assert selected(app.explore.maps.mosaic)[0] == 3
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert app.session.channel == 4


def test_a_folder_with_classes_and_a_broken_file(
    app: Any, module: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    control = opened(app)
    box = control.editor("inputs")
    box.setCurrentIndex(box.findData("folder"))
    box.activated.emit(2)
    control.start.click()
    app.rest()
    expected = [h for h in health(module(app), "relu", of_folder(folder, PRE)) if h is not None][-1]
    assert value(control, "inputs") == "5, 1 skipped"
    assert control.out.item(0).text().startswith("dark/broken.png: ")
    for row, other in zip(control.found.channels, expected.channels, strict=True):
        assert (row.mean, row.prefers) == (pytest.approx(other.mean, abs=1e-6), other.prefers)
    titles = [column.title for column in control.table.rows.columns]
    assert titles[2:4] == ["selective", "class"]


def test_the_table_is_saved_as_a_file(app: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    control = measured(app)
    path = tmp_path / "health.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(app.saved, timeout=60_000):
        control.exports[0].click()
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [float(row["maximum"]) for row in rows] == [row.maximum for row in control.found.channels]


def test_the_maps_take_the_order_of_the_table_and_there_is_a_way_back(app: Any) -> None:
    control = measured(app)
    table, sort = control.table, app.explore.maps.sort
    titles = [column.title for column in table.rows.columns]
    table.sortByColumn(titles.index("zeros"), Qt.SortOrder.DescendingOrder)
    zeros = [row.sparsity for row in control.found.channels]
    assert [zeros[c] for c in table.order] == sorted(zeros, reverse=True)
    control.sort.click()
    assert app.shown.order.tolist() == list(table.order)
    assert "zeros ↓" in sort.currentText()
    assert from_json(to_json(app.session)).order.channels == table.order
    app.change(tap="down")
    assert app.shown.order.tolist() == list(range(8))
    assert sort.findData(SortKey.MEASURED) < 0
    app.change(tap="relu")
    assert app.shown.order.tolist() == list(table.order)
    sort.setCurrentIndex(sort.findData(SortKey.INDEX))
    sort.activated.emit(0)
    assert app.shown.order.tolist() == list(range(6))
    app.change(sort=SortKey.HERE)
    app.commands.next_sort()
    assert app.shown.order.tolist() == list(table.order)  # still among the choices


def test_an_order_goes_with_its_model(app: Any, qtbot: Any) -> None:
    control = measured(app)
    control.sort.click()
    app.open_model(ModelSpec("demo:seeded"))
    qtbot.waitUntil(lambda: app.card.source == "demo", timeout=60_000)
    app.rest()
    assert app.session.order is None
    assert app.session.sort is SortKey.INDEX
    assert control.found is None


def test_what_was_measured_of_a_layer_is_kept(app: Any) -> None:
    control = measured(app)
    first = control.found
    app.change(tap="down")
    assert control.found is None
    assert not control.results.isVisible()
    app.change(tap="relu")
    assert control.found is first
    app.open_input(InputRef("sample", "house"))
    app.rest()
    assert control.found is None  # of another picture
    control.set_params(HealthParams(Over("gallery")))
    control.start.click()
    app.rest()
    assert control.found.count == len(gallery_samples())
    app.open_input(InputRef("sample", "cat"))
    app.rest()
    assert control.found is not None


def test_it_can_be_cancelled_and_leaving_stops_it(app: Any, module: Any) -> None:
    control = opened(app)
    control.set_params(HealthParams(Over("gallery")))
    control.start.click()
    assert control.start.text() == "Cancel"
    control.start.click()
    assert control.start.text() == "Measure"
    control.start.click()
    app.open_page("values")
    assert not control.waiting
    app.rest()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module(app).modules())
    partial = Health("relu", 4, 9, (), 1.0, 1.0, np.zeros((0, 1)), np.zeros(2), total=32)
    control.take(partial)
    assert "4 of 32" in control.status.text()


def test_a_late_answer_is_dropped_and_a_failure_said_in_place(app: Any, tmp_path: Path) -> None:
    control = measured(app, Over("folder", str(tmp_path / "gone")))
    assert "gone" in control.status.text()
    assert not control.progress.isVisible()
    assert app.banner.kind != "error"
    stale = Health("relu", 1, 1, (), 1.0, 1.0, np.zeros((0, 1)), np.zeros(2))
    app.receive(Event(1, Lane.METHOD, control.key, value=stale))
    assert control.found is None


def test_a_vector_is_measured_but_its_entries_have_no_maps_to_sort(app: Any) -> None:
    control = measured(app)
    assert control.sort.isEnabled()
    app.change(tap="fc", channel=0)
    control.start.click()
    app.rest()
    assert len(control.found.channels) == 4
    assert not control.sort.isEnabled()


def test_edits_must_go_first(app: Any) -> None:
    from explorer.core.interventions import Edit

    control = opened(app)
    app.page("ablation").put((Edit("relu", (1,)),))
    app.rest()
    assert "without edits" in control.message.text()


def test_the_page_is_reached_by_its_number_and_told_on_the_key_sheet(app: Any) -> None:
    number = app.explore.channel.names.index("health") + 1
    app.press(getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
    assert app.explore.channel.page == "health"
    assert "Ctrl + 1 … 9" in app.keys.accessibleDescription()
    tabs = app.explore.channel.tabs
    seen = (button for button in tabs.findChildren(QToolButton) if not button.isHidden())
    assert all(tabs.rect().contains(button.geometry()) for button in seen)
