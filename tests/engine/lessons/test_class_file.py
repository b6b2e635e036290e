"""The file that says how far a class may go: where it lies, what it says, that it is read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import NAME
from explorer.engine.lessons.class_file import ClassFile, class_file, last_step
from explorer.engine.lessons.lesson_source import open_lesson
from explorer.engine.lessons.pack_kit import pack_kit
from tests.support.lesson_files import SMALL

NAMES = ("look", "deeper", "without")


@pytest.mark.parametrize(("text", "last"), [("", None), (" \n", None), ("1", 0), (" 2\n", 1), ("9", 2), ("deeper", 1)])
def test_what_it_says(text: str, last: int | None) -> None:
    assert last_step(text, NAMES) == last


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "²", "Deeper", "nothing of that"])
def test_what_is_no_step_is_refused(text: str) -> None:
    with pytest.raises(ExplorerError, match="names no step"):
        last_step(text, NAMES)


def test_it_lies_beside_the_lesson_and_beside_the_kit_and_goes_into_no_kit(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / NAME).write_text(SMALL, encoding="utf-8")
    (folder / "class.txt").write_text("1")
    assert class_file(open_lesson(folder)) == folder / "class.txt"
    assert class_file(open_lesson(folder / NAME)) == folder / "class.txt"
    kit = pack_kit(folder, tmp_path / "my.lesson.fmxlab")
    assert "class.txt" not in [name for name, _ in kit.files]
    assert class_file(open_lesson(kit.path, into=tmp_path / "cache")) == tmp_path / "my.lesson.class.txt"


def test_it_is_read_again_after_two_seconds(tmp_path: Path) -> None:
    now = [0.0]
    path = tmp_path / "class.txt"
    file = ClassFile(path, lambda: now[0])
    assert file.text == ""
    path.write_text("2")
    assert file.text == ""
    now[0] = 2.0
    assert file.text in ("", "2")  # it is read in a thread
    file.read()
    assert file.text == "2"
    path.unlink()
    file.read()
    assert file.text == ""
