"""The size of all text, presenter mode, and the theme of high contrast, in the real window."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSplitter

from explorer.ui import text_size, theme
from explorer.ui.settings import Settings
from explorer.ui.widgets.hints import hints_of
from tests.support.driver import windows


@pytest.fixture(scope="module")
def app() -> Any:
    with windows() as opened:
        yield opened(settings=Settings(lasting=False))


def test_keys_change_the_size_of_all_text_and_it_is_remembered(app: Any) -> None:
    usual = app.main_window.font().pixelSize()
    numbers = app.explore.input.prediction
    before = numbers.sizeHint().height()
    app.press(Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    assert app.main_window.font().pixelSize() == round(usual * 1.1)
    assert app.main_window.explore.strip.strip.view.small_font().pixelSize() == text_size.px(11) > 11
    assert numbers.sizeHint().height() > before
    tabs, bar = app.main_window.explore.channel.tabs, app.main_window.explore.channel.map.bar
    for button in (tabs.button(at) for at in range(tabs.count()) if not tabs.button(at).isHidden()):
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 6, button.text()
    assert bar.height() == bar.sizeHint().height()
    assert app.settings.number("text size") == 110
    app.press(Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    app.press(Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert text_size.percent() == 90
    app.press(Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert app.main_window.font().pixelSize() == usual


def test_the_smallest_text_gets_no_smaller(app: Any) -> None:
    action = app.commands.actions["view.smaller"]
    while not app.commands.actions.why_not(action):
        app.commands.actions.run(action)
    assert text_size.percent() == text_size.STEPS[0]
    app.commands.appearance.step_text(0)


@pytest.mark.parametrize("workspace", ["explore", "compare", "transfer", "dataset"])
def test_presenter_mode_takes_the_chrome_away_and_gives_back_what_was(app: Any, workspace: str) -> None:
    app.turn_to(workspace)
    window, presenting = app.main_window, app.commands.appearance.presenting
    for _ in range(20):  # layouts in layouts settle
        app.qt.processEvents()
    splitters = [(splitter, splitter.sizes()) for splitter in window.findChildren(QSplitter) if splitter.isVisible()]
    seen, size, font = [w for w in hints_of(window) if w.isVisible()], window.size(), window.font().pixelSize()
    stored = app.settings.text("text size")
    assert window.toolbar in seen
    app.press(Qt.Key.Key_F11)
    assert presenting.on
    assert window.isFullScreen()
    assert not any(widget.isVisible() for widget in seen)
    assert window.font().pixelSize() > font
    assert app.workspace == workspace
    app.press(Qt.Key.Key_Escape)
    app.until(lambda: not presenting.on and [(splitter, splitter.sizes()) for splitter, _ in splitters] == splitters)
    assert not window.isFullScreen()
    assert all(widget.isVisible() for widget in seen)
    assert (window.size(), window.font().pixelSize()) == (size, font)
    assert app.settings.text("text size") == stored


def test_the_ring_follows_the_pointer_and_shows_its_clicks(app: Any) -> None:
    app.press(Qt.Key.Key_F11)
    halo, window = app.commands.appearance.presenting.halo, app.main_window
    handle = window.windowHandle()
    QTest.mouseMove(handle, QPoint(300, 200))
    assert halo.isVisible()
    assert halo.geometry().center() in (QPoint(299, 199), QPoint(300, 200))
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert halo.pressed
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert not halo.pressed
    app.press(Qt.Key.Key_F11)
    assert not halo.isVisible()


def test_high_contrast_comes_and_goes(app: Any) -> None:
    run = app.commands.actions.run
    app.commands.appearance.set_theme("light")
    run(app.commands.actions["view.contrast"])
    assert theme.current() == theme.CONTRAST
    assert app.settings.text("theme") == "contrast"
    run(app.commands.actions["view.contrast"])
    assert theme.current() == theme.LIGHT
    app.commands.appearance.set_theme("dark")
