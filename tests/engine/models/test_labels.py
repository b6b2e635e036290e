from __future__ import annotations

from pathlib import Path

import pytest

from explorer.engine.models.labels import labels_beside


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.txt", "cat\n dog \n\n"),
        ("net.labels.txt", "\ufeffcat\r\ndog"),
        ("labels.json", '["cat", "dog"]'),
        ("net.labels.json", '{"0": "cat", "1": "dog"}'),
        ("labels.json", '{"1": ["n2", "dog"], "0": ["n1", "cat"]}'),
        ("labels.json", '{"dog": 1, "cat": 0}'),
    ],
)
def test_forms(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    labels, notes = labels_beside(tmp_path / "net.pth", 2)
    assert labels == ("cat", "dog")
    assert name in notes[0]


def test_its_own_file_comes_first(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("a\nb")
    (tmp_path / "net.labels.txt").write_text("c\nd")
    assert labels_beside(tmp_path / "net.pth", 2)[0] == ("c", "d")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[1, 2, 3]", "names 3 classes, the model has 2"),
        ("{", "not used"),
        ('{"0": "a", "2": "b"}', "gap"),
        ("3", "neither"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "labels.json").write_text(content)
    labels, notes = labels_beside(tmp_path / "net.pth", 2)
    assert labels == ()
    assert words in notes[0]


def test_none_there(tmp_path: Path) -> None:
    assert labels_beside(tmp_path / "net.pth", 2) == ((), ())
