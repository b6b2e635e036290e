"""What is left of a window that was closed unexpectedly, for the next start to find.

A running window holds `running-PID.txt` open in the cache folder; native crashes are written into it. A clean end removes it, so
one whose process is gone tells of a crash, a kill, or a machine that went off.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from explorer.core.system.held_file import is_held
from explorer.core.translation import tr

_PATTERN = "running-*.txt"
_LINES = 200  # of the log that go along


@dataclass(frozen=True, slots=True)
class Crash:
    """An unexpected end. `trace`: what a native crash wrote, "" when the process was ended from outside."""

    began: str  # local time, to the second
    trace: str
    log: str  # its last lines

    @property
    def text(self) -> str:
        """Everything, as one text to hand on."""
        return "\n\n".join(part for part in (tr("Started {began}", began=self.began), self.trace, self.log) if part)


def begin(folder: Path) -> TextIO:
    """The record of this window, open for faulthandler. The folder must exist. Raises OSError."""
    file = open(folder / f"running-{os.getpid()}.txt", "w", encoding="utf-8")  # noqa: SIM115 - open while the window is
    file.write(time.strftime("%Y-%m-%d %H:%M:%S\n"))
    file.flush()
    return file


def end(record: TextIO) -> None:
    """The window was closed as it should be. Never raises."""
    try:
        record.close()
        Path(record.name).unlink(missing_ok=True)
    except OSError:
        pass


def take(folder: Path, log: Path) -> Crash | None:
    """The latest unexpected end, None when there was none; its record is removed, so that it is told once.

    Call it before this window writes to `log`.
    """
    dead = sorted((path for path in folder.glob(_PATTERN) if not is_held(path)), key=_changed)
    crash = _read(dead[-1], log) if dead else None
    for path in dead:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            pass
    return crash


def _read(record: Path, log: Path) -> Crash:
    began, _, trace = _text(record).partition("\n")
    return Crash(began.strip(), trace.strip(), "\n".join(_text(log).splitlines()[-_LINES:]))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
