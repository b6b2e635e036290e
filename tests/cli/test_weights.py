"""The command `weights`, as a lab's script would call it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from explorer.cli import run


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app_home: Path) -> Path:
    """The only folder named in FME_WEIGHTS; torch's cache is elsewhere."""
    folder = tmp_path / "shelf"
    monkeypatch.setenv("FME_WEIGHTS", str(folder))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return folder.resolve()


def official(folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"net-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    path.write_bytes(content)
    return path


def test_nothing_there_is_said_with_the_folders(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["weights", "list"]) == 0
    out = capsys.readouterr().out
    assert f"1. {shelf} (missing)" in out
    assert "No weight files" in out


def test_what_is_added_is_listed_and_verified(shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = official(tmp_path / "stick", b"weights")
    assert run(["weights", "add", str(given)]) == 0
    assert run(["weights", "list", "--json"]) == 0
    out = capsys.readouterr().out
    told = json.loads(out[out.index("{") :])
    assert [row["path"] for row in told["files"]] == [str(shelf / given.name)]
    assert told["folders"][0] == str(shelf)
    assert run(["weights", "verify"]) == 0
    assert "matches its name" in capsys.readouterr().out


def test_a_damaged_file_fails_the_verification(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    official(shelf, b"weights").write_bytes(b"weighty")
    (shelf / "mine.pth").write_bytes(b"mine")
    assert run(["weights", "verify"]) == 1
    said = capsys.readouterr()
    assert "DAMAGED" in said.out
    assert hashlib.sha256(b"mine").hexdigest() in said.out
    assert "damaged: net-" in said.err


def test_the_first_bad_file_stops_adding_with_one_line(
    shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["weights", "add", str(tmp_path / "missing.pth")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "missing.pth" in said.err
    assert not shelf.exists()


def test_fetching_a_name_that_is_none_names_near_ones(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["weights", "fetch", "resnet81"]) == 1
    assert "resnet18" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["weights"], ["weights", "add"], ["weights", "burn"]])
def test_a_wrong_command_line_is_one_line(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(argv)
    assert ended.value.code == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
