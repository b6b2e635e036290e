"""Which pictures belong together and are never split between train and test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

BURST_S = 2.0  # seconds between two pictures of one burst, at most
_COUNTER = re.compile(r"[\s_.\-]*(?:frame|f|#)?[\s_.\-]*\d+$", re.IGNORECASE)


def groups_of(kind: str, folder: Path, pictures: Sequence[tuple[Path, float]], by_time: bool = True) -> list[str]:
    """The group of each picture (path, time in seconds) of a class whose folder is given; "" for one that is its own.

    folder: the folder below the class's. name: the file's name without the number at its end, the same in all
    classes. burst: a name that says "burst", else with `by_time` pictures that follow each other within two seconds; without, in a
    data set whose bursts have names, any other picture is its own.
    """
    if kind == "folder":
        return [_below(folder, path) for path, _ in pictures]
    if kind == "name":
        return [_stem(path) for path, _ in pictures]
    return _bursts(folder.name, pictures, by_time) if kind == "burst" else [""] * len(pictures)


def _below(folder: Path, path: Path) -> str:
    inside = path.relative_to(folder).parent.as_posix()
    return "" if inside == "." else f"{folder.name}/{inside}"


def _stem(path: Path) -> str:
    return _COUNTER.sub("", path.stem)


def says_burst(path: Path) -> bool:
    """Whether a file's name says that it is a frame of a burst."""
    return "burst" in _stem(path).lower()


def _bursts(name: str, pictures: Sequence[tuple[Path, float]], by_time: bool) -> list[str]:
    found = [""] * len(pictures)
    last, number = float("-inf"), 0
    for i in sorted(range(len(pictures)), key=lambda i: pictures[i][1]):
        path, time = pictures[i]
        if says_burst(path):
            found[i] = f"{name}/{_stem(path)}"
            continue
        if not by_time:
            continue
        number += time - last > BURST_S
        found[i], last = f"{name}/burst {number}", time
    return found
