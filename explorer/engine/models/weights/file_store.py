"""The weight files in all the folders that are searched: listing, checking, and taking in new ones. No torch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.system.paths import download_dir
from explorer.core.translation import tr
from explorer.engine.models.torchvision_tasks import all_names, files_of
from explorer.engine.models.weights import locate


@dataclass(frozen=True, slots=True)
class StoredWeights:
    """One weight file. `model`: what it would be opened for, "" where its name says nothing; `shadowed`: one before it wins."""

    path: Path
    nbytes: int
    model: str
    shadowed: bool = False

    @property
    def checksum(self) -> str:
        """The beginning of its sha256 as its name has it, "" when it has none."""
        return locate.hash_in_name(self.path.name)


def kept() -> tuple[StoredWeights, ...]:
    """All weight files, in the order in which they are looked for."""
    found: list[StoredWeights] = []
    for folder in locate.places():
        for path in _files(folder):
            model = model_of(path.name)
            won = bool(model) and any(before.model == model for before in found)
            found.append(StoredWeights(path, path.stat().st_size, model, won))
    return tuple(found)


def _files(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:  # not made yet, or not for us to read
        return
    yield from (
        path for name in names if (path := folder / name).name.lower().endswith(locate.OPENED) and path.is_file()
    )


def model_of(file: str) -> str:
    """The torchvision model that a file of this name is found for, "" when there is none."""
    path = Path(file)
    if files_of(path.stem) and path.suffix in locate.SUFFIXES:
        return path.stem
    return next((name for name in all_names() if file in files_of(name)), "")


def add(source: Path, folder: Path | None = None) -> Path:
    """Copy a file into the download folder, checked before and whole or not at all; returns where it is.

    Raises ExplorerError when it is no weight file, is damaged, there is no folder for it, or another file of its name is there.
    """
    if not source.name.lower().endswith(locate.OPENED):
        raise ExplorerError(
            tr("{source} is no weight file.", source=source.name),
            "",
            tr("Give one of {list}.", list=", ".join(locate.OPENED)),
        )
    reason = locate.damage(source)
    if reason:
        raise ExplorerError(
            tr("{source} was not taken in.", source=source.name),
            f"{reason[0].upper()}{reason[1:]}.",
            tr("Copy it again."),
        )
    folder = folder or download_dir()
    if folder is None:
        raise ExplorerError(
            tr("There is no folder to put weights into."), "", tr("Name one you may write to in FME_WEIGHTS.")
        )
    target = folder / source.name
    try:
        return target if _there(source, target) else _copy(source, target)
    except OSError as error:
        why = f"{error.strerror or error}."
        raise ExplorerError(
            tr("{source} could not be copied.", source=source.name),
            why,
            tr("Is {folder} full or read-only?", folder=folder),
        ) from None


def _there(source: Path, target: Path) -> bool:
    if not target.exists():
        return False
    if locate.sha256_of(target) != locate.sha256_of(source):
        raise ExplorerError(
            tr("Another {source} is in {parent}.", source=source.name, parent=target.parent),
            "",
            tr("Give one of them another name."),
        )
    return True


def _copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(source, part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target
