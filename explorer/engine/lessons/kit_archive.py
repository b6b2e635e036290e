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
from explorer.core.translation import tr

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
            infos = checked(archive, kit.stat().st_size)
            place = _place(into, f"{re.sub(r'[^A-Za-z0-9_-]+', '-', kit.stem)[:40]}-{digest[:16]}")
            if not _is_whole(place, infos):
                _extract(archive, infos, place)
        return place
    except _BROKEN as error:
        raise _refused(tr("It is damaged: {error}.", error=error)) from None
    except OSError as error:
        raise ExplorerError(tr("{kit} cannot be opened.", kit=kit.name), f"{error.strerror or error}.") from None


def _refused(why: str) -> ExplorerError:
    return ExplorerError(tr("This lab kit cannot be used."), why)


def checked(archive: zipfile.ZipFile, size: int) -> list[zipfile.ZipInfo]:
    """The plain files of a zip of `size` bytes, each within it. Raises ExplorerError."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_ENTRIES:
        raise _refused(
            tr(
                "It has {count:,} files, and at most {most_entries:,} are read.",
                count=len(infos),
                most_entries=MOST_ENTRIES,
            )
        )
    names = [info.filename.casefold() for info in infos]
    if len(set(names)) < len(names):
        raise _refused(tr("Two of its files have the same name."))
    for info in infos:
        _check(info)
    total = sum(info.file_size for info in infos)
    most = min(_EXPANSION * size + _FREE, MOST_TOTAL)
    if total > most:
        raise _refused(
            tr(
                "Its files would be {byte_words} from a file of {byte_words2}.",
                byte_words=byte_words(total),
                byte_words2=byte_words(size),
            )
        )
    return infos


def _check(info: zipfile.ZipInfo) -> None:
    name, short = info.filename, repr(info.filename[:80])
    parts = name.split("/")
    bad = any(part in ("", ".", "..") or _RESERVED.fullmatch(part) or part.endswith((" ", ".")) for part in parts)
    if bad or PurePosixPath(name).is_absolute() or re.search(r'[\\:*?"<>|\x00-\x1f]', name) or len(name) > 200:
        raise _refused(tr("The name {short} leads out of it, or is no name of a file on every system.", short=short))
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise _refused(tr("{short} is a link or a device, no plain file.", short=short))
    if info.orig_filename != name:
        raise _refused(tr("The name {short} has characters that no file name has.", short=short))
    if info.flag_bits & 0x1:
        raise _refused(tr("{short} is encrypted.", short=short))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(tr("{short} is compressed in a way that is not read.", short=short))


def _place(into: Path | None, name: str) -> Path:
    base = into if into is not None else cache_dir() / "lessons"
    try:
        base.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=base).close()
    except OSError:
        base = Path(tempfile.mkdtemp(prefix="fmx-lesson-"))
    return base / name


def _is_whole(folder: Path, infos: list[zipfile.ZipInfo]) -> bool:
    """Whether all files are there, plain, of their size and with their CRC-32: others are unpacked anew."""
    for info in infos:
        file = folder / info.filename
        try:
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size != info.file_size or _crc(file) != info.CRC:
                return False
        except OSError:
            return False
    return True


def _crc(file: Path) -> int:
    found = 0
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            found = zlib.crc32(piece, found)
    return found


def _extract(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], folder: Path) -> None:
    """Into a new folder beside, which takes the place of the other once all is in it."""
    total, free = sum(info.file_size for info in infos), shutil.disk_usage(folder.parent).free
    if free < total:
        raise ExplorerError(
            tr("This lab kit cannot be unpacked."),
            tr(
                "Its files need {byte_words}, and {byte_words2} are free in {parent}.",
                byte_words=byte_words(total),
                byte_words2=byte_words(free),
                parent=folder.parent,
            ),
            tr("Free some space there."),
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
                        raise _refused(tr("{filename!r} is longer than it says.", filename=info.filename[:80]))
                    file.write(piece)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
