"""Which C++ runtime is loaded first, with a pretended Windows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from explorer.core.system.msvc import preload_newest


def test_the_newest_one_is_loaded(tmp_path: Path) -> None:
    old, new, gone = tmp_path / "a.dll", tmp_path / "b.dll", tmp_path / "c.dll"
    old.touch()
    new.touch()
    versions = {old: (14, 29, 0, 0), new: (14, 44, 35211, 0)}
    loaded: list[str] = []
    assert preload_newest([old, new, gone], versions.__getitem__, loaded.append) == new
    assert loaded == [str(new)]


def test_nothing_there_and_nothing_loadable_are_no_error(tmp_path: Path) -> None:
    assert preload_newest([tmp_path / "none.dll"]) is None
    broken = tmp_path / "x.dll"
    broken.touch()

    def fail(_path: str) -> object:
        raise OSError("no library")

    assert preload_newest([broken], lambda _p: (1, 0, 0, 0), fail) is None


def test_other_systems_are_left_alone() -> None:
    if sys.platform == "win32":
        pytest.skip("only on other systems than Windows")
    assert preload_newest() is None
