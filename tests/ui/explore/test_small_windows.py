"""Explore on a screen of 1920 x 1080 at 200 %, on one of 1024 x 700, and with large text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec, Preprocess
from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog
from explorer.ui.remembered_look import TEXT
from explorer.ui.settings import Settings
from tests.pictures.geometry import findings

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CNN = ModelSpec("demo:shapes-cnn")
STAR = InputRef("sample", "world-14-star-checks")


def beyond(app: Any) -> tuple[int, int]:
    """What of the workspace lies outside the window."""
    place = app.main_window._places["explore"]
    return place.horizontalScrollBar().maximum(), place.verticalScrollBar().maximum()


def opened(window: Callable[..., Any], size: tuple[int, int], text: int = 100) -> Any:
    settings = Settings(lasting=False)
    settings.put(TEXT, text)
    app = window(size=size, settings=settings)
    app.start(CNN, STAR)
    app.wait_capture()
    app.rest()
    for _ in range(12):  # layouts in layouts
        app.qt.processEvents()
    return app


@pytest.mark.parametrize("size", [(960, 540), (1024, 700)])
def test_explore_has_room_and_no_page_is_cut_off(window: Callable[..., Any], size: tuple[int, int]) -> None:
    app = opened(window, size)
    channel = app.explore.channel
    for name in channel.names:
        channel.area.set_page(name)
        app.rest()
        assert beyond(app) == (0, 0), name
        assert findings(app.main_window) == (), name
    assert channel.map.view.height() >= 50
    assert channel.area.area.height() >= 75


def test_large_text_leaves_the_map_its_room(window: Callable[..., Any]) -> None:
    app = opened(window, (1280, 800), 150)
    assert beyond(app) == (0, 0)
    assert app.explore.channel.map.view.height() > 100


def test_a_dialog_on_a_low_screen_scrolls_and_nothing_in_it_is_squeezed(qtbot: QtBot, qapp: Any) -> None:
    below = QWidget()
    qtbot.addWidget(below)
    below.resize(960, 540)
    dialog = PreprocessDialog(Preprocess(), Preprocess(), parent=below)
    room = QSize(960, 500)
    dialog.screen = lambda: _Screen(room)  # type: ignore[method-assign, assignment, return-value]
    dialog.show()
    for _ in range(12):
        qapp.processEvents()
    assert dialog.height() <= 500
    assert dialog.findChildren(QScrollArea)
    assert findings(dialog) == ()
    dialog.close()


class _Screen:
    def __init__(self, room: QSize) -> None:
        self._room = room

    def availableSize(self) -> QSize:
        return self._room


def test_the_controls_of_maps_keep_one_line_where_a_window_is_usual(window: Callable[..., Any]) -> None:
    app = opened(window, (1280, 800))
    maps = app.main_window.explore.maps
    line = {control.y() for control in (maps.shows, maps.sort, maps.scale, maps.colours, maps.fit)}
    assert len(line) == 1
