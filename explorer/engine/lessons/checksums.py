"""SHA256SUMS of a lab kit: of every other file, as `sha256sum -c` reads it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

NAME = "SHA256SUMS"
_LINE = re.compile(r"(?P<sum>[0-9a-f]{64}) [ *](?P<name>.+)")
_MOST_BYTES = 4 << 20


def sums_text(folder: Path, names: Iterable[str]) -> str:
    """A line for each of these files of a folder."""
    return "".join(f"{sum_of(folder / name)}  {name}\n" for name in sorted(names))


def sum_of(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sums_from(text: str) -> dict[str, str]:
    """SHA-256 by name. Raises ExplorerError with the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ExplorerError(
                tr("This kit cannot be used."),
                tr("{name}, line {number}: is no checksum of a file.", name=NAME, number=number),
            )
        found[match["name"]] = match["sum"]
    return found


def check_sums(folder: Path) -> None:
    """Compares every file that a lesson's SHA256SUMS names. A folder without one is somebody's own work. Raises ExplorerError."""
    sums = folder / NAME
    try:
        if not sums.is_file():
            return
        if sums.stat().st_size > _MOST_BYTES:
            raise ExplorerError(tr("This kit cannot be used."), tr("Its {name} is too long.", name=NAME))
        for name, wanted in sums_from(sums.read_text(encoding="utf-8")).items():
            file = folder / name
            if not file.resolve().is_relative_to(folder.resolve()):
                raise ExplorerError(
                    tr("This kit cannot be used."),
                    tr("Its {name} names {name2!r}, which is not in it.", name=NAME, name2=name),
                )
            if not file.is_file():
                raise ExplorerError(
                    tr("This kit is not whole."), tr("The file {name} is missing.", name=name), tr("Copy it again.")
                )
            if sum_of(file) != wanted:
                raise ExplorerError(
                    tr("This kit is damaged, or was changed."),
                    tr("The content of {name} is not what its {name2} says.", name=name, name2=NAME),
                    tr("Copy it again; who has changed it on purpose packs it anew or deletes {name}.", name=NAME),
                )
    except (OSError, UnicodeDecodeError) as error:
        raise ExplorerError(tr("This kit cannot be read."), f"{error}.") from None
