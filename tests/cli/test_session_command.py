"""`session check` and `session bundle`: what a session names, and one file that holds it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.cli import run
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.named_files import relative_paths
from explorer.core.session.session import Session, to_json


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    folder = tmp_path / "lesson"
    folder.mkdir()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "a.png")
    (folder / "w.pth").write_bytes(b"x" * 1000)
    session = Session(
        ModelSpec("torchvision:resnet18", str(folder / "w.pth")), InputRef("picture", str(folder / "a.png"))
    )
    (folder / "lesson.fmx.json").write_text(to_json(session, relative_paths(session, str(folder))))
    return folder / "lesson.fmx.json"


def test_a_moved_folder_is_whole_and_a_lone_file_is_not(
    lesson: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = lesson.parent.rename(tmp_path / "other")
    assert run(["session", "check", str(folder / lesson.name)]) == 0
    assert f"ok       input        {folder / 'a.png'}" in capsys.readouterr().out
    alone = (folder / lesson.name).rename(tmp_path / "alone.fmx.json")
    assert run(["session", "check", str(alone), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(row["role"], row["missing"]) for row in told["files"]] == [("weights", True), ("input", True)]


def test_a_bundle_is_made_and_checked(lesson: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "lesson.fmx")
    assert run(["session", "bundle", str(lesson), "--out", out]) == 0
    assert run(["session", "check", out]) == 0
    assert "every SHA-256 is right" in capsys.readouterr().out
    assert run(["session", "bundle", str(lesson), "--out", out, "--without-weights"]) == 0
    capsys.readouterr()
    assert run(["session", "check", out, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [entry["role"] for entry in told["entries"]] == ["session", "input"]
    assert told["left_out"][0]["what"] == "w.pth"


def test_a_changed_byte_is_found(lesson: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "lesson.fmx"
    run(["session", "bundle", str(lesson), "--out", str(out)])
    data = bytearray(out.read_bytes())
    data[data.index(b"x" * 100)] = ord("y")
    out.write_bytes(data)
    capsys.readouterr()
    assert run(["session", "check", str(out)]) == 1
    assert "cannot be opened" in capsys.readouterr().err


def test_what_is_no_session_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.fmx.json").write_text("[")
    for part in (["check", str(tmp_path / "a.fmx.json")], ["check", str(tmp_path / "none.fmx")]):
        assert run(["session", *part]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
