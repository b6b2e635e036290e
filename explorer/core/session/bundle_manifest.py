"""The manifest of a session bundle: which entries it has, how long each is, its SHA-256. Pure; anybody may have written it.

A bundle is a zip: `manifest.json`, `session.fmx.json` whose paths are names of entries, and the files under `files/`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed

FORMAT = "feature-map-explorer/session-bundle"
VERSION = 1
SUFFIX = ".fmx"
MANIFEST, SESSION, FILES = "manifest.json", "session.fmx.json", "files/"
MOST_ENTRIES = 4000
MOST_BYTES = 64 << 30  # of all entries
MOST_TEXT = 32 << 20  # bytes of the manifest, and of the session
_LONGEST = 240  # characters of a name
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """A file in a bundle. `role`: "session", or a `FileRole`."""

    name: str
    bytes: int
    sha256: str  # 64 hex digits
    role: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the session names and the bundle does not hold, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """What a bundle says of itself."""

    entries: tuple[BundleEntry, ...]
    left_out: tuple[LeftOut, ...] = ()
    program: str = ""  # name and version of what has written it

    @property
    def total(self) -> int:
        """Bytes of all entries."""
        return sum(entry.bytes for entry in self.entries)

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1)


def refused(why: str) -> ExplorerError:
    """Of a bundle that is not what it should be."""
    return ExplorerError(
        tr("This session bundle cannot be opened."), why, tr("Ask for the file again; nothing of it was opened or run.")
    )


def manifest_from(text: bytes) -> BundleManifest:
    """Raises ExplorerError for anything that is no manifest."""
    try:
        held = parsed(text)
    except ValueError as error:
        raise refused(tr("Its {manifest} is no JSON: {error}.", manifest=MANIFEST, error=error)) from None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise refused(tr("Its {manifest} is not one of a session bundle.", manifest=MANIFEST))
    if held.get("version") != VERSION:
        raise refused(
            tr(
                "It is of version {held}, and this program reads {version}.",
                held=str(held.get("version"))[:20],
                version=VERSION,
            )
        )
    listed, left = held.get("entries"), held.get("left_out", [])
    if not isinstance(listed, list) or not isinstance(left, list):
        raise refused(tr("Its {manifest} lists no entries.", manifest=MANIFEST))
    if len(listed) > MOST_ENTRIES:
        raise refused(
            tr(
                "It has {count:,} entries, and at most {most_entries:,} are read.",
                count=len(listed),
                most_entries=MOST_ENTRIES,
            )
        )
    manifest = BundleManifest(tuple(map(_entry, listed)), tuple(map(_left_out, left)), str(held.get("program"))[:80])
    _check_names([entry.name for entry in manifest.entries])
    if [entry.name for entry in manifest.entries if entry.role == "session"] != [SESSION]:
        raise refused(tr("It holds no {session}.", session=SESSION))
    if manifest.total > MOST_BYTES:
        raise refused(
            tr(
                "Its entries are {byte_words} long, and at most {byte_words2} are read.",
                byte_words=byte_words(manifest.total),
                byte_words2=byte_words(MOST_BYTES),
            )
        )
    return manifest


def _entry(held: Any) -> BundleEntry:
    if not isinstance(held, dict):
        raise refused(tr("Its {manifest} has an entry that is no table.", manifest=MANIFEST))
    name, size, digest, role = (held.get(key) for key in ("name", "bytes", "sha256", "role"))
    if not isinstance(name, str) or not isinstance(role, str):
        raise refused(tr("Its {manifest} has an entry without a name or a role.", manifest=MANIFEST))
    wrong = fault_of_name(name)
    if wrong:
        raise refused(tr("The name of an entry {wrong}: {name!r}.", wrong=wrong, name=name[:80]))
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise refused(tr("The length of {name} is no number of bytes.", name=name))
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise refused(tr("The SHA-256 of {name} is none.", name=name))
    return BundleEntry(name, size, digest, role[:40])


def _left_out(held: Any) -> LeftOut:
    held = held if isinstance(held, dict) else {}
    return LeftOut(str(held.get("what", ""))[:200], str(held.get("why", ""))[:400])


def fault_of_name(name: str) -> str:
    """Why an entry cannot be called so on every system, "" where it can: one that leads out of its folder, above all."""
    if not name or len(name) > _LONGEST:
        return tr("is empty or too long")
    if name.startswith("/"):
        return tr("is an absolute path")
    if _FORBIDDEN.search(name) or not name.isprintable():
        return tr("has characters that no file name has")
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return tr("leads out of its folder")
        if part != part.strip() or part.endswith("."):
            return tr("begins or ends with a space or a point")
        if part.partition(".")[0].lower() in _DEVICES:
            return tr("is that of a device of Windows")
    if name not in (MANIFEST, SESSION) and not name.startswith(FILES):
        return tr("is not in {files}", files=FILES)
    return ""


def _check_names(names: Sequence[str]) -> None:
    """No two of them are one file on any system, and none is the folder of another."""
    seen = [unicodedata.normalize("NFC", name).casefold() for name in names]
    if len(set(seen)) < len(seen):
        raise refused(tr("Two of its entries have the same name."))
    if MANIFEST in seen:
        raise refused(tr("It lists {manifest} as an entry.", manifest=MANIFEST))
    folders = {"/".join(parts[:at]) for parts in (name.split("/") for name in seen) for at in range(1, len(parts))}
    if folders & set(seen):
        raise refused(tr("One of its entries is the folder of another."))


def entry_name(name: str) -> str:
    """A file's name as one of an entry."""
    plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).replace("/", "_")
    plain = "".join(c if c.isprintable() else "_" for c in plain).strip().rstrip(". ")[-120:].lstrip() or "file"
    return f"_{plain}" if plain.partition(".")[0].lower() in _DEVICES else plain
