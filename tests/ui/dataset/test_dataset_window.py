"""Dataset and Examples in the window with the real engine: an index is made, browsed, and leads to Explore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from tiny_classes import tiny_classes

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.dataset_place import DatasetPage, DatasetPlace

LAYER = "stage2.1"


@pytest.fixture
def app(window: Callable[..., Any]) -> Any:
    out = window()
    out.start(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"))
    out.wait_capture()
    out.rest()
    return out


@pytest.fixture
def indexed(app: Any, tmp_path: Path) -> Any:
    """An index of sixteen pictures, made in the workspace."""
    folder = Path(tiny_classes(tmp_path / "classes", 8).folder)
    app.turn_to("dataset")
    app.drop([str(folder)])
    view = app.view("dataset").view
    assert view.making.data.toolTip() == str(folder)
    view.making.main.click()
    app.rest()
    assert not app.failures
    return app


def test_an_index_is_made_and_browsed(indexed: Any) -> None:
    app, view = indexed, indexed.view("dataset").view
    assert view.making.words.text().startswith("All 24 indexed")
    assert view.indexes.list.item(0).text().startswith("shapes-cnn\nclasses · 24 · ")  # before those that ship
    assert view.indexes.list.currentRow() == 0
    many = len(view.pictures.grid.items)
    assert many == app.view("dataset").lab.facts.done > 0
    view.tabs.setCurrentIndex(1)
    app.change(tap=LAYER)
    app.rest()
    assert len(view.channels.table.order) == 64
    view.tabs.setCurrentIndex(2)
    app.rest()
    assert len(app.view("dataset").scatter.found.ids) == many
    assert app.session.dataset.page is DatasetPage.SCATTER
    name = view.pictures.grid.items[3].path
    view.pictures.opened.emit(name)
    app.rest()
    assert len(view.chosen.grid.items) == min(many - 1, 12)
    view.chosen.open.click()
    app.rest()
    assert app.workspace == "explore"
    assert app.session.input.path.endswith(name)


def test_examples_open_with_their_cell_in_one_step(indexed: Any, qtbot: Any) -> None:
    app, page = indexed, indexed.page("examples")
    app.turn_to("explore")
    app.change(tap=LAYER, channel=7, cell=None)
    app.open_page("examples")
    app.rest()
    assert [tile.picture is not None for tile in page.tiles] == [True] * 9
    before, best = app.session, page.found.entries[0]
    page.tiles[0].click()
    app.rest()
    assert app.session.input.path.endswith(best.picture.path)
    assert (app.session.channel, app.session.cell) == (7, best.cell)
    # what Explore computes there is what the index says
    shown = app.shown.maps[7]
    assert shown[best.cell] == pytest.approx(best.value, abs=1e-4)
    assert shown.max() == pytest.approx(best.value, abs=1e-4)
    app.history.back()
    app.rest()
    assert (app.session.input, app.session.cell) == (before.input, before.cell)
    # by keys: down, right, open
    page.tiles[0].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(page.tiles[0], Qt.Key.Key_Down)
    qtbot.keyClick(page.tiles[3], Qt.Key.Key_Right)
    assert page.preview.isVisible()
    fifth = page.found.entries[4]
    qtbot.keyClick(page.tiles[4], Qt.Key.Key_Return)
    app.rest()
    assert app.session.input.path.endswith(fifth.picture.path)
    assert app.session.cell == fifth.cell
    # cells of the least ones are found when the hand rests
    app.change(tap="head", channel=2, cell=None)
    page.set_order("least")
    app.rest()
    values = [entry.value for entry in page.found.entries]
    assert values == sorted(values)
    assert all(entry.cell is not None for entry in page.found.entries)


def test_an_index_that_is_dropped_on_another_workspace_is_shown(indexed: Any) -> None:
    app = indexed
    store = app.view("dataset").lab.facts.path
    app.turn_to("explore")
    app.change(dataset=DatasetPlace())
    app.drop([store])
    app.rest()
    assert app.workspace == "dataset"
    assert app.session.dataset.store == store
    assert not app.failures
