"""Plug-ins in the person's folder: run after a yes to exactly their files, and nothing else of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import explorer
from explorer import catalogue
from explorer.cli import run
from explorer.core import plugin_folder
from explorer.core.system.paths import config_dir, data_dir


def anew() -> None:
    """As at a new start."""
    for name in [name for name in sys.modules if name.split(".")[0] in ("channel_size", "other")]:
        del sys.modules[name]
    for registry in (catalogue.methods, catalogue.inputs, catalogue.workspaces, catalogue.layer_views):
        registry.again()


@pytest.fixture
def folder(app_home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    """A plug-in in the folder, which may not run yet."""
    assert run(["plugin", "new", "channel_size", "--into", str(data_dir() / "plugins")]) == 0
    capsys.readouterr()
    anew()
    yield data_dir() / "plugins" / "channel-size"
    anew()


def reasons() -> list[str]:
    return [problem.text for problem in catalogue.problems()]


def test_it_runs_after_a_yes_and_from_what_the_yes_was_about(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogue.methods.get("channel-size") is None
    assert "plugin allow channel-size" in reasons()[0]
    assert "channel_size" not in sys.modules
    assert run(["plugin", "list"]) == 1
    assert str(folder.parent) in capsys.readouterr().out

    assert run(["plugin", "allow", "channel-size"]) == 0
    assert "channel_size/compute.py" in capsys.readouterr().out
    anew()
    assert catalogue.methods.get("channel-size") is not None
    assert reasons() == []
    compute = folder / "channel_size" / "compute.py"
    held = compute.read_text()
    compute.write_text("raise SystemExit('this is not what was allowed')")
    found = explorer.channel_size("demo:shapes-plain", "sample:cat", tap="layers.0").value  # type: ignore[attr-defined]
    assert len(found.sizes) == explorer.capture("demo:shapes-plain", "sample:cat")["layers.0"].shape[0]
    assert not list(folder.rglob("__pycache__"))

    anew()  # what was changed has no permission at the next start
    assert catalogue.methods.get("channel-size") is None
    compute.write_text(held)
    anew()
    assert catalogue.methods.get("channel-size") is not None
    assert run(["plugin", "forbid", "channel-size"]) == 0
    anew()
    assert catalogue.methods.get("channel-size") is None


@pytest.mark.parametrize("change", ["new file", "renamed", "other file"])
def test_every_change_asks_again(folder: Path, change: str) -> None:
    assert run(["plugin", "allow", "channel-size"]) == 0
    if change == "new file":
        (folder / "channel_size" / "more.py").write_text("")
    elif change == "renamed":
        (folder / "README.md").rename(folder / "README2.md")
    else:
        (folder / "pyproject.toml").write_text((folder / "pyproject.toml").read_text() + "\n")
    anew()
    assert catalogue.methods.get("channel-size") is None
    assert not plugin_folder.offered()[0].allowed


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("pyproject.toml", None, "it has no pyproject.toml"),
        ("pyproject.toml", "[project]\nname = 'x'\n", "names no entry points"),
        ("pyproject.toml", "[project", "Expected"),
        ("pyproject.toml", "project = 3", "no attribute"),
        ("numpy/__init__.py", "", "'numpy' is installed already"),
    ],
)
def test_what_cannot_be_used_is_a_line_with_the_reason(folder: Path, name: str, text: str | None, reason: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    anew()
    assert len(reasons()) == 1
    assert reason in reasons()[0]
    assert run(["plugin", "allow", "channel-size"]) == 1


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "channel_size" / "elsewhere").symlink_to(tmp_path)
    anew()
    assert reasons() == ["channel-size: elsewhere leads to another place"]


def test_of_two_with_the_same_package_the_first_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twin = folder.parent / "channel-twin"
    assert run(["plugin", "new", "channel_size", "--into", str(twin)]) == 0
    (twin / "channel-size").rename(folder.parent / "twin")
    twin.rmdir()
    assert run(["plugin", "allow", "channel-size"]) == run(["plugin", "allow", "twin"]) == 0
    anew()
    entries = [entry.package for entry in catalogue.methods.entries if entry.package]
    assert entries == ["channel-size"]
    assert reasons() == ["twin: a package called 'channel_size' is installed already"]


def test_a_failing_import_is_a_line(folder: Path) -> None:
    (folder / "channel_size" / "spec.py").write_text("import nothing_of_this_name")
    assert run(["plugin", "allow", "channel-size"]) == 0
    anew()
    assert catalogue.methods.get("channel-size") is None
    assert len(reasons()) == 1
    assert "nothing_of_this_name" in reasons()[0]


@pytest.mark.parametrize("text", ["", "{", '{"allowed": 3}', '{"allowed": {"channel-size": 3}}', "[]"])
def test_a_damaged_list_of_permissions_permits_nothing(folder: Path, text: str) -> None:
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / "plugins.json").write_text(text)
    anew()
    assert catalogue.methods.get("channel-size") is None
    assert run(["plugin", "allow", "channel-size"]) == 0
    assert list(json.loads((config_dir() / "plugins.json").read_text())["allowed"]) == ["channel-size"]


def test_unknown_names_are_told(app_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plugin", "allow", "nobody"]) == 1
    assert "There is no plug-in nobody" in capsys.readouterr().err
