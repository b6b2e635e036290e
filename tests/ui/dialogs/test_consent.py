"""The question before a person's own code runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from explorer.engine.models.code_consent import content_hash
from explorer.ui.dialogs import consent
from explorer.ui.dialogs.consent import ConsentDialog, ask_consent, visible

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

Opened = Callable[..., Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text("from torch import nn\n\ndef make_model():\n\treturn nn.ReLU()\n")
    return path


def digest(path: Path) -> str:
    return content_hash(path.read_bytes())


def test_it_shows_what_would_run(opened: Opened, file: Path) -> None:
    dialog = opened(ConsentDialog(file, digest(file)))
    labels = [label.text() for label in dialog.findChildren(QLabel)]
    tips = [label.toolTip() for label in dialog.findChildren(QLabel)]
    assert "net.py" in tips
    assert str(file.parent) in tips
    assert f"{digest(file)[:16]} …" in labels
    assert any("runs the code" in text and "with your rights" in text for text in labels)
    assert "remembered for exactly this content" in dialog.problem.text()
    assert dialog.source.toPlainText() == file.read_text().removesuffix("\n")
    assert dialog.source.isReadOnly()
    assert "All of it: 4 lines." in labels


def answer(press: Callable[[ConsentDialog], object]) -> None:
    """Answers the dialog that is about to be shown."""

    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ConsentDialog)
        press(dialog)

    QTimer.singleShot(0, act)


def test_a_yes_is_true_and_a_no_is_false(qtbot: QtBot, file: Path) -> None:
    answer(lambda dialog: dialog.ok.click())
    assert ask_consent(file, digest(file), None) is True
    answer(lambda dialog: dialog.cancel.click())
    assert ask_consent(file, digest(file), None) is False


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_enter_and_escape_mean_no(qtbot: QtBot, file: Path, key: Qt.Key) -> None:
    answer(lambda dialog: qtbot.keyClick(dialog, key))
    assert ask_consent(file, digest(file), None) is False


def test_no_has_the_focus(opened: Opened, file: Path) -> None:
    dialog = opened(ConsentDialog(file, digest(file)))
    assert dialog.focusWidget() is dialog.cancel
    assert dialog.cancel.isDefault()
    assert not dialog.ok.isDefault()


def test_a_file_that_changed_meanwhile_cannot_be_allowed(opened: Opened, file: Path) -> None:
    before = digest(file)
    file.write_text("import os")
    dialog = opened(ConsentDialog(file, before))
    assert not dialog.ok.isEnabled()
    assert "has changed" in dialog.problem.text()
    assert dialog.source.toPlainText() == ""


def test_a_file_that_is_gone_cannot_be_allowed(opened: Opened, file: Path) -> None:
    before = digest(file)
    file.unlink()
    dialog = opened(ConsentDialog(file, before))
    assert not dialog.ok.isEnabled()
    assert "There is no file" in dialog.problem.text()


def test_a_long_file_says_how_much_is_shown(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("\n".join(f"x{n} = {n}" for n in range(1000)))
    dialog = opened(ConsentDialog(path, digest(path)))
    assert dialog.source.blockCount() == consent.LINES
    assert any("The first 400 of 1000 lines" in label.text() for label in dialog.findChildren(QLabel))


def test_nothing_hides_in_the_source(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "sly.py"
    path.write_bytes("a = 1 \u202e# eman\u200b\r\nb\x1b = 'ä\u3000日'\n".encode() + b"\xff")
    dialog = opened(ConsentDialog(path, digest(path)))
    text = dialog.source.toPlainText()
    assert "\\u202e" in text
    assert "\\u200b" in text
    assert "\\x1b" in text
    assert "ä\u3000日" in text
    assert not {"\u202e", "\u200b", "\x1b"} & set(text)


def test_an_endless_line_is_cut_and_said() -> None:
    assert visible("x" * 400) == "x" * 400
    assert visible("x" * 1000).endswith("… (600 more characters)")


@pytest.mark.parametrize(("name", "shown"), [("<b>net.py", "<b>net.py"), ("a\u202eyp.b", "a\\u202eyp.b")])
def test_a_name_is_shown_as_it_is_written(opened: Opened, tmp_path: Path, name: str, shown: str) -> None:
    dialog = opened(ConsentDialog(tmp_path / name, ""))
    (label,) = [label for label in dialog.findChildren(QLabel) if label.accessibleName() == shown]
    assert label.text() == shown
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert not label.toolTip().startswith("<b>")  # a tool tip that begins so would be shown in bold
