"""Pages of methods beside a lesson: rows of buttons with the longer words of another language go on beneath."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from explorer.methods.ablation.page import AblationPage
from explorer.methods.maximisation.page import MaximisePage
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
