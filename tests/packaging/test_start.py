"""What the start command does where there is no display, and which system libraries it asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
Script = Callable[[str], ModuleType]


def test_without_a_display_it_says_so_before_installing_anything(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only on Linux is there no display to be missing elsewhere")
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, str(ROOT / "packaging" / "start.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "There is no display here" in done.stderr
    for way_out in ("screenshot --workspace explore", "ssh -X", "xvfb-run"):
        assert way_out in done.stderr
    assert "Traceback" not in done.stderr


def test_help_is_told_before_anything_is_installed(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = script("start")
    monkeypatch.setattr(script("setup_env"), "is_ready", lambda extras: False)
    monkeypatch.setattr(script("setup_env"), "prepare", lambda *given, **more: pytest.fail("it was set up"))
    assert module.main(["--help"]) == 0
    said = capsys.readouterr().out
    for words in ("usage: python3 packaging/start.py", "doctor", "several GB", "FME_TORCH", "not set up here yet"):
        assert words in said


@pytest.fixture
def started(script: Script, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, dict[str, object]]:
    """start.py with set-up and the application replaced by a note of what was asked of them."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    module, asked = script("start"), {}
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(script("system_libraries"), "ensure", lambda *uses: asked.update(uses=uses))
    monkeypatch.setattr(script("setup_env"), "prepare", lambda extras, optional: asked.update(extras=optional) or [])
    monkeypatch.setattr(module.os, "name", "nt")
    monkeypatch.setattr(module.subprocess, "call", lambda command: asked.update(command=command) or 7)
    return module, asked


def test_headless_commands_run_without_a_display(started: tuple[ModuleType, dict[str, object]]) -> None:
    module, asked = started
    assert module.main(["layers", "demo:x", "--json"]) == 7
    assert asked["command"][1:] == ["layers", "demo:x", "--json"]
    assert asked["uses"] == (["run"], [])
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    del os.environ["QT_QPA_PLATFORM"]


def test_the_window_asks_for_the_libraries_of_its_display(
    started: tuple[ModuleType, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, asked = started
    monkeypatch.setenv("DISPLAY", ":0")
    assert module.main(["--input", "picture.png"]) == 7
    assert asked["uses"] == (["run", "window"], ["camera"])
    assert "QT_QPA_PLATFORM" not in os.environ
    assert module.libraries_for({"WAYLAND_DISPLAY": "wayland-0"}) == (["run", "wayland"], ["camera"])


def test_every_command_of_the_application_is_known_to_need_no_display(script: Script) -> None:
    from explorer import cli

    start = script("start")
    assert all(start.is_headless([command]) for command in cli._RUNS)
    assert not start.is_headless([])
    assert not start.is_headless(["--input", "layers"])


def test_missing_libraries_stop_with_the_exact_command(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = script("system_libraries")
    table = libraries._table()
    lacking = tuple(library for library in table.LIBRARIES if library.name in ("libEGL.so.1", "libpulse.so.0"))
    monkeypatch.setattr(table, "missing", lambda uses: tuple(lib for lib in lacking if lib.use in uses))
    monkeypatch.setattr(table, "package_manager", lambda: "dnf")
    monkeypatch.setattr(libraries, "_table", lambda: table)
    monkeypatch.setattr(libraries, "is_root", lambda: False)
    with pytest.raises(SystemExit) as stopped:
        libraries.ensure(["run"])
    assert "libEGL.so.1" in str(stopped.value)
    assert "\n    sudo dnf install -y libglvnd-egl" in str(stopped.value)


def test_what_only_the_camera_needs_does_not_stop(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    libraries = script("system_libraries")
    table = libraries._table()
    pulse = tuple(library for library in table.LIBRARIES if library.name == "libpulse.so.0")
    monkeypatch.setattr(table, "missing", lambda uses: pulse if "camera" in uses else ())
    monkeypatch.setattr(table, "package_manager", lambda: "")
    monkeypatch.setattr(libraries, "_table", lambda: table)
    libraries.ensure(["run"], ["camera"])
    assert "only needed by camera: libpulse.so.0" in capsys.readouterr().err


def test_root_on_debian_installs_what_is_missing(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = script("system_libraries")
    table, installed = libraries._table(), []
    egl = tuple(library for library in table.LIBRARIES if library.name == "libEGL.so.1")
    monkeypatch.setattr(table, "missing", lambda uses: () if installed else egl)
    monkeypatch.setattr(table, "package_manager", lambda: "apt")
    monkeypatch.setattr(libraries, "_table", lambda: table)
    monkeypatch.setattr(libraries, "is_root", lambda: True)
    monkeypatch.setattr(libraries, "apt_install", lambda packages: installed.extend(packages) or True)
    libraries.ensure(["run"])
    assert installed == ["libegl1"]


def test_root_on_debian_installs_the_programs_that_tests_need(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    libraries, installed = script("system_libraries"), []
    monkeypatch.setattr(libraries.shutil, "which", lambda name: name if name in ("apt-get", "there") else None)
    monkeypatch.setattr(libraries, "apt_install", lambda packages: installed.extend(packages) or True)
    programs = [("there", "a"), ("one", "b"), ("two", "b")]
    monkeypatch.setattr(libraries, "is_root", lambda: False)
    libraries.ensure_programs(programs)
    assert "only needed by some tests: one, two" in capsys.readouterr().err
    monkeypatch.setattr(libraries, "is_root", lambda: True)
    libraries.ensure_programs(programs)
    libraries.ensure_programs(programs[:1])
    assert installed == ["b"]
