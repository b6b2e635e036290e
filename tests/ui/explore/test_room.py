"""Results have room: tabs that stand still, pictures that are enlarged, connections of layers, sizes that are remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.ui.kept_sizes import keep_sizes
from explorer.ui.method_page.view import MethodPageView
from explorer.ui.settings import Settings
from explorer.ui.widgets.splitter import GripSplitter

CNN = ModelSpec("demo:shapes-cnn")
STAR = InputRef("sample", "world-14-star-checks")


@pytest.fixture
def app(window: Callable[..., Any]) -> Any:
    out = window()
    out.start(CNN, STAR)
    out.wait_capture()
    out.rest()
    return out


def where(app: Any, widget: QWidget) -> QPoint:
    return widget.mapTo(app.main_window, QPoint(0, 0))


def test_tabs_and_the_run_button_stand_still(app: Any) -> None:
    channel = app.explore.channel
    tabs, map_ = where(app, channel.tabs), where(app, channel.map)
    assert tabs.y() < map_.y()
    for name in channel.names:
        channel.area.set_page(name)
        app.qt.processEvents()
        assert where(app, channel.tabs) == tabs, name
    channel.area.set_page("attribution")
    page = app.page("attribution")
    app.qt.processEvents()
    run = where(app, page.run)
    for method in ("gradient", "grad-cam", "occlusion"):
        page.choose(method)
        app.qt.processEvents()
        assert where(app, page.run) == run, method
    page.toggle()
    app.rest()
    assert where(app, page.run) == run


def test_the_large_map_is_larger_where_there_is_more_room(app: Any) -> None:
    channel = app.explore.channel
    channel.area.set_page("attribution")
    app.qt.processEvents()
    before = channel.map.view.height()
    app.main_window.resize(1920, 1080)
    app.qt.processEvents()
    assert channel.map.view.height() > before + 60
    assert before > 120


def test_numbers_beside_the_map_leave_room_for_the_page(app: Any) -> None:
    channel = app.explore.channel
    channel.area.set_page("attribution")
    app.qt.processEvents()
    assert channel.map.view.height() > 120
    assert channel.area.height() > 220  # px of a page in a window of 1280 x 800
    words = next(label for label in channel.map.findChildren(QLabel) if label.isVisible())
    assert words.x() > channel.map.view.width()  # beside it
    channel.map.view.selected.emit(3, 4)
    app.rest()
    assert words.text().startswith(channel.reading.text())
    assert "cell (3, 4)" in words.text()


def test_a_double_click_enlarges_and_escape_goes_back(app: Any, qtbot: QtBot) -> None:
    map_, shown = app.explore.channel.map, app.main_window.enlarged
    home, before = map_.parentWidget(), map_.geometry()
    map_.view.box.double_clicked.emit(QPointF(1, 1))
    assert shown.parts == (map_,)
    assert map_.view.height() > 400
    layer = app.session.tap
    QTest.keyClick(map_.view, Qt.Key.Key_J)  # it follows the layers there
    app.rest()
    assert app.session.tap != layer
    QTest.keyClick(map_.view, Qt.Key.Key_Escape)
    assert shown.isHidden()
    assert map_.parentWidget() is home
    qtbot.waitUntil(lambda: map_.geometry() == before)
    map_.view.box.zoom_by(2, QPointF(3, 3))
    map_.view.box.double_clicked.emit(QPointF(1, 1))
    assert shown.isHidden()  # what is zoomed into is shown whole
    assert map_.view.box.zoom == 1


def test_the_key_enlarges_what_a_workspace_shows(app: Any) -> None:
    window, enlarging = app.main_window, app.commands.enlarging
    (action,) = enlarging.own_actions()
    app.change(workspace="compare")
    app.rest()
    assert not action.why_not()
    enlarging.toggle()
    (part,) = window.enlarged.parts
    assert window.enlarged.isVisible()
    assert part is not window.explore.channel.map
    enlarging.toggle()
    assert window.enlarged.isHidden()


def test_an_attribution_is_enlarged_beside_its_sanity_check(app: Any) -> None:
    page = app.page("attribution")
    app.explore.channel.area.set_page("attribution")
    page.toggle()
    app.rest()
    page.check.click()
    app.rest()
    app.commands.enlarging.enlarge(page.twin)
    given = app.main_window.explore.input.picture
    assert app.main_window.enlarged.parts == (given, page.twin)
    app.main_window.enlarged.dismiss()
    app.commands.enlarging.enlarge(given)
    assert app.main_window.enlarged.parts == (given, page.twin)
    app.main_window.enlarged.dismiss()


def test_connections_are_a_list_for_the_keyboard(app: Any) -> None:
    app.change(tap="stage2.0")
    app.rest()
    links = app.explore.strip.connections
    links.fill()
    said = [entry.text().split("    ")[0] for entry in links.menu.actions()]
    feeding, fed = ["stage2.0.norm2", "stage2.0.skip.1"], ["stage2.1.conv1", "stage2.1.relu2"]
    assert said == ["stage2.0.relu2 is fed by", *feeding, "", "and feeds", *fed]
    links.menu.actions()[2].trigger()
    app.rest()
    assert app.session.tap == said[2]


def test_grips_are_remembered_and_reset(qtbot: QtBot) -> None:
    def made(settings: Settings) -> GripSplitter:
        splitter = GripSplitter(Qt.Orientation.Horizontal, (QLabel("a"), QLabel("b")))
        qtbot.addWidget(splitter)
        splitter.resize(400, 100)
        splitter.begin([100, 290])
        keep_sizes(settings, {"two": splitter})
        return splitter

    settings = Settings(lasting=False)
    first = made(settings)
    begun = first.sizes()
    first.moveSplitter(250, 1)
    assert made(settings).sizes() == first.sizes() != begun
    at = QPointF(first.handle(1).rect().center())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    twice = QMouseEvent(QEvent.Type.MouseButtonDblClick, at, at, left, left, none)
    QApplication.sendEvent(first.handle(1), twice)
    assert first.sizes() == begun == made(settings).sizes()


def test_what_runs_moves_no_result(app: Any) -> None:
    for name in ("health", "attribution"):
        app.explore.channel.area.set_page(name)
        app.page(name).toggle()
        app.rest()
        views = app.main_window.findChildren(MethodPageView)
        view = next(view for view in views if view.spec.id == name)
        for _ in range(3):  # until a new result is laid out, the area that it scrolls in too
            app.qt.processEvents()
            app.grab()
        before = view.results.pos()
        view.set_running(0.5)
        view.set_status("12 of 46 inputs")
        app.grab()
        assert view.step.text().startswith("12 of"), name
        assert view.results.pos() == before, name
        view.set_running(None)
        view.set_status("")
        assert not view.step.text()
