"""Folders list in the order a person expects, and next goes round."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import ExplorerError
from explorer.engine.inputs.folder import list_folder, natural_key, neighbour


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = ["img10.png", "img2.PNG", "IMG1.jpg", "notes.txt", ".hidden.png", "clip.mp4", "img2b.webp"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def test_natural_order_of_pictures_and_videos(folder: Path) -> None:
    assert [path.name for path in list_folder(folder)] == [
        "clip.mp4",
        "IMG1.jpg",
        "img2.PNG",
        "img2b.webp",
        "img10.png",
    ]
    assert "clip.mp4" not in [path.name for path in list_folder(folder, videos=False)]


def test_next_and_previous_go_round(folder: Path) -> None:
    first, *_, last = list_folder(folder)
    assert neighbour(last).name == "clip.mp4"
    assert neighbour(first, -1) == last
    assert neighbour(first, 5) == first
    assert neighbour(folder / "img2.PNG").name == "img2b.webp"


def test_a_file_that_is_gone_still_has_neighbours(folder: Path) -> None:
    assert neighbour(folder / "img3.png", 1).name == "img10.png"
    assert neighbour(folder / "img3.png", -1).name == "img2b.webp"
    assert neighbour(folder / "zzz.png", 1).name == "clip.mp4"


def test_a_file_alone_is_its_own_neighbour(tmp_path: Path) -> None:
    (tmp_path / "only.png").touch()
    assert neighbour(tmp_path / "only.png") == tmp_path / "only.png"


def test_empty_missing_and_no_folder(tmp_path: Path) -> None:
    assert list_folder(tmp_path) == ()
    with pytest.raises(ExplorerError, match="no picture in"):
        neighbour(tmp_path / "gone.png")
    with pytest.raises(ExplorerError, match="no folder"):
        list_folder(tmp_path / "missing")
    (tmp_path / "file").touch()
    with pytest.raises(ExplorerError, match="not a folder"):
        list_folder(tmp_path / "file")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)  # file modes do not hold for root
    with pytest.raises(ExplorerError, match="may not be read"):
        list_folder(tmp_path)


@given(st.lists(st.integers(0, 10**6), min_size=2, unique=True), st.text(alphabet="ab-_ é", max_size=4))
def test_numbers_sort_as_numbers(numbers: list[int], prefix: str) -> None:
    names = [f"{prefix}{number}.png" for number in numbers]
    assert sorted(names, key=natural_key) == [f"{prefix}{number}.png" for number in sorted(numbers)]
