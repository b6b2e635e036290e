"""A kit is a lesson's folder as a zip (`.fmxlab`). It is unpacked into a folder of the cache after all its names, kinds and sizes
have been looked at, so that it opens from a folder that nobody may write to.

Whoever has written the file may want harm: names that lead elsewhere, links, entries that grow without end. Each is refused as a whole.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import KIT_SUFFIX
from explorer.core.system.paths import cache_dir

SUFFIX = KIT_SUFFIX
MOST_ENTRIES = 2000
MOST_TOTAL = 8 << 30  # bytes of all files
_EXPANSION, _FREE = 100, 64 << 20  # times the file that all entries may be, and so many bytes
_PIECE = 1 << 20
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names that are devices on Windows
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


def is_kit(path: Path) -> bool:
    """Whether a file begins as a zip does."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except (OSError, ValueError):
        return False


def unpacked(kit: Path, into: Path | None = None) -> Path:
    """The folder that a kit lies in, named after its content; one that is there is used again. Raises ExplorerError."""
    try:
        with kit.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        with zipfile.ZipFile(kit) as archive:
            infos = checked(archive, kit)
            place = _place(into, f"{re.sub(r'[^A-Za-z0-9_-]+', '-', kit.stem)[:40]}-{digest[:16]}")
            if not _is_whole(place, infos):
                _extract(archive, infos, place)
        return place
    except _BROKEN as error:
        raise _refused(f"It is damaged: {error}.") from None
    except OSError as error:
        raise ExplorerError(f"{kit.name} cannot be opened.", f"{error.strerror or error}.") from None


def _refused(why: str) -> ExplorerError:
    return ExplorerError("This lab kit cannot be used.", why)


def checked(archive: zipfile.ZipFile, kit: Path) -> list[zipfile.ZipInfo]:
    """The plain files of a zip, each within it. Raises ExplorerError."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_ENTRIES:
        raise _refused(f"It has {len(infos):,} files, and at most {MOST_ENTRIES:,} are read.")
    names = [info.filename.casefold() for info in infos]
    if len(set(names)) < len(names):
        raise _refused("Two of its files have the same name.")
    for info in infos:
        _check(info)
    total = sum(info.file_size for info in infos)
    most = min(_EXPANSION * kit.stat().st_size + _FREE, MOST_TOTAL)
    if total > most:
        raise _refused(f"Its files would be {byte_words(total)} from a file of {byte_words(kit.stat().st_size)}.")
    return infos


def _check(info: zipfile.ZipInfo) -> None:
    name, short = info.filename, repr(info.filename[:80])
    parts = name.split("/")
    bad = any(part in ("", ".", "..") or _RESERVED.fullmatch(part) or part.endswith((" ", ".")) for part in parts)
    if bad or PurePosixPath(name).is_absolute() or re.search(r'[\\:*?"<>|\x00-\x1f]', name) or len(name) > 200:
        raise _refused(f"The name {short} leads out of it, or is no name of a file on every system.")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise _refused(f"{short} is a link or a device, no plain file.")
    if info.orig_filename != name:
        raise _refused(f"The name {short} has characters that no file name has.")
    if info.flag_bits & 0x1:
        raise _refused(f"{short} is encrypted.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(f"{short} is compressed in a way that is not read.")


def _place(into: Path | None, name: str) -> Path:
    base = into if into is not None else cache_dir() / "lessons"
    try:
        base.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=base).close()
    except OSError:
        base = Path(tempfile.mkdtemp(prefix="fmx-lesson-"))
    return base / name


def _is_whole(folder: Path, infos: list[zipfile.ZipInfo]) -> bool:
    """Whether all files are there, plain and of their size. What is in them is compared with SHA256SUMS when the lesson opens."""
    for info in infos:
        try:
            status = (folder / info.filename).lstat()
        except OSError:
            return False
        if not stat.S_ISREG(status.st_mode) or status.st_size != info.file_size:
            return False
    return True


def _extract(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], folder: Path) -> None:
    """Into a new folder beside, which takes the place of the other once all is in it."""
    total, free = sum(info.file_size for info in infos), shutil.disk_usage(folder.parent).free
    if free < total:
        raise ExplorerError(
            "This lab kit cannot be unpacked.",
            f"Its files need {byte_words(total)}, and {byte_words(free)} are free in {folder.parent}.",
            "Free some space there.",
        )
    made = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        for info in infos:
            target = made / info.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            count = 0
            with archive.open(info) as source, target.open("xb") as file:
                while piece := source.read(_PIECE):
                    count += len(piece)
                    if count > info.file_size:
                        raise _refused(f"{info.filename[:80]!r} is longer than it says.")
                    file.write(piece)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
