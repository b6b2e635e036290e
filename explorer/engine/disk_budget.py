"""Keeps what is stored for later within a budget: what was used longest ago goes first."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path


def make_room(entries: Iterable[Path], newest: Path, budget: int, kept: Collection[Path] = ()) -> None:
    """Removes files and folders of `entries`, the oldest first, until together they hold at most `budget` bytes. The newest and
    what is `kept` stay even where they alone are larger; what another program holds on to is passed over."""
    found = []
    for entry in entries:
        with contextlib.suppress(OSError):  # another window has removed it
            found.append((entry.stat().st_mtime, nbytes_of(entry), entry))
    held = sum(size for _, size, _ in found)
    for _, size, entry in sorted(found):
        if held <= budget:
            return
        if entry != newest and entry not in kept:
            remove(entry)
            held -= size


def nbytes_of(entry: Path) -> int:
    """Of a file, or of all files beneath a folder."""
    if not entry.is_dir():
        return entry.stat().st_size
    return sum(file.stat().st_size for file in entry.rglob("*") if file.is_file())


def remove(entry: Path) -> None:
    """A file or a folder with all in it; what cannot be removed stays."""
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
        return
    with contextlib.suppress(OSError):  # open in another program on Windows
        entry.unlink(missing_ok=True)
