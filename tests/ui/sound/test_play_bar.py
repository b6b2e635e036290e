"""The row of buttons under a sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.ui import theme
from explorer.ui.sound.play_bar import CHOICES, PlayBar

Show = Callable[..., Any]


class Pressed:
    """A row and what it said."""

    def __init__(self, bar: PlayBar) -> None:
        self.bar = bar
        self.said: list[object] = []
        bar.play.connect(lambda: self.said.append("play"))
        bar.looped.connect(self.said.append)
        bar.chosen.connect(self.said.append)


@pytest.fixture
def pressed(show: Show) -> Pressed:
    return Pressed(show(PlayBar("Ctrl+P"), 500, 40))


def test_the_button_plays_and_stops_by_one_signal(pressed: Pressed, qtbot: QtBot) -> None:
    bar = pressed.bar
    assert bar.button.toolTip() == "Play the sound (Ctrl + P)"
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert bar.button.accessibleName() == "Play"  # whether it plays is said from outside
    bar.set_playing(True)
    assert bar.button.toolTip() == "Stop (Ctrl + P)"
    qtbot.keyClick(bar.button, Qt.Key.Key_Space)
    assert pressed.said == ["play", "play"]


def test_the_loop_is_said_only_when_a_person_switches_it(pressed: Pressed, qtbot: QtBot) -> None:
    pressed.bar.set_loop(True)
    assert pressed.said == []
    qtbot.keyClick(pressed.bar.loop, Qt.Key.Key_Space)
    assert pressed.said == [False]


def test_the_time_keeps_its_place(pressed: Pressed) -> None:
    bar = pressed.bar
    bar.set_time(0.42, 1.0)
    assert bar.time.text() == "0.42 / 1.00 s"
    bar.set_time(1.0, 12.5)
    wide = bar.time.width()
    bar.set_time(12.5, 12.5)
    assert bar.time.width() == wide >= bar.time.fontMetrics().horizontalAdvance(bar.time.text())


def test_choices_are_hidden_until_there_are_some(pressed: Pressed, qtbot: QtBot) -> None:
    bar = pressed.bar
    assert not bar.choices.isVisible()
    bar.set_choices(["original", "rest"], "rest")
    assert bar.choices.isVisible()
    shown = {name: button.isVisible() for name, button in bar._buttons.items()}
    assert shown == {"original": True, "channel": False, "rest": True}
    assert bar._buttons["rest"].isChecked()
    assert pressed.said == []
    qtbot.mouseClick(bar._buttons["original"], Qt.MouseButton.LeftButton)
    assert pressed.said == ["original"]
    assert not bar._buttons["rest"].isChecked()
    bar.set_choices([])
    assert not bar.choices.isVisible()


def test_everything_is_named_and_explained_in_both_themes(looks: theme.Theme, qtbot: QtBot) -> None:
    bar = PlayBar()
    qtbot.addWidget(bar)
    bar.set_choices([name for name, _, _ in CHOICES])
    for widget in (bar.button, bar.loop, *bar._buttons.values()):
        assert widget.accessibleName()
        assert widget.toolTip()
    bar.resize(bar.sizeHint())
    assert bar.sizeHint().width() < 520
