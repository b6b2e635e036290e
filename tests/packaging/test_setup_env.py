"""Set-up is done once, again when something changed, and every failure names its way out."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
Script = Callable[[str], ModuleType]


@pytest.fixture
def setup(script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """setup_env with its environment in a temporary folder, and pip replaced by a list of its calls."""
    module = script("setup_env")
    venv = tmp_path / ".venv"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir(parents=True)
    os.symlink(sys.executable, python)
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "STAMP", venv / "stamp.json")
    monkeypatch.setattr(module, "LOG", venv / "setup.log")
    module.calls = []
    module.failing = {}

    def pip_install(step: str, *what: str) -> str:
        module.calls.append(what)
        return next((why for part, why in module.failing.items() if part in what[-1]), "")

    monkeypatch.setattr(module, "pip_install", pip_install)
    monkeypatch.setattr(module, "pip_command", lambda: ["pip"])
    monkeypatch.setattr(module.torch_build, "pip_arguments", lambda pip, constraints: [])
    return module


def test_the_second_run_has_nothing_to_do(setup: ModuleType) -> None:
    assert setup.prepare([], optional=["camera"]) == []
    assert [call[-1] for call in setup.calls] == ["editables", ".", ".[camera]"]
    setup.calls.clear()
    assert setup.prepare([], optional=["camera"]) == []
    assert setup.calls == []


def test_the_build_of_torch_is_chosen_before_it_is_downloaded_and_never_again(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup.torch_build, "pip_arguments", lambda pip, constraints: ["--extra-index-url", "URL"])
    setup.prepare([])
    assert ("--extra-index-url", "URL", "--no-build-isolation", "-e", ".") in setup.calls
    installed = setup.VENV / "lib" / "python3.11" / "site-packages" / "torch" / "version.py"
    installed.parent.mkdir(parents=True)
    installed.touch()
    setup.calls.clear()
    setup.prepare(["test"])
    assert ("--no-build-isolation", "-e", ".[test]") in setup.calls


def test_tests_add_to_what_the_application_needs_and_are_kept(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.prepare([], optional=["camera"])
    setup.calls.clear()
    setup.prepare(["test"], optional=["camera"])
    assert ".[test]" in [call[-1] for call in setup.calls]
    assert setup.is_ready(["camera"])
    # After a change of the pins the tools for testing are brought up to date with the rest.
    monkeypatch.setattr(setup, "fingerprint", lambda: "other")
    setup.calls.clear()
    setup.prepare([], optional=["camera"])
    assert ".[test]" in [call[-1] for call in setup.calls]


def test_it_goes_on_without_the_camera_and_remembers(setup: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    setup.failing = {"camera": "no such wheel"}
    assert setup.prepare([], optional=["camera"]) == ["camera"]
    said = capsys.readouterr()
    assert "Going on without 'camera': no such wheel" in said.err
    assert said.out == ""  # stdout belongs to the application's --json
    setup.calls.clear()
    assert setup.prepare([], optional=["camera"]) == ["camera"]
    assert setup.calls == []


def test_a_failed_set_up_is_not_taken_for_a_complete_one(setup: ModuleType) -> None:
    setup.prepare([])
    setup.failing = {".[test]": "The disk is full."}
    with pytest.raises(SystemExit, match=r"The disk is full\."):
        setup.prepare(["test"])
    assert not setup.is_ready([])


def test_another_folder_or_python_is_not_ready(setup: ModuleType) -> None:
    setup.prepare([])
    stamp = json.loads(setup.STAMP.read_text())
    for key in ("root", "python", "machine"):
        setup.STAMP.write_text(json.dumps({**stamp, "place": {**stamp["place"], key: "another"}}))
        assert not setup.is_ready([])
    setup.STAMP.write_text("{ broken")
    assert not setup.is_ready([])


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError('<...>: Failed to establish a new connection: [Errno -2]')", "could not be reached"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate that is not trusted"),
        ("ERROR: No matching distribution found for torch==2.13.0", "was not found for Python"),
        ("error: something else", "error: something else"),
    ],
)
def test_pips_failures_are_put_into_words(setup: ModuleType, output: str, words: str) -> None:
    assert words in setup.reason(["Collecting torch", output])


def test_an_offline_failure_is_not_called_a_missing_package(setup: ModuleType) -> None:
    output = ["WARNING: Retrying: NewConnectionError: [Errno -3] Temporary failure in name resolution"]
    output += ["ERROR: Could not find a version", "ERROR: No matching distribution found for hatchling"]
    assert "could not be reached" in setup.reason(output)


def test_pip_runs_with_the_pins_and_shows_its_main_lines(
    script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = script("setup_env")
    fake = "import sys; print('  Downloading big.whl (80.3 MB)'); print(sys.argv[1:]); sys.exit('[Errno 28]')"
    monkeypatch.setattr(setup, "pip_command", lambda: [sys.executable, "-c", fake])
    monkeypatch.setattr(setup, "LOG", tmp_path / "setup.log")
    assert "disk is full" in setup.pip_install("step one", "thing")
    said = capsys.readouterr().err
    assert "step one" in said
    assert "Downloading big.whl (80.3 MB)" in said
    log = (tmp_path / "setup.log").read_text()
    assert str(setup.CONSTRAINTS) in log
    assert "'thing'" in log


def test_little_room_is_said_and_an_old_glibc_stops(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup.sys, "platform", "linux")
    monkeypatch.setattr(setup.platform, "libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setattr(setup.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1 << 29))
    setup.check_machine()
    assert "0.5 GiB free" in capsys.readouterr().err
    monkeypatch.setattr(setup.platform, "libc_ver", lambda: ("glibc", "2.31"))
    with pytest.raises(SystemExit, match=r"this system has 2\.31"):
        setup.check_machine()


def test_a_python_without_venv_gets_the_command(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(setup, "can_lend_pip", lambda: False)
    monkeypatch.setattr(setup, "is_root", lambda: False)
    with pytest.raises(SystemExit, match=r"apt-get install -y python3\.\d+-venv"):
        setup._venv_module()


def test_constraints_pin_exactly_and_cover_what_pyproject_asks_for() -> None:
    lines = (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert pins["torch"] == "2.13.0"
    assert pins["pyside6-essentials"] == pins["pyside6-addons"] == pins["shiboken6"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"], *itertools.chain(*extras)]
    names = {re.split(r"[<>=!\[; ]", line)[0].lower().replace("_", "-") for line in asked}
    assert names <= set(pins)


@pytest.mark.parametrize("name", ["start.py", "test.py", "python_version.py"])
def test_an_old_python_can_read_what_it_runs_first(name: str) -> None:
    """No syntax newer than 3.7 in the files that say that 3.11 is needed."""
    code = f"import ast; ast.parse(open({str(ROOT / 'packaging' / name)!r}).read(), feature_version=(3, 7))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_an_old_python_is_told_the_way_out(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    module = script("python_version")
    monkeypatch.setattr(module, "newer_python", lambda: None)
    monkeypatch.setattr(module.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is Python 3\.9\.2"):
        module.require()


def test_what_is_read_before_anything_is_installed_needs_the_standard_library_alone(tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import system_libraries; print(len(system_libraries._table().LIBRARIES))"
    folder = Path(__file__).resolve().parents[2] / "packaging"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(folder)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 20
