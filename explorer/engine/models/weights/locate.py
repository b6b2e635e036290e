"""Weight files on disk: where they are looked for, and whether they are what their name says. Standard library only."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from explorer.core.system.paths import weight_dirs
from explorer.core.translation import tr
from explorer.engine.models.torchvision_tasks import files_of

SUFFIXES = (".safetensors", ".pth", ".pt")  # under which a model's weights are looked for
# What files of weights are called elsewhere; any file is opened by its content, whatever its name.
ELSEWHERE = (".ckpt", ".pth.tar", ".pt.tar", ".tar", ".bin", ".pkl", ".pickle", ".th", ".pyth", ".sft", ".weights")
OPENED = (*SUFFIXES, *ELSEWHERE)
TORCH_CACHE = tr("torch's cache")
_HASHED = re.compile(r"-([0-9a-f]{8,64})\.(?:pth|pt|safetensors)$")


@dataclass(frozen=True, slots=True)
class LocatedWeights:
    """A weight file for a name, and where it was found."""

    path: Path
    where: str  # "weights folder" or "torch's cache"


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to. `rejected`: files that were there and are damaged, with the reason."""

    found: LocatedWeights | None
    looked: tuple[Path, ...]
    rejected: tuple[str, ...] = ()


def find(name: str) -> LocatedWeights | None:
    """The file that would be opened for a torchvision name (or any other name): checked against the hash in its name."""
    return search(name).found


def search(name: str, *, verify: bool = True) -> Search:
    """Like `find`, and tells where it looked. Without `verify` no file is read: quick enough for a menu."""
    rejected: list[str] = []
    for path, where in _candidates(name):
        if not _is_file(path):
            continue
        reason = damage(path) if verify else ""
        if not reason:
            return Search(LocatedWeights(path, where), places(), tuple(rejected))
        rejected.append(f"{path}: {reason}")
    return Search(None, places(), tuple(rejected))


def places() -> tuple[Path, ...]:
    """Folders that are looked into, in this order."""
    return (*weight_dirs(), torch_cache())


def torch_cache() -> Path:
    """Where torch keeps what it downloads, found without importing torch."""
    torch = sys.modules.get("torch")
    if torch is not None:
        return Path(torch.hub.get_dir()) / "checkpoints"
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", os.path.join(cache, "torch"))
    return Path(home).expanduser() / "hub" / "checkpoints"


def hash_in_name(file: str) -> str:
    """The beginning of the sha256 that an official file carries in its name, "" when it carries none."""
    match = _HASHED.search(file)
    return match[1] if match else ""


def damage(path: Path) -> str:
    """Why a file from a weights folder must not be used, "" when nothing speaks against it."""
    try:
        if path.stat().st_size == 0:
            return tr("the file is empty")
        expected = hash_in_name(path.name)
        if expected and not sha256_of(path).startswith(expected):
            return tr("its content does not match the checksum in its name (an interrupted copy or download?)")
    except OSError as error:
        return tr("it cannot be read ({strerror})", strerror=error.strerror or error)
    return ""


def sha256_of(path: Path) -> str:
    """sha256 of a file, 64 hex digits; remembered until size or time of change differ. Raises OSError."""
    status = path.stat()
    return _sha256(str(path.resolve()), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256(path: str, _size: int, _changed: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _candidates(name: str) -> Iterator[tuple[Path, str]]:
    official = files_of(name)
    for folder in weight_dirs():
        # A file under the plain name was put there by somebody on purpose, so it comes before the official ones.
        for file in (*(name + suffix for suffix in SUFFIXES), *official):
            yield folder / file, tr("weights folder")
    for file in official:
        yield torch_cache() / file, TORCH_CACHE


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder without permission counts as one without files
        return False
