"""Pages of methods beside a lesson: rows of buttons with the longer words of another language go on beneath."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from explorer.methods.ablation.page import AblationPage
from explorer.methods.maximisation.page import MaximisePage
from explorer.ui.sound.play_bar import PlayBar
from explorer.ui.widgets.page_frame import Page

_LONG = "ein recht langes Wort"


@pytest.mark.parametrize("make", [AblationPage, MaximisePage])
def test_a_page_is_no_wider_than_its_widest_button(qtbot: QtBot, make: type[Page]) -> None:
    page = make()
    qtbot.addWidget(page)
    page.say("")
    buttons = page.findChildren(QPushButton)
    for button in buttons:
        button.setText(_LONG)
        button.setVisible(True)
    widest = max(button.minimumSizeHint().width() for button in buttons)
    assert page.minimumSizeHint().width() < 2 * widest


def test_the_time_of_a_sound_goes_beneath_a_long_word(qtbot: QtBot) -> None:
    bar = PlayBar()
    qtbot.addWidget(bar)
    bar.loop.setText(_LONG)
    bar.set_time(0.0, 1.0)
    assert bar.minimumSizeHint().width() < bar.loop.sizeHint().width() + bar.time.sizeHint().width()
