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
from PySide6.QtWidgets import QApplication

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.ui.dropped_words import dropped_words, words_of_class, words_of_column
from explorer.ui.settings import Settings
from tests.support.driver import windows


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.fmx.json", "Open the session “a.fmx.json”"),
        ("net.safetensors", "Find the model that the weights “net.safetensors” fit"),
        ("net.PT2", "Open the model “net.PT2”"),
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


def test_what_is_let_go_over_a_column_or_a_class_is_about_it(tmp_path: Path) -> None:
    picture, net = str(tmp_path / "x.png"), str(tmp_path / "net.py")
    assert words_of_column([picture]) == "Open “x.png” as the input of this column"
    assert words_of_column([net]) == "Choose a model from the Python file “net.py” for this column"
    assert words_of_column(["a.fmx.json"]) == "Open the session “a.fmx.json”"
    assert words_of_class([picture], "cup") == "Copy “x.png” into the class “cup”"
    assert words_of_class([picture, picture], "cup") == "Copy 2 files into the class “cup”"


@pytest.fixture
def app() -> Iterator[Any]:
    with windows() as opened:
        yield opened(settings=Settings(lasting=False))


def hangs_over(widget: Any, path: Path) -> None:
    """As Qt does it: whoever accepts, from the widget under the pointer up to the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    where, copy = QPoint(9, 9), Qt.DropAction.CopyAction
    event = QDragEnterEvent(where, copy, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def test_it_is_said_over_the_input_and_over_a_column(app: Any, tmp_path: Path) -> None:
    app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
    app.wait_capture()
    app.rest()
    window, path = app.main_window, tmp_path / "cat.png"
    hangs_over(app.explore.input.picture.viewport(), path)
    assert window.drop_note.isVisible()
    assert window.drop_note.words.text() == "Open “cat.png” as the input"
    window.dragLeaveEvent(QDragLeaveEvent())
    app.show_workspace("compare")
    app.until(lambda: len(app._controller.compare.views) > 1)
    panel = list(app._controller.compare.views.values())[1].panel
    hangs_over(panel.picture.viewport(), path)
    assert window.drop_note.isVisible()
    assert window.drop_note.words.text() == "Open “cat.png” as the input of this column"
    assert window.drop_note.size() == panel.size()
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert not window.drop_note.isVisible()


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
