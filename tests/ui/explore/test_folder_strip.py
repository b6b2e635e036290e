"""The folder of the open picture: which of how many, with thumbnails to go by, and all of them to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.core.inputs import InputRef
from explorer.ui.dialogs.picture_chooser import GalleryDialog
from explorer.ui.explore.folder_strip import beside
from explorer.ui.settings import Settings
from tests.pictures.picture_state import CNN
from tests.support.driver import windows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (1, 2, 10):
        Image.fromarray(np.full((30, 40, 3), 20 * number, np.uint8)).save(tmp_path / f"shot{number}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


@pytest.fixture
def app(folder: Path) -> Iterator[Any]:
    with windows() as opened:
        made = opened(settings=Settings(lasting=False))
        made.start(CNN, InputRef("picture", str(folder / "shot2.png")))
        made.wait_capture()
        made.rest()
        yield made


def test_the_row_is_the_folder_in_its_order(folder: Path) -> None:
    name, row = beside(InputRef("picture", str(folder / "shot2.png")))
    assert name == folder.name
    assert [title for _ref, title in row] == ["shot1.png", "shot2.png", "shot10.png"]
    assert beside(InputRef("scene")) == ("", [])
    assert beside(InputRef("picture", str(folder / "gone" / "x.png")))[1] == []
    assert len(beside(InputRef("sample", "cat"))[1]) > 20


def test_it_says_which_of_how_many_and_shows_them(app: Any, folder: Path) -> None:
    strip = app.main_window.explore.input.folder
    assert strip.where.text().startswith("2 of 3")
    app.until(lambda: not app._controller.folder.waiting)
    shown = strip.grid.model()
    brightness = [
        shown.index(row, 0).data(Qt.ItemDataRole.DecorationRole).toImage().pixelColor(9, 9).red() for row in range(3)
    ]
    assert brightness == pytest.approx([20, 40, 200], abs=2)
    strip.ahead.click()
    app.rest()
    assert app.session.input.path == str(folder / "shot10.png")
    assert strip.where.text().startswith("3 of 3")
    strip.grid.activated.emit(shown.index(0, 0))
    app.rest()
    assert app.session.input.path == str(folder / "shot1.png")
    app.open_input(InputRef("sample", "cat"))
    app.rest()
    assert " of " in strip.where.text()
    assert not strip.grid.isVisible()


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_one_is_chosen_from_all_thumbnails(app: Any, folder: Path) -> None:
    def choose() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, GalleryDialog)
        assert [item.name for item in dialog.grid.items] == ["shot1.png", "shot2.png", "shot10.png"]
        QTest.keyClicks(dialog.search, "10")
        assert [item.name for item in dialog.grid.items] == ["shot10.png"]
        dialog.grid.activated.emit(dialog.grid.model().index(0, 0))

    QTimer.singleShot(0, choose)
    app.commands.actions.run(app.commands.actions["input.gallery"])
    app.rest()
    assert app.session.input.path == str(folder / "shot10.png")
