from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.core import crash_log


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.txt"
    path.write_text("first\nlast words\n", encoding="utf-8")
    return path


def gone() -> int:
    """The number of a process that has ended and been waited for."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_a_clean_end_leaves_nothing_to_tell(tmp_path: Path, log: Path) -> None:
    record = crash_log.begin(tmp_path)
    assert Path(record.name).exists()
    crash_log.end(record)
    assert crash_log.take(tmp_path, log) is None
    assert list(tmp_path.iterdir()) == [log]


def test_a_crash_is_told_once_with_its_trace_and_the_log(tmp_path: Path, log: Path) -> None:
    record = tmp_path / f"running-{gone()}.txt"
    record.write_text("2026-01-02 03:04:05\nFatal Python error: Segmentation fault\n  File x\n", encoding="utf-8")
    found = crash_log.take(tmp_path, log)
    assert found is not None
    assert found.began == "2026-01-02 03:04:05"
    assert found.trace == "Fatal Python error: Segmentation fault\n  File x"
    assert found.log == "first\nlast words"
    assert found.text.splitlines()[0] == "Started 2026-01-02 03:04:05"
    assert crash_log.take(tmp_path, log) is None
    assert not record.exists()


def test_a_real_native_crash_is_found(tmp_path: Path, log: Path) -> None:
    code = (
        "import faulthandler, sys; from pathlib import Path; from explorer.core import crash_log as crash\n"
        "faulthandler.enable(crash.begin(Path(sys.argv[1]))); faulthandler._sigabrt()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True)
    assert done.returncode != 0
    found = crash_log.take(tmp_path, log)
    assert found is not None
    assert "Fatal Python error: Aborted" in found.trace


def test_a_window_that_still_runs_is_left_alone(tmp_path: Path, log: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        record = tmp_path / f"running-{other.pid}.txt"
        with record.open("w", encoding="utf-8") as held:
            held.write("now\n")
            held.flush()
            assert crash_log.take(tmp_path, log) is None
            assert record.exists()
        assert other.stdin is not None
        other.stdin.close()
        other.wait()


def test_only_the_latest_is_told_and_all_are_cleared(tmp_path: Path, log: Path) -> None:
    older, newer = tmp_path / f"running-{gone()}.txt", tmp_path / "running-notanumber.txt"
    for at, path in enumerate((older, newer)):
        path.write_text(f"{path.stem}\n", encoding="utf-8")
        os.utime(path, (1000 + at, 1000 + at))
    found = crash_log.take(tmp_path, log)
    assert found is not None
    assert found.began == newer.stem
    assert list(tmp_path.iterdir()) == [log]


def test_a_missing_log_and_folder_are_no_error(tmp_path: Path) -> None:
    assert crash_log.take(tmp_path / "nowhere", tmp_path / "no.txt") is None
    (tmp_path / "running-0x.txt").write_text("then\n", encoding="utf-8")
    found = crash_log.take(tmp_path, tmp_path / "no.txt")
    assert found is not None
    assert (found.trace, found.log) == ("", "")
