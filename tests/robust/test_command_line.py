"""The command line: one line and exit code 1 for whatever is wrong, JSON and nothing else where it was asked for."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli import run
from explorer.core.system.paths import resources

CAT = str(resources() / "samples" / "cat.png")
ODD = str(Path(__file__).with_name("odd_nets.py"))


def odd(factory: str) -> list[str]:
    return [f"file:{ODD}:{factory}", "--trust-code", "--size", "32"]


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """The reason; there must be one, in one line, with nothing on standard output."""
    try:
        code = run(list(command))
    except SystemExit as end:  # argparse
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (1, "", 1), err
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["frobnicate"], "invalid choice"),
        (["--nonsense"], "unrecognized"),
        (["layers"], "MODEL"),
        (["layers", ""], "No model was named"),
        (["layers", "foo:bar"], "not a source"),
        (["layers", "file:somewhere"], "no Python file"),
        (["layers", f"file:{ODD}:Names"], "--trust-code"),
        (["layers", f"file:{ODD}:Nothing", "--trust-code"], "has no function"),
        (["layers", "demo:nope"], "no demo model"),
        (["layers", "demo:seeded", "--size", "0"], "size"),
        (["layers", "demo:seeded", "--size", "²"], "size"),
        (["layers", "demo:seeded", "--size", "9" * 40], "size"),
        (["layers", "demo:seeded", "--seed", "9" * 40], "seed"),
        (["layers", "demo:seeded", "--seed", "x"], "--seed"),
        (["predict", "demo:seeded", "--input", "nowhere.png"], "nowhere.png"),
        (["predict", "demo:seeded", "--input", CAT], "no class predictions"),
        (["maps", "demo:seeded", "--input", CAT, "--tap", "stm", "--out", "x.npz"], "stem"),
        (["maps", "demo:seeded", "--input", CAT, "--tap", "stem", "--out", "x.txt"], ".npz"),
        (["maps", "demo:seeded", "--input", CAT, "--tap", "stem", "--out", "nowhere/x.npz"], "folder"),
        (["maps", *odd("Kinds"), "--input", CAT, "--tap", "complex", "--out", "x.npz"], "complex"),
        (["maps", *odd("Kinds"), "--input", CAT, "--tap", "no_rows", "--out", "x.png"], "nothing to draw"),
        (["layers", *odd("Exits")], "SystemExit"),
        (["screenshot", "--model", f"file:{ODD}:Names", "--input", CAT, "--out", "x.png"], "--trust-code"),
        (["screenshot", "--model", "demo:seeded", "--input", CAT, "--out", "x.png", "--size", "²x9"], "window size"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in said(capsys, *command)
    assert list(tmp_path.iterdir()) == []


def test_an_error_nobody_thought_of_is_one_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_args: object) -> int:
        raise KeyError("a\nb")

    monkeypatch.setattr("explorer.cli.headless.layers", broken)
    assert "KeyError" in said(capsys, "layers", "demo:seeded")


@pytest.mark.filterwarnings("ignore:loudest")
def test_json_is_all_that_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(Path(ODD).read_text() + "\nprint('at the top')\ndef make_model(): return Talks(conv(3, 4))\n")
    assert run(["layers", f"file:{file}", "--trust-code", "--size", "16", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out)
    assert [tap["name"] for tap in found["taps"]] == ["inner", "output"]
    assert any("at the top" in note for note in found["model"]["notes"])


def test_a_terminal_without_the_letters_gets_them_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert run(["layers", "demo:seeded", "--size", "32"]) == 0
    assert rb"1\xd724\xd716\xd716" in raw.getvalue()


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "explorer", "layers", "demo:seeded", "--size", "32"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0
