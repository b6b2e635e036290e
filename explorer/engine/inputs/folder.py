"""The pictures and videos of a folder, in the order a person expects, and the next one."""

from __future__ import annotations

import os
import re
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.input_files import PICTURE_SUFFIXES, VIDEO_SUFFIXES, unreadable
from explorer.core.translation import tr

NaturalKey = tuple[tuple[tuple[int, int, str], ...], str]


def natural_key(name: str) -> NaturalKey:
    """Sorts "frame 2" before "frame 10", without regard to case."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    keys = tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part.casefold()) for part in parts)
    return keys, name  # the name itself settles "a01" against "a1"


def is_picture(path: str | Path) -> bool:
    """Whether the name says picture; the content may say otherwise."""
    return Path(path).suffix.lower() in PICTURE_SUFFIXES


def is_video(path: str | Path) -> bool:
    """Whether the name says video."""
    return Path(path).suffix.lower() in VIDEO_SUFFIXES


def list_folder(folder: str | Path, *, videos: bool = True) -> tuple[Path, ...]:
    """Pictures (and videos) directly in `folder`, in natural order; hidden files are left out.

    Raises ExplorerError when it is missing, no folder, or may not be read. An empty folder gives ().
    """
    folder = Path(folder)
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if _wanted(entry, videos)]
    except NotADirectoryError as error:
        raise ExplorerError(
            tr("“{folder}” is not a folder.", folder=folder.name), str(folder), tr("Open it as a picture.")
        ) from error
    except OSError as error:
        raise unreadable(folder, "folder", error) from error
    return tuple(sorted(found, key=lambda path: natural_key(path.name)))


def neighbour(path: str | Path, step: int = 1, *, videos: bool = True) -> Path:
    """The file `step` places after (or before) `path` in its folder, round the end and back to the start.

    When `path` itself is gone, counting starts from where it would be. Raises ExplorerError when nothing is there.
    """
    path = Path(path)
    files = list_folder(path.parent, videos=videos)
    if not files:
        raise ExplorerError(
            tr("There is no picture in “{parent}”.", parent=path.parent.name),
            str(path.parent),
            tr("Open another picture or folder."),
        )
    names = [file.name for file in files]
    if path.name in names:
        return files[(names.index(path.name) + step) % len(files)]
    after = sum(natural_key(name) < natural_key(path.name) for name in names)
    return files[(after + step - (1 if step > 0 else 0)) % len(files)]


def _wanted(entry: os.DirEntry[str], videos: bool) -> bool:
    if entry.name.startswith(".") or not (is_picture(entry.name) or (videos and is_video(entry.name))):
        return False
    try:
        return entry.is_file()
    except OSError:  # a link into a folder that may not be read: not ours to offer
        return False
