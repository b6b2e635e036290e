"""What the window is opened with: options, and files as a file manager names them."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from explorer.cli import run


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[argparse.Namespace]:
    """The arguments of every window that would have been opened."""
    import explorer.app

    seen: list[argparse.Namespace] = []
    monkeypatch.setattr(explorer.app, "run", lambda args: seen.append(args) or 0)
    return seen


def test_files_alone_and_after_options(opened: list[argparse.Namespace], tmp_path: Path) -> None:
    weights = tmp_path / "mine.safetensors"
    weights.write_bytes(b"")
    assert run([]) == run([str(weights)]) == run(["--model", "demo:seeded", str(weights)]) == 0
    assert [(args.model, args.files) for args in opened] == [
        ("", []),
        ("", [str(weights)]),
        ("demo:seeded", [str(weights)]),
    ]


def test_a_command_stays_one_where_a_file_has_its_name(
    opened: list[argparse.Namespace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").mkdir()
    assert run(["weights", "list"]) == 0
    assert opened == []


def test_what_is_neither_command_nor_file_is_an_error(opened: list[argparse.Namespace]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["laiers"])
    assert ended.value.code == 1
    assert opened == []
