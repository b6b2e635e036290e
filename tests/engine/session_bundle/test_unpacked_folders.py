"""Unpacked bundles stay within a budget; what is in use stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from explorer.core.session.last_session import Last
from explorer.core.session.session import Session
from explorer.core.system import paths
from explorer.engine.session_bundle import unpacked_folders
from explorer.engine.session_bundle.bundle_files import contents
from explorer.engine.session_bundle.read import open_bundle
from explorer.engine.session_bundle.unpacked_folders import folder_of_bundles, hold, tidy
from explorer.engine.session_bundle.write import write_bundle


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    streams: dict[Path, IO[str]] = {}
    monkeypatch.setenv("FME_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(unpacked_folders, "_streams", streams)
    yield tmp_path
    for stream in streams.values():
        stream.close()


def folder(name: str, age: int, size: int = 1000) -> Path:
    """An unpacked bundle that was opened `age` seconds ago."""
    made = folder_of_bundles() / name
    (made / "files/1").mkdir(parents=True)
    (made / "files/1/a.png").write_bytes(bytes(size))
    past = made.stat().st_mtime - age
    os.utime(made, (past, past))
    return made


def test_the_oldest_goes_first_until_the_budget_holds() -> None:
    old, middle, new = folder("old", 300), folder("middle", 200), folder("new", 100)
    tidy(folder_of_bundles(), new, budget=2500)
    assert (old.exists(), middle.exists(), new.exists()) == (False, True, True)


def test_what_this_process_has_opened_stays() -> None:
    used, other, new = folder("used", 900), folder("other", 200), folder("new", 0)
    hold(used)
    past = used.stat().st_mtime - 900
    os.utime(used, (past, past))
    tidy(folder_of_bundles(), new, budget=10)
    assert (used.exists(), other.exists(), new.exists()) == (True, False, True)


def test_what_another_running_process_has_opened_stays_and_a_marker_of_an_ended_one_goes() -> None:
    used, left, new = folder("used", 900), folder("left", 900), folder("new", 0)
    parent, gone = folder_of_bundles() / f".held-{os.getppid()}.txt", folder_of_bundles() / ".held-4999999.txt"
    parent.write_text("used\n")
    gone.write_text("left\n")
    tidy(folder_of_bundles(), new, budget=10)
    assert (used.exists(), left.exists()) == (True, False)
    assert (parent.exists(), gone.exists()) == (True, False)


def test_what_the_last_session_names_stays() -> None:
    used, other, new = folder("lesson-0123456789abcdef", 900), folder("other", 200), folder("new", 0)
    Last(paths.config_dir()).write(f'{{"input": "{used}/files/1/a.png"}}')
    tidy(folder_of_bundles(), new, budget=10)
    assert (used.exists(), other.exists()) == (True, False)


def test_what_was_left_while_unpacking_goes_after_a_day() -> None:
    new, fresh, stale = folder("new", 0), folder(".unpacking-b", 60), folder(".unpacking-a", 2 * 24 * 3600)
    tidy(folder_of_bundles(), new)
    assert (fresh.exists(), stale.exists()) == (True, False)


def test_opening_a_bundle_makes_room(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = folder("old", 900)
    monkeypatch.setattr("explorer.engine.session_bundle.read.tidy", lambda base, newest: tidy(base, newest, 10))
    file = home / "a.fmx"
    write_bundle(str(file), contents(Session(), {}), lambda _text, _done: None)
    opened = open_bundle(file)
    assert Path(opened.folder).is_dir()
    assert not old.exists()
    tidy(folder_of_bundles(), old, budget=0)
    assert Path(opened.folder).is_dir()  # this process has opened it
