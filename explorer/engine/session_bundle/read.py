"""Opens a session bundle: everything is checked before and while it is put into a folder; nothing of it is run.

Whoever has written the file may want harm: names that lead elsewhere, links, entries that grow without end, other content than
its SHA-256 says. Each is refused as a whole.
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
from collections.abc import Callable
from pathlib import Path

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.session.bundle_manifest import (
    MANIFEST,
    MOST_ENTRIES,
    MOST_TEXT,
    SESSION,
    BundleEntry,
    BundleManifest,
    manifest_from,
    refused,
)
from explorer.core.session.bundle_requests import OpenedBundle
from explorer.core.session.session import from_json
from explorer.core.translation import tr
from explorer.engine.session_bundle.unpacked_folders import folder_of_bundles, hold, tidy

_PIECE = 1 << 20  # bytes
_EXPANSION = 100  # times the file that all entries may be, and `_FREE` bytes: text shrinks tenfold, a bomb thousandfold
_FREE = 64 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression or a version of zip that Python does not know
    RuntimeError,  # encrypted
    ValueError,
    OverflowError,
    struct.error,
)

Say = Callable[[str, float | None], None]


def open_bundle(path: str | Path, say: Say = lambda _text, _done: None, into: Path | None = None) -> OpenedBundle:
    """Puts the files into a folder of `into` (the cache), named after the bundle and its manifest; one that is there and whole is
    used again; in the cache, others make room for it. `say` may raise. Raises ExplorerError."""
    file = Path(path)
    archive = _archive(file)
    try:
        with archive:
            manifest, digest = _checked(archive, file)
            session = from_json(_text(archive, SESSION).decode("utf-8"))
            folder = _place(into, f"{re.sub(r'[^A-Za-z0-9_-]+', '-', file.stem)[:40]}-{digest[:16]}", manifest.total)
            if not _is_whole(folder, manifest, say):
                _extract(archive, manifest, folder, say)
            if folder.parent == folder_of_bundles():
                hold(folder)
                tidy(folder.parent, folder)
    except _BROKEN as error:
        raise _damaged(error) from None
    except OSError as error:
        raise ExplorerError(
            tr("{file} cannot be unpacked.", file=file.name),
            f"{error.strerror or error}.",
            tr("Free some space and try it again."),
        ) from None
    return OpenedBundle(
        str(file), session, str(folder), frozenset(entry.name for entry in manifest.entries), manifest.left_out
    )


def read_manifest(path: str | Path) -> BundleManifest:
    """What a bundle says that it holds, with names and lengths checked and no content. Raises ExplorerError."""
    try:
        with _archive(Path(path)) as archive:
            return _checked(archive, Path(path))[0]
    except _BROKEN as error:
        raise _damaged(error) from None


def check_bundle(path: str | Path, say: Say = lambda _text, _done: None) -> BundleManifest:
    """Reads every entry and compares it with its SHA-256; writes nothing. Raises ExplorerError."""
    try:
        with _archive(Path(path)) as archive:
            manifest, _ = _checked(archive, Path(path))
            for entry in manifest.entries:
                say(tr("Checking {entry}", entry=entry.name), None)
                _copy(archive, entry, lambda _piece: None)
            from_json(_text(archive, SESSION).decode("utf-8"))
            return manifest
    except _BROKEN as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> ExplorerError:
    said = str(error).splitlines()
    return refused(tr("It is damaged: {said}.", said=said[0] if said else type(error).__name__))


def is_bundle(path: str | Path) -> bool:
    """Whether a file begins as a zip does."""
    try:
        if not Path(path).is_file():  # a pipe would be waited for
            return False
        with open(path, "rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except (OSError, ValueError):
        return False


def _archive(file: Path) -> zipfile.ZipFile:
    try:
        if not file.is_file():
            raise ExplorerError(
                tr("There is no file {file}.", file=file), "", tr("Check the name, or choose the file again.")
            )
        if not is_bundle(file):
            raise refused(tr("It does not begin as a zip file does."))
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        raise refused(tr("It is no whole zip file: {error}.", error=error)) from None
    except OSError as error:
        raise ExplorerError(
            tr("{file} cannot be read.", file=file.name), f"{error.strerror or error}.", tr("Check its permissions.")
        ) from None


def _checked(archive: zipfile.ZipFile, file: Path) -> tuple[BundleManifest, str]:
    """(the manifest, its SHA-256): every entry of the zip is in it, is a plain file, and as long as it says."""
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES + 1:
        raise refused(
            tr(
                "It has {count:,} entries, and at most {most_entries:,} are read.",
                count=len(infos),
                most_entries=MOST_ENTRIES,
            )
        )
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise refused(tr("Two of its entries have the same name."))
    if MANIFEST not in names:
        raise refused(tr("It has no {manifest}.", manifest=MANIFEST))
    text = _text(archive, MANIFEST)
    manifest = manifest_from(text)
    said = {entry.name: entry.bytes for entry in manifest.entries}
    if {*names} - {MANIFEST} != said.keys():
        other = sorted(({*names} - {MANIFEST}) ^ said.keys())[0]
        raise refused(tr("Its {manifest} and its entries differ: {other!r}.", manifest=MANIFEST, other=other[:80]))
    for info in infos:
        _check_info(info, said.get(info.filename, info.file_size))
    if manifest.total > _EXPANSION * file.stat().st_size + _FREE:
        raise refused(
            tr(
                "Its entries would be {byte_words} from a file of {byte_words2}.",
                byte_words=byte_words(manifest.total),
                byte_words2=byte_words(file.stat().st_size),
            )
        )
    return manifest, hashlib.sha256(text).hexdigest()


def _check_info(info: zipfile.ZipInfo, size: int) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or info.is_dir():
        raise refused(tr("{filename!r} is no plain file.", filename=info.filename[:80]))
    if info.orig_filename != info.filename:
        raise refused(tr("The name of an entry has characters that no file name has."))
    if info.flag_bits & 0x1:
        raise refused(tr("{filename!r} is encrypted.", filename=info.filename[:80]))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused(tr("{filename!r} is compressed in a way that is not read.", filename=info.filename[:80]))
    if info.file_size != size:
        raise refused(
            tr("{filename!r} is not as long as its {manifest} says.", filename=info.filename[:80], manifest=MANIFEST)
        )


def _text(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MOST_TEXT:
        raise refused(tr("Its {name} is too long.", name=name))
    with archive.open(name) as entry:
        text = entry.read(MOST_TEXT + 1)
    if len(text) > MOST_TEXT:
        raise refused(tr("Its {name} is too long.", name=name))
    return text


def _copy(archive: zipfile.ZipFile, entry: BundleEntry, put: Callable[[bytes], object]) -> None:
    digest, count = hashlib.sha256(), 0
    with archive.open(entry.name) as source:
        while piece := source.read(_PIECE):
            count += len(piece)
            if count > entry.bytes:
                raise refused(tr("{entry} is longer than its {manifest} says.", entry=entry.name, manifest=MANIFEST))
            digest.update(piece)
            put(piece)
    if count != entry.bytes or digest.hexdigest() != entry.sha256:
        raise refused(tr("The content of {entry} is not what its SHA-256 says.", entry=entry.name))


def _place(into: Path | None, name: str, total: int) -> Path:
    """Where the files go: the cache, or a temporary folder where that cannot be written to."""
    base = into if into is not None else folder_of_bundles()
    try:
        base.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=base).close()
    except OSError:
        base = Path(tempfile.mkdtemp(prefix="fmx-session-"))
    free = shutil.disk_usage(base).free
    if not (base / name).is_dir() and free < total:
        raise ExplorerError(
            tr("This session bundle cannot be unpacked."),
            tr(
                "Its files need {byte_words}, and {byte_words2} are free in {base}.",
                byte_words=byte_words(total),
                byte_words2=byte_words(free),
                base=base,
            ),
            tr("Free some space there."),
        )
    return base / name


def _is_whole(folder: Path, manifest: BundleManifest, say: Say) -> bool:
    """Whether all files are there as the manifest says, plain files and no links."""
    for entry in manifest.entries:
        file = folder / entry.name
        try:
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size != entry.bytes:
                return False
            say(tr("Checking {file}", file=file.name), None)
            with file.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != entry.sha256:
                    return False
        except OSError:
            return False
    return True


def _extract(archive: zipfile.ZipFile, manifest: BundleManifest, folder: Path, say: Say) -> None:
    """Into a new folder beside, which takes the place of the other once all is in it."""
    made = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    total, done = max(manifest.total, 1), 0
    try:
        for entry in manifest.entries:
            say(tr("Unpacking {name}", name=Path(entry.name).name), done / total)
            target = made / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:

                def put(piece: bytes, file: object = file, name: str = target.name) -> None:
                    nonlocal done
                    file.write(piece)  # type: ignore[attr-defined]
                    done += len(piece)
                    say(tr("Unpacking {name}", name=name), min(done / total, 1.0))

                _copy(archive, entry, put)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=".old-", dir=folder.parent))
            os.replace(folder, old / "old")
            shutil.rmtree(old, ignore_errors=True)
        os.replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
