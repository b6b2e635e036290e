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
        "This session bundle cannot be opened.", why, "Ask for the file again; nothing of it was opened or run."
    )


def manifest_from(text: bytes) -> BundleManifest:
    """Raises ExplorerError for anything that is no manifest."""
    try:
        held = parsed(text)
    except ValueError as error:
        raise refused(f"Its {MANIFEST} is no JSON: {error}.") from None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise refused(f"Its {MANIFEST} is not one of a session bundle.")
    if held.get("version") != VERSION:
        raise refused(f"It is of version {str(held.get('version'))[:20]}, and this program reads {VERSION}.")
    listed, left = held.get("entries"), held.get("left_out", [])
    if not isinstance(listed, list) or not isinstance(left, list):
        raise refused(f"Its {MANIFEST} lists no entries.")
    if len(listed) > MOST_ENTRIES:
        raise refused(f"It has {len(listed):,} entries, and at most {MOST_ENTRIES:,} are read.")
    manifest = BundleManifest(tuple(map(_entry, listed)), tuple(map(_left_out, left)), str(held.get("program"))[:80])
    _check_names([entry.name for entry in manifest.entries])
    if [entry.name for entry in manifest.entries if entry.role == "session"] != [SESSION]:
        raise refused(f"It holds no {SESSION}.")
    if manifest.total > MOST_BYTES:
        raise refused(
            f"Its entries are {byte_words(manifest.total)} long, and at most {byte_words(MOST_BYTES)} are read."
        )
    return manifest


def _entry(held: Any) -> BundleEntry:
    if not isinstance(held, dict):
        raise refused(f"Its {MANIFEST} has an entry that is no table.")
    name, size, digest, role = (held.get(key) for key in ("name", "bytes", "sha256", "role"))
    if not isinstance(name, str) or not isinstance(role, str):
        raise refused(f"Its {MANIFEST} has an entry without a name or a role.")
    wrong = fault_of_name(name)
    if wrong:
        raise refused(f"The name of an entry {wrong}: {name[:80]!r}.")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise refused(f"The length of {name} is no number of bytes.")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise refused(f"The SHA-256 of {name} is none.")
    return BundleEntry(name, size, digest, role[:40])


def _left_out(held: Any) -> LeftOut:
    held = held if isinstance(held, dict) else {}
    return LeftOut(str(held.get("what", ""))[:200], str(held.get("why", ""))[:400])


def fault_of_name(name: str) -> str:
    """Why an entry cannot be called so on every system, "" where it can: one that leads out of its folder, above all."""
    if not name or len(name) > _LONGEST:
        return "is empty or too long"
    if name.startswith("/"):
        return "is an absolute path"
    if _FORBIDDEN.search(name) or not name.isprintable():
        return "has characters that no file name has"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return "leads out of its folder"
        if part != part.strip() or part.endswith("."):
            return "begins or ends with a space or a point"
        if part.partition(".")[0].lower() in _DEVICES:
            return "is that of a device of Windows"
    if name not in (MANIFEST, SESSION) and not name.startswith(FILES):
        return f"is not in {FILES}"
    return ""


def _check_names(names: Sequence[str]) -> None:
    """No two of them are one file on any system, and none is the folder of another."""
    seen = [unicodedata.normalize("NFC", name).casefold() for name in names]
    if len(set(seen)) < len(seen):
        raise refused("Two of its entries have the same name.")
    if MANIFEST in seen:
        raise refused(f"It lists {MANIFEST} as an entry.")
    folders = {"/".join(parts[:at]) for parts in (name.split("/") for name in seen) for at in range(1, len(parts))}
    if folders & set(seen):
        raise refused("One of its entries is the folder of another.")


def entry_name(name: str) -> str:
    """A file's name as one of an entry."""
    plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).replace("/", "_")
    plain = "".join(c if c.isprintable() else "_" for c in plain).strip().rstrip(". ")[-120:].lstrip() or "file"
    return f"_{plain}" if plain.partition(".")[0].lower() in _DEVICES else plain
