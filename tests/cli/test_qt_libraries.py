"""What is missing is found, and the command names the right packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from explorer.cli import qt_libraries
from explorer.cli.qt_libraries import FONTS, LIBRARIES


def test_a_library_that_is_not_there_is_missing_and_one_that_is_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(qt_libraries, "loads", lambda name: name != "libEGL.so.1")
    monkeypatch.setattr(qt_libraries, "has_fonts", lambda: True)
    assert [library.name for library in qt_libraries.missing({"run", "window"})] == ["libEGL.so.1"]
    assert qt_libraries.missing({"window"}) == ()


def test_nothing_is_missing_away_from_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qt_libraries, "loads", lambda name: False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert qt_libraries.missing({"run", "window", "camera"}) == ()


def test_the_linker_is_really_asked() -> None:
    assert not qt_libraries.loads("libno-such-library-at-all.so.7")
    if sys.platform.startswith("linux"):
        assert qt_libraries.loads("libc.so.6")


def test_fonts_are_missed_only_where_text_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(qt_libraries, "loads", lambda name: True)
    monkeypatch.setattr(qt_libraries, "has_fonts", lambda: False)
    assert qt_libraries.missing({"run"}) == (FONTS,)
    assert qt_libraries.missing({"camera"}) == ()


def test_a_font_is_found_in_a_subfolder(tmp_path: Path) -> None:
    assert not qt_libraries.has_fonts([tmp_path, tmp_path / "not there"])
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "A.TTF").write_bytes(b"")
    assert qt_libraries.has_fonts([tmp_path])


@pytest.mark.parametrize("manager", ["apt", "dnf", "pacman", "zypper"])
def test_every_library_has_a_package_everywhere(manager: str) -> None:
    command = qt_libraries.install_command((*LIBRARIES, FONTS), manager)
    for library in (*LIBRARIES, FONTS):
        assert getattr(library, manager) in command
    assert len(command) == len(set(command))


def test_the_command_is_short_of_what_is_there_already() -> None:
    (egl,) = [library for library in LIBRARIES if library.name == "libEGL.so.1"]
    expected = ["apt-get", "install", "-y", "--no-install-recommends", "libegl1"]
    assert qt_libraries.install_command([egl], "apt") == expected
    assert qt_libraries.install_command([egl], "") == []
    assert qt_libraries.install_command([], "apt") == []
