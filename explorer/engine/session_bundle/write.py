"""Writes a session bundle: every entry with its SHA-256, the whole file or none."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import BinaryIO

from explorer import __version__
from explorer.core.errors import ExplorerError
from explorer.core.session.bundle_manifest import MANIFEST, MOST_ENTRIES, SESSION, BundleEntry, BundleManifest
from explorer.core.session.bundle_requests import BundleContents, BundleItem, SavedBundle
from explorer.core.session.session import to_json
from explorer.core.translation import tr
from explorer.engine import export

_PIECE = 1 << 20  # bytes
_TEXTS = (".json", ".py", ".txt", ".csv", ".md", ".yaml")  # what becomes much smaller
_DATE = (1980, 1, 1, 0, 0, 0)

Say = Callable[[str, float | None], None]


def write_bundle(path: str | Path, contents: BundleContents, say: Say = lambda _text, _done: None) -> SavedBundle:
    """`say` is called with what is written and the fraction that is done, and may raise. Raises ExplorerError."""
    items = [(group.role.value, item) for group in contents.groups for item in group.items]
    if len(items) >= MOST_ENTRIES:
        what = tr("The bundle would have {count:,} files.", count=len(items))
        raise ExplorerError(
            what,
            tr("At most {most_entries:,} are possible.", most_entries=MOST_ENTRIES),
            tr("Leave out a model that is a large folder."),
        )
    total, done, entries = max(contents.size, 1), 0, []
    with export.replacing(path) as file:
        with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            text = to_json(contents.session).encode()
            entries.append(_put(archive, BundleItem(SESSION, len(text), data=text), "session", lambda _n: None))
            for role, item in items:
                title = PurePath(item.entry).name

                def wrote(count: int, title: str = title, before: int = done) -> None:
                    say(tr("Writing {title}", title=title), min((before + count) / total, 1.0))

                entries.append(_put(archive, item, role, wrote))
                done += entries[-1].bytes
            program = f"feature-map-explorer {__version__}"
            manifest = BundleManifest(tuple(entries), contents.left_out, program).to_json().encode()
            _put(archive, BundleItem(MANIFEST, len(manifest), data=manifest), "manifest", lambda _n: None)
        size = file.seek(0, io.SEEK_END)
    return SavedBundle(str(path), size, len(entries))


def _put(archive: zipfile.ZipFile, item: BundleItem, role: str, wrote: Callable[[int], None]) -> BundleEntry:
    info = zipfile.ZipInfo(item.entry, _DATE)
    info.external_attr = 0o644 << 16
    small = item.entry.lower().endswith(_TEXTS)
    info.compress_type = zipfile.ZIP_DEFLATED if small else zipfile.ZIP_STORED
    digest, count = hashlib.sha256(), 0
    with _opened(item) as source, archive.open(info, "w", force_zip64=True) as entry:
        while True:
            try:
                piece = source.read(_PIECE)
            except OSError as error:
                raise _unreadable(item, error) from None
            if not piece:
                break
            entry.write(piece)
            digest.update(piece)
            count += len(piece)
            wrote(count)
    return BundleEntry(item.entry, count, digest.hexdigest(), role)


def _opened(item: BundleItem) -> BinaryIO:
    if item.source is None:
        return io.BytesIO(item.data)
    try:
        return item.source.open("rb")
    except OSError as error:
        raise _unreadable(item, error) from None


def _unreadable(item: BundleItem, error: OSError) -> ExplorerError:
    return ExplorerError(
        tr("{source} cannot be read.", source=item.source),
        f"{error.strerror or error}.",
        tr("The bundle was not written; try it again."),
    )
