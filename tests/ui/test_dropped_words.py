"""While files hang over the window it says what letting them go will do, and then does that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent

from explorer.ui.dropped_words import dropped_words
from explorer.ui.settings import Settings
from tests.support.driver import windows


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.fmx.json", "Open the session “a.fmx.json”"),
        ("net.safetensors", "Find the model that the weights “net.safetensors” fit"),
        ("net.py", "Choose a model from the Python file “net.py”"),
        ("cat.png", "Open “cat.png” as the input"),
        ("cat.xyz", "Try “cat.xyz” as a picture: its name does not say what it is"),
    ],
)
def test_each_kind_of_file_has_its_words(tmp_path: Path, name: str, words: str) -> None:
    path = tmp_path / name
    path.write_text("{}")
    assert dropped_words([str(path)], "explore") == words


def test_a_folder_is_what_the_workspace_makes_of_it(tmp_path: Path) -> None:
    at = str(tmp_path)
    assert dropped_words([at], "explore").startswith("Open the folder")
    assert "data set" in dropped_words([at], "transfer")
    assert "index" in dropped_words([at], "dataset")
    picture = str(tmp_path / "x.png")
    assert dropped_words([picture, picture, picture], "explore").endswith("2 more are left out")


@pytest.fixture
def app() -> Iterator[Any]:
    with windows() as opened:
        yield opened(settings=Settings(lasting=False))


def test_it_is_said_while_they_hang_there(app: Any, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(path)
    data, window = QMimeData(), app.main_window
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dragEnterEvent(QDragEnterEvent(QPoint(9, 9), copy, data, button, none))
    assert window.drop_note.isVisible()
    assert window.drop_note.words.text() == "Open “cat.png” as the input"
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.drop_note.isVisible()
    window.dragEnterEvent(QDragEnterEvent(QPoint(9, 9), copy, data, button, none))
    window.dropEvent(QDropEvent(QPointF(9, 9), copy, data, button, none))
    assert not window.drop_note.isVisible()
    app.until(lambda: app.session.input is not None)
    assert app.session.input.path == str(path)
