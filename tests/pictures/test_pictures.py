"""Some of the states: pictured whole, in both themes, with nothing cut off; and the check itself finds what it looks for."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.frames import Elided
from tests.pictures.album import album, names
from tests.pictures.geometry import findings


@pytest.mark.parametrize(("theme", "size"), [("dark", (1280, 800)), ("light", (1920, 1080))])
def test_states_are_pictured_and_nothing_is_cut_off(qapp: Any, theme: str, size: tuple[int, int]) -> None:
    wanted = ("explore-early", "attribution", "compare-maps")
    pictures = list(album(wanted, theme, size))
    assert tuple(picture.name for picture in pictures) == wanted
    for picture in pictures:
        image = picture.pixels.toImage()
        assert (image.width(), image.height()) == size
        colours = {image.pixel(x, y) for x in range(0, size[0], 7) for y in range(0, size[1], 7)}
        assert len(colours) > 200, picture.name
        assert picture.findings == (), picture.name


def test_states_have_names_of_their_own() -> None:
    known = names()
    assert len(known) == len(set(known)) >= 20


def test_the_check_finds_what_is_cut_off_or_covered(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(200, 100)
    cut, whole = QLabel("a sentence that has no room at all here", window), QLabel("short", window)
    cut.setGeometry(0, 0, 50, 20)
    whole.setGeometry(0, 60, 100, 20)
    untold = Elided("a sentence that has no room at all here", window)
    untold.setGeometry(0, 80, 50, 20)
    untold.setToolTip("")
    over, out = QPushButton("over", window), QPushButton("out", window)
    over.setGeometry(20, 60, 60, 30)
    out.setGeometry(150, 0, 80, 30)
    window.show()
    found = findings(window)
    assert any("QLabel" in line and "needs" in line for line in found)
    assert any("nothing tells the whole text" in line for line in found)
    assert any("lie over each other" in line for line in found)
    assert any("stands out of" in line for line in found)
    assert len(found) == 5  # the button lies over two labels
