"""A registry of strings: what fails to load is a line, everything else goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from explorer.core.registry import Registry

GOOD = "class Thing:\n    def __init__(self, name): self.name = name\n"


def check(value: object) -> tuple[str, str]:
    name = getattr(value, "name", "")
    return (str(name), "") if name else ("", "it has no name")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "reg_good.py").write_text(GOOD + "a, b, c = Thing('a'), Thing('b'), Thing('a')\nnone = Thing('')\n")
    (tmp_path / "reg_raises.py").write_text("raise RuntimeError('no such luck')\n")
    (tmp_path / "reg_exits.py").write_text("raise SystemExit(3)\n")
    (tmp_path / "reg_mute.py").write_text(
        "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute\n"
    )
    info = tmp_path / "regplugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: regplugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[test.things]\nbee = reg_good:b\ntwin = reg_good:c\nbad = reg_raises:x\n")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("reg_")]:
        del sys.modules[name]


def test_the_good_load_and_the_bad_are_lines(package: Path) -> None:
    table = ("reg_good:a", "reg_raises:x", "reg_exits:x", "reg_mute:x", "reg_absent:x", "reg_good:none", "reg_good:nil")
    registry: Registry[object] = Registry(table, "test.things", check)
    assert [(entry.name, entry.package) for entry in registry.entries] == [("a", ""), ("b", "regplugin")]
    lines = [problem.text for problem in registry.problems]
    for words in ("no such luck", "SystemExit", "Mute", "reg_absent", "no name", "nil", "called 'a' already"):
        assert any(words in line for line in lines), words
    assert any("regplugin" in line for line in lines)
    assert registry.get("b") is not None
    assert registry.get("x") is None


def test_nothing_is_imported_before_it_is_asked_for(package: Path) -> None:
    Registry(("reg_good:a",), "test.things", check)
    assert "reg_good" not in sys.modules


def test_unreadable_metadata_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_path: object) -> None:
        raise ValueError("half a file")

    monkeypatch.setattr("explorer.core.registry._installed", broken)
    registry: Registry[object] = Registry((), "test.things", check)
    assert "half a file" in registry.problems[0].text
