"""`screenshot --session`: what a session shows, in a home of its own, or what is missing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from explorer.cli import run
from explorer.cli.opened_session import models_of, session_of
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.session import Session, to_json
from explorer.core.system.paths import resources

MODEL, OTHER = ModelSpec("demo:seeded"), ModelSpec("demo:shapes-cnn")


def file_of(session: Session, path: Path) -> Path:
    path.write_text(to_json(session), encoding="utf-8")
    return path


def test_the_models_of_all_columns_are_asked_about_once() -> None:
    columns = (Column(0, MODEL), Column(1, OTHER), Column(2, OTHER))
    assert models_of(Session(MODEL, comparison=Comparison(columns))) == (MODEL, OTHER)


def test_missing_files_are_named(tmp_path: Path) -> None:
    path = file_of(Session(MODEL, InputRef("picture", str(tmp_path / "gone.png"))), tmp_path / "s.fmx.json")
    with pytest.raises(ExplorerError, match=r"1 of the files of s.fmx.json is missing: gone.png"):
        session_of(path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--session", "s", "--model", "demo:seeded"], "--session and --model exclude each other"),
        (["--session", "s", "--tap", "relu"], "--session and --tap exclude each other"),
        ([], "Neither --model nor --session was given"),
    ],
)
def test_what_a_session_says_itself_is_not_said_twice(options: list[str], words: str, capsys: object) -> None:
    assert run(["screenshot", *options, "--out", "x.png"]) == 1
    assert words in capsys.readouterr().err  # type: ignore[attr-defined]


def test_code_of_a_session_is_not_run_without_a_yes(tmp_path: Path, capsys: object) -> None:
    (tmp_path / "net.py").write_text("def make_model():\n    raise SystemExit\n")
    path = file_of(Session(ModelSpec(f"file:{tmp_path / 'net.py'}:make_model")), tmp_path / "s.fmx.json")
    assert run(["screenshot", "--session", str(path), "--out", str(tmp_path / "x.png")]) == 1
    assert "--trust-code" in capsys.readouterr().err  # type: ignore[attr-defined]


def test_a_bundle_is_drawn_on_another_account_with_its_picture_gone(tmp_path: Path) -> None:
    picture = tmp_path / "there" / "cat.png"
    picture.parent.mkdir()
    picture.write_bytes((resources() / "samples" / "cat.png").read_bytes())
    session = file_of(Session(MODEL, InputRef("picture", str(picture)), "relu", channel=2), tmp_path / "s.fmx.json")
    bundle, out = tmp_path / "s.fmx", tmp_path / "window.png"
    assert run(["session", "bundle", str(session), "--out", str(bundle)]) == 0
    picture.unlink()
    session.unlink()
    argv = [
        sys.executable,
        "-m",
        "explorer",
        "screenshot",
        "--session",
        str(bundle),
        "--size",
        "900x700",
        "--out",
        str(out),
    ]
    environment = {**os.environ, "FME_HOME": str(tmp_path / "other")}
    done = subprocess.run(argv, capture_output=True, text=True, timeout=240, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(out) as image:
        assert image.size == (900, 700)
    assert len(list((tmp_path / "other").rglob("cat.png"))) == 1
