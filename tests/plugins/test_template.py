"""`plugin new`: what it writes is a package that the program takes and that passes its own tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import explorer
from explorer import catalogue
from explorer.cli import run
from explorer.testing import checks_of

ROOT = Path(__file__).resolve().parents[2]
METADATA = "Metadata-Version: 2.1\nName: channel-size\nVersion: 0.1.0\n"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The template on the path, with the metadata that an installation writes."""
    assert run(["plugin", "new", "channel_size", "--into", str(tmp_path)]) == 0
    folder = tmp_path / "channel-size"
    info = folder / "channel_size-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text("[explorer.methods]\nchannel_size = channel_size.spec:SPEC\n")
    monkeypatch.syspath_prepend(folder)
    catalogue.methods.again()
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "channel_size"]:
        del sys.modules[name]
    monkeypatch.undo()
    catalogue.methods.again()


def test_it_passes_the_contract_and_has_a_command_and_a_function(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = catalogue.methods.get("channel-size")
    assert spec is not None
    for _, check, _ in checks_of(spec):
        check()
    capsys.readouterr()
    asked = ["--input", "sample:cat", "--tap", "layers.0", "--over", "max", "--json"]
    assert run(["channel-size", "demo:shapes-plain", *asked]) == 0
    told = json.loads(capsys.readouterr().out)
    found = explorer.channel_size("demo:shapes-plain", "sample:cat", tap="layers.0", over="max")  # type: ignore[attr-defined]
    assert told["sizes"] == list(found.value.sizes)
    assert run(["plugin", "list"]) == 0
    assert "channel-size" in capsys.readouterr().out


@pytest.mark.slow
def test_installed_by_pip_it_and_the_example_pass_their_own_tests(tmp_path: Path) -> None:
    assert run(["plugin", "new", "channel_size", "--into", str(tmp_path)]) == 0
    shutil.copytree(ROOT / "examples" / "score_cam", tmp_path / "score-cam")
    sources = [tmp_path / "channel-size", tmp_path / "score-cam"]
    target, tests = tmp_path / "site", tmp_path / "tests"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*pip, "--target", str(target), *map(str, sources)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    tests.mkdir()
    for source in sources:  # away from their sources: what is installed is what is tested
        for path in (source / "tests").iterdir():
            shutil.copy(path, tests)
    code = f"""
import sys, pytest
sys.path[:0] = [{str(ROOT)!r}, {str(target)!r}]
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "explorer.pytest_plugin", "--strict-markers"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tests, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "14 passed" in done.stdout  # six checks of each, and what each adds

    listed = "import sys; sys.path[:0] = [{!r}, {!r}]; from explorer.cli import run; sys.exit(run(['plugin', 'list']))"
    done = subprocess.run(
        [sys.executable, "-c", listed.format(str(ROOT), str(target))],
        capture_output=True,
        text=True,
        cwd=tests,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "channel-size" in done.stdout
    assert "score-cam" in done.stdout


@pytest.mark.parametrize("name", ["Channel", "2nd", "class", "a__b", "explorer", "health", "a b", "../up"])
def test_names_that_no_package_can_have_are_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plugin", "new", name, "--into", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    assert run(["plugin", "new", "mine", "--into", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err
