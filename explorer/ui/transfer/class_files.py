"""Classes as folders: their names, the pictures of a burst in them, what is copied in and what is taken out. Nothing is overwritten."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QFile, QIODevice
from PySide6.QtGui import QImage

from explorer.core.arrays import Array
from explorer.core.data_sets import DEMO, TEST, DataSet
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

REMOVED = ".removed"  # a folder that no data set looks into
_BURST = re.compile(r"burst-(\d+)-(\d+)\.jpg", re.IGNORECASE)
_FORBIDDEN = frozenset('/\\:*?"<>|')
_RESERVED = frozenset(("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))))
_LONGEST = 80  # characters of a name
_QUALITY = 92  # of JPEG


def own_folder(data: DataSet | None) -> Path | None:
    """The folder of a data set that may be added to."""
    return Path(data.folder) if data is not None and not data.name.startswith(DEMO) else None


def why_no_class(name: str, others: Iterable[str]) -> str:
    """Why a class cannot be called so, "" where it can. On every system, for a data set may be taken elsewhere."""
    if not name:
        return tr("A class needs a name.")
    if len(name) > _LONGEST:
        return tr("A name has {longest} characters at most.", longest=_LONGEST)
    wrong = [char for char in name if char in _FORBIDDEN or not char.isprintable()]
    if wrong:
        return tr("A folder cannot have {wrong!r} in its name.", wrong=wrong[0])
    if name[0] == "." or name[-1] in ". " or name.casefold() in _RESERVED:
        return tr("A folder cannot be called “{name}” everywhere: choose another name.", name=name)
    if name.casefold() == TEST:
        return tr("“{test}” is the folder of the test pictures: choose another name.", test=TEST)
    if name.casefold() in {each.casefold() for each in others}:
        return tr("There is a class “{name}” already.", name=name)
    return ""


def is_of_burst(path: str) -> bool:
    """Whether a picture was captured here, by its name."""
    return _BURST.fullmatch(path.rpartition("/")[2]) is not None


def burst_file(folder: Path, burst: int, frame: int) -> Path:
    """Where a picture of a burst goes; `engine.data_sets.picture_groups` knows these names."""
    return folder / f"burst-{burst}-{frame:03}.jpg"


def next_burst(folder: Path) -> int:
    """The first number that no burst of a class has had. Raises OSError."""
    removed = folder / REMOVED
    names = os.listdir(folder) + (os.listdir(removed) if removed.is_dir() else [])
    return max((int(found[1]) for name in names if (found := _BURST.fullmatch(name))), default=0) + 1


def burst_files(folder: Path, burst: int) -> list[Path]:
    """The pictures of a burst. Raises OSError."""
    found = ((name, _BURST.fullmatch(name)) for name in os.listdir(folder))
    return sorted(folder / name for name, match in found if match and int(match[1]) == burst)


def save_frame(path: Path, pixels: Array) -> None:
    """(H, W, 3) uint8 as a JPEG, whole or not at all. Raises ExplorerError."""
    from explorer.engine.export import write

    high, wide = pixels.shape[:2]
    image = QImage(pixels.tobytes(), wide, high, 3 * wide, QImage.Format.Format_RGB888)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "JPG", _QUALITY):  # type: ignore[call-overload]
        raise ExplorerError(tr("A picture of the camera could not be made a JPEG."))
    write(path, bytes(data.data()))


def make_folder(folder: Path) -> None:
    """Makes a folder and those around it. Raises ExplorerError."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise ExplorerError(
            tr("There is “{folder}” already.", folder=folder.name), str(folder), tr("Choose another name.")
        ) from None
    except OSError as error:
        why = f"{folder}: {error.strerror or error}."
        raise ExplorerError(
            tr("“{folder}” cannot be made.", folder=folder.name), why, tr("Choose another folder.")
        ) from None


def take_out(files: Sequence[Path]) -> str:
    """Puts files into the system's trash, else into a hidden folder beside them; where they are now. Raises OSError."""
    where = tr("in the trash")
    for file in files:
        if not _to_trash(file):
            aside = file.parent / REMOVED
            aside.mkdir(exist_ok=True)
            os.replace(file, _free(aside / file.name))
            where = tr("in the folder {removed} of the class", removed=REMOVED)
    return where


def _to_trash(file: Path) -> bool:
    moved = QFile.moveToTrash(str(file))  # with the place in the trash, on some systems
    return bool(moved[0] if isinstance(moved, tuple) else moved)


@dataclass(frozen=True, slots=True)
class CopiedIn:
    """How many pictures were copied into a class, and the names of what is no picture."""

    count: int
    left_out: tuple[str, ...] = ()


def copy_in(paths: Sequence[str], folder: Path) -> CopiedIn:
    """Copies pictures into a class; the files stay where they are. Raises OSError."""
    from explorer.engine.inputs.folder import is_picture

    count, left_out = 0, []
    for path in map(Path, paths):
        if not path.is_file() or not is_picture(path):
            left_out.append(path.name)
            continue
        target = _free(folder / path.name)
        part = target.with_name(f".{target.name}.part")
        try:
            shutil.copy2(path, part)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
        count += 1
    return CopiedIn(count, tuple(left_out))


def _free(target: Path) -> Path:
    """The same name, or with a number behind it where there is such a file."""
    number, free = 2, target
    while free.exists():
        free, number = target.with_stem(f"{target.stem} ({number})"), number + 1
    return free
