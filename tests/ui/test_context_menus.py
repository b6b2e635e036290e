"""A right click selects what lies under the pointer and offers the actions that are about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from explorer.ui.settings import Settings
from tests.pictures.picture_state import CNN, WORLD
from tests.support.driver import windows
from tests.support.looks import tile_centre


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    with windows() as opened:
        made = opened(settings=Settings(lasting=False))
        made.start(CNN, WORLD)
        made.wait_capture()
        made.rest()
        yield made


def words(menu: QMenu | None) -> list[str]:
    assert menu is not None
    return [entry.text().split("\t")[0] for entry in menu.actions() if not entry.isSeparator()]


def test_a_tile_is_selected_and_has_its_pages(app: Any) -> None:
    mosaic = app.main_window.explore.maps.mosaic
    app.change(channel=0)
    menu = app.commands.context_menus.menu_of(mosaic, mosaic.mapToGlobal(tile_centre(mosaic, 3)))
    assert app.session.channel == 3
    said = words(menu)
    assert {
        "Attribution",
        "Ablation",
        "Copy figure and values",
        "Save this map as PNG …",
        "Next sort order",
        "Show all",
    } <= set(said)
    next(entry for entry in menu.actions() if entry.text().startswith("Ablation")).trigger()
    assert app.session.page == "ablation"
    app.open_page("values")


def test_picture_map_strip_and_prediction_have_theirs(app: Any) -> None:
    explore, menus = app.main_window.explore, app.commands.context_menus
    assert "Paste" in words(menus.menu_of(explore.input.picture))
    assert "Copy as Python" in words(menus.menu_of(explore.channel.map.view))
    assert "Play the layers" in words(menus.menu_of(explore.strip.strip.view))
    bars = explore.input.prediction.view
    assert words(menus.menu_of(bars.viewport())) == ["Attribution", "Ablation"]
    assert menus.menu_of(app.toolbar.model) is None


def test_what_cannot_run_says_so_and_is_dim(app: Any) -> None:
    menu = app.commands.context_menus.menu_of(app.main_window.explore.input.picture)
    assert menu is not None
    for entry in menu.actions():
        name = next((one for one in app.commands.actions.registered if entry.text().startswith(one.title)), None)
        if name is not None:
            assert entry.isEnabled() == (not app.commands.actions.why_not(name))


def test_a_column_has_its_buttons(app: Any) -> None:
    app.turn_to("compare")
    app.rest()
    from explorer.ui.compare.column import ColumnPanel

    panel = next(one for one in app.main_window.findChildren(ColumnPanel) if one.isVisible())
    menu = app.commands.context_menus.menu_of(panel.mosaic)
    said = words(menu)
    assert {"Duplicate this column to the right", "Next view of the layer", "Add a column"} <= set(said)
    columns = len(app.session.comparison.columns)
    next(entry for entry in menu.actions() if entry.text().startswith("Duplicate this")).trigger()
    app.rest()
    assert len(app.session.comparison.columns) == columns + 1
    app.turn_to("explore")


def test_the_menu_key_asks_the_window(app: Any) -> None:
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QApplication

    mosaic, asked = app.main_window.explore.maps.mosaic, []
    app.main_window.menu_asked.disconnect()
    app.main_window.menu_asked.connect(lambda request: (asked.append(request.widget), setattr(request, "taken", True)))
    QApplication.sendEvent(mosaic, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5)))
    assert asked == [mosaic]
