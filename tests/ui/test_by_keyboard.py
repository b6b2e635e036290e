"""The whole window for people without a mouse: what takes the focus has a name, a role, and looks different then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from explorer.core.errors import Failure
from explorer.ui.settings import Settings
from tests.pictures.picture_state import CNN, WORLD
from tests.support.driver import windows
from tests.support.focus import described, has_role, named, shows_focus, stops

WORKSPACES = ("explore", "compare", "transfer", "dataset")


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    with windows() as opened:
        made = opened(settings=Settings(lasting=False))
        made.start(CNN, WORLD)
        made.wait_capture()
        made.rest()
        made.main_window.activateWindow()
        yield made


def _faults(app: Any) -> list[str]:
    for _ in range(5):
        app.qt.processEvents()
    found = []
    for widget in list(stops(app.main_window)):
        missing = [
            what
            for what, there in (("name", named(widget)), ("role", has_role(widget)), ("frame", shows_focus(widget)))
            if not there
        ]
        if missing:
            found.append(f"{described(widget)}: no {', no '.join(missing)}")
    return found


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_what_takes_the_focus_is_named_and_seen(app: Any, workspace: str) -> None:
    app.turn_to(workspace)
    app.rest()
    assert _faults(app) == []


def test_so_it_is_on_every_page(app: Any) -> None:
    app.turn_to("explore")
    for name in app.main_window.explore.channel.names:
        app.open_page(name)
        assert _faults(app) == [], name


def test_and_among_the_modules(app: Any) -> None:
    app.turn_to("explore")
    app.main_window.explore.input.setCurrentIndex(1)
    assert _faults(app) == []
    app.main_window.explore.input.setCurrentIndex(0)


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_tab_comes_to_the_switch_of_workspaces_first_and_goes_on_from_the_top(app: Any, workspace: str) -> None:
    app.turn_to(workspace)
    order, switch = list(stops(app.main_window)), list(app.toolbar.workspaces.values())
    assert order[: len(switch)] == switch
    top = [_top(app, widget) for widget in order]
    assert max(top[: len(top) // 4]) < app.main_window.height() / 2


def test_esc_closes_what_is_said_wherever_the_keys_are(app: Any) -> None:
    app.turn_to("explore")
    explore = app.main_window.explore
    for widget in (explore.maps.mosaic, explore.strip.strip.view, explore.maps.sort, app.toolbar.model):
        app.fail(Failure("No maps.", "Memory ran out.", "Choose a smaller picture."))
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_Escape)
        assert app.banner.kind == "", described(widget)


def _top(app: Any, widget: QWidget) -> int:
    return int(widget.mapTo(app.main_window, widget.rect().topLeft()).y())


def test_the_check_finds_what_it_looks_for(app: Any) -> None:
    bare = QWidget(app.main_window)
    bare.setFocusPolicy(app.main_window.explore.maps.mosaic.focusPolicy())
    bare.show()
    try:
        assert bare in list(stops(app.main_window))
        assert (named(bare), has_role(bare), shows_focus(bare)) == ("", False, False)
    finally:
        bare.setParent(None)
        bare.deleteLater()
