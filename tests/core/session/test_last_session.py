from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.core.session.last_session import NAME, Last


def test_what_was_written_is_read(tmp_path: Path) -> None:
    last = Last(tmp_path / "new" / "folder")
    assert last.read() == ""
    last.write("ä session")
    assert Last(tmp_path / "new" / "folder").read() == "ä session"
    assert [path.name for path in last.file.parent.iterdir()] == [NAME]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_what_cannot_be_read_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert Last(tmp_path).read() == ""


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = Last(tmp_path)
    last.write("before")

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        last.write("after")
    assert last.read() == "before"
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_session_that_ended_the_window_is_put_aside(tmp_path: Path) -> None:
    last = Last(tmp_path)
    last.write("bad")
    last.begin()
    last.opened()
    assert last.aside() is None
    last.begin()
    put = Last(tmp_path).aside()
    assert put is not None
    assert put.read_text() == "bad"
    assert last.read() == ""
    assert last.aside() is None


def test_what_killed_writers_left_goes(tmp_path: Path) -> None:
    for name, age in (("old", 3600), ("young", 0)):
        part = tmp_path / f"{NAME}.{name}.part"
        part.write_text("half")
        os.utime(part, (time.time() - age, time.time() - age))
    Last(tmp_path).tidy()
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.young.part"]


@pytest.mark.skipif(os.name == "nt", reason="only on systems that have SIGKILL")
def test_whoever_is_killed_while_writing_leaves_a_whole_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from explorer.core.session.last_session import Last\n"
        "last = Last(Path(sys.argv[1])); print('go', flush=True)\n"
        "for n in range(10**9): last.write(str(n % 10) * 200_000)\n"
    )
    for _ in range(5):
        child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        text = Last(tmp_path).read()
        assert len(text) in (0, 200_000)
        assert len(set(text)) <= 1
