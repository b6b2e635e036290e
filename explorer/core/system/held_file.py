"""Files that say that a process is there: it holds its own open for as long as it runs, and its number is at the end of the name."""

from __future__ import annotations

import os
from pathlib import Path


def is_held(file: Path) -> bool:
    """Whether the process of a file named `…-NUMBER` with any suffix still runs; never for this process's own number."""
    number = file.stem.rpartition("-")[2]
    if not number.isdigit() or int(number) == os.getpid():
        return False  # an earlier process had this number, or the name is not ours
    return _is_open(file) if os.name == "nt" else _is_process(int(number))


def _is_process(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's: not this person's window
        return False
    return True


def _is_open(file: Path) -> bool:
    # Windows lets nobody rename a file that a process holds open; asking for the process there would end it.
    try:
        file.rename(file)
    except OSError:
        return True
    return False
