"""Where bundles are unpacked, within a budget: the folder that was opened longest ago goes first, never one that is in use.

In use is what a running process has opened (each holds a file `.held-NUMBER.txt` with the names) and what the session of the last
window names, which opens with it again.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import IO

from explorer.core.session.last_session import Last
from explorer.core.system import paths
from explorer.core.system.held_file import is_held
from explorer.engine.disk_budget import make_room, remove

BUDGET = 4 << 30  # bytes
_STALE = 24 * 3600  # seconds: what was being unpacked for so long was left by a process that ended
_MARKER = ".held-"

_streams: dict[Path, IO[str]] = {}  # of this process, one a cache folder


def folder_of_bundles() -> Path:
    """In the cache."""
    return paths.cache_dir() / "sessions"


def hold(folder: Path) -> None:
    """This process uses a folder from now on; it was opened now. What cannot be written is passed over."""
    with contextlib.suppress(OSError):
        os.utime(folder)
    marker = folder.parent / f"{_MARKER}{os.getpid()}.txt"
    with contextlib.suppress(OSError):
        if marker not in _streams:
            _streams[marker] = open(marker, "w", encoding="utf-8")  # noqa: SIM115 - open for as long as the process runs
        _streams[marker].write(f"{folder.name}\n")
        _streams[marker].flush()


def tidy(base: Path, newest: Path, budget: int = BUDGET) -> None:
    """Removes unpacked bundles, the oldest first, until together they hold at most `budget` bytes."""
    used = _used(base)
    last = Last(paths.config_dir()).read()
    with contextlib.suppress(OSError):
        entries = list(base.iterdir())
        folders = [entry for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
        kept = {folder for folder in folders if folder.name in used or folder.name in last}
        make_room(folders, newest, budget, kept)
        for entry in entries:
            if entry.name.startswith((".unpacking-", ".old-")) and time.time() - entry.stat().st_mtime > _STALE:
                remove(entry)


def _used(base: Path) -> set[str]:
    """Names of folders that processes have opened; what ended ones have left is taken away."""
    names: set[str] = set()
    for marker in base.glob(f"{_MARKER}*"):
        with contextlib.suppress(OSError):
            if marker in _streams or is_held(marker):
                names |= set(marker.read_text(encoding="utf-8").split("\n"))
            else:
                marker.unlink()
    return names - {""}
