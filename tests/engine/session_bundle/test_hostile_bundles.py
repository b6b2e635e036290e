"""Bundles that somebody made to do harm: each is refused as a whole, in one line, and nothing is written or run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.core.session.bundle_manifest import FORMAT, entry_name, fault_of_name
from explorer.core.session.session import Session, to_json
from explorer.engine.session_bundle.read import check_bundle, open_bundle

Files = dict[str, bytes]
TEXT = to_json(Session(ModelSpec("demo:seeded"))).encode()


def entry(name: str, data: bytes, **more: Any) -> dict[str, Any]:
    return {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "role": "input", **more}


def manifest_of(files: Files, **more: Any) -> dict[str, Any]:
    roles = {"session.fmx.json": "session"}
    listed = [entry(name, data, role=roles.get(name, "input")) for name, data in files.items()]
    return {"format": FORMAT, "version": 1, "entries": listed, "left_out": [], "program": "x", **more}


def packed(files: Files, manifest: Any = None, compress: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these files; `manifest` None: the right one, b"": none."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        if manifest != b"":
            text = manifest if isinstance(manifest, bytes) else json.dumps(manifest or manifest_of(files)).encode()
            archive.writestr("manifest.json", text)
    return out.getvalue()


def with_file(name: str, data: bytes = b"x") -> bytes:
    return packed({"session.fmx.json": TEXT, name: data})


def with_entry(**more: Any) -> bytes:
    files = {"session.fmx.json": TEXT, "files/1/a.png": b"x"}
    made = manifest_of(files)
    made["entries"][1].update(more)
    return packed(files, made)


def link(target: str) -> bytes:
    files, out = {"session.fmx.json": TEXT, "files/1/a.png": target.encode()}, io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("session.fmx.json", TEXT)
        info = zipfile.ZipInfo("files/1/a.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
        archive.writestr("manifest.json", json.dumps(manifest_of(files)))
    return out.getvalue()


def device() -> bytes:
    return link("x").replace(struct.pack("<I", (stat.S_IFLNK | 0o777) << 16), struct.pack("<I", stat.S_IFIFO << 16))


def twice() -> bytes:
    out = io.BytesIO()
    files = {"session.fmx.json": TEXT, "files/1/a.png": b"x"}
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("files/1/a.png", b"y")
        archive.writestr("manifest.json", json.dumps(manifest_of(files)))
    return out.getvalue()


def bomb() -> bytes:
    return packed({"session.fmx.json": TEXT, "files/1/a.png": bytes(80 << 20)}, compress=zipfile.ZIP_DEFLATED)


def lying() -> bytes:
    """Its directory says ten bytes where a megabyte unfolds."""
    data = bytes(1_234_567)
    made = manifest_of({"session.fmx.json": TEXT, "files/1/a.png": data})
    made["entries"][1]["bytes"] = 10
    whole = packed({"session.fmx.json": TEXT, "files/1/a.png": data}, made, zipfile.ZIP_DEFLATED)
    return whole.replace(struct.pack("<I", len(data)), struct.pack("<I", 10))


def encrypted() -> bytes:
    whole = bytearray(with_file("files/1/a.png"))
    at = whole.index(b"PK\x01\x02")
    whole[at + 8] |= 1
    return bytes(whole)


def nul() -> bytes:
    """Python reads the name up to the NUL, which is what the manifest says."""
    made = manifest_of({"session.fmx.json": TEXT, "files/1/a.png": b"x"})
    return packed({"session.fmx.json": TEXT, "files/1/a.pngQ.png": b"x"}, made).replace(b"a.pngQ", b"a.png\0")


def flipped() -> bytes:
    """A byte of the stored content is another one, and so is the checksum of the zip: only the SHA-256 tells."""
    files = {"session.fmx.json": TEXT, "files/1/a.png": b"as it was"}
    return packed({**files, "files/1/a.png": b"as it is!"}, manifest_of(files))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "leads out of the folder": (lambda: with_file("files/../../evil.png"), "leads out"),
    "begins with dots": (lambda: with_file("../evil.png"), "leads out"),
    "absolute": (lambda: with_file("/etc/evil.png"), "absolute"),
    "a drive of Windows": (lambda: with_file("C:/evil.png"), "characters"),
    "back slashes": (lambda: with_file("files\\..\\..\\evil.png"), "characters"),
    "a device of Windows": (lambda: with_file("files/1/CON.png"), "device"),
    "a stream of Windows": (lambda: with_file("files/1/a.png:evil"), "characters"),
    "a point at its end": (lambda: with_file("files/1/a.png."), "point"),
    "beside the files": (lambda: with_file("sitecustomize.py"), "not in files/"),
    "right to left": (lambda: with_file("files/1/a\u202egnp.py"), "characters"),
    "a symbolic link": (lambda: link("/etc/passwd"), "no plain file"),
    "a pipe": (device, "no plain file"),
    "a name twice": (twice, "same name"),
    "a name twice, but for capitals": (
        lambda: packed({"session.fmx.json": TEXT, "files/1/a.png": b"x", "files/1/A.PNG": b"y"}),
        "same name",
    ),
    "a file that is a folder": (
        lambda: packed({"session.fmx.json": TEXT, "files/1": b"x", "files/1/a.png": b"y"}),
        "folder of another",
    ),
    "a bomb": (bomb, "would be 8"),
    "longer than it says": (lying, "damaged|longer|not what|not as long"),
    "10,000 entries": (
        lambda: packed({"session.fmx.json": TEXT, **{f"files/{n}/a.png": b"" for n in range(10_000)}}),
        "10,00. entries",
    ),
    "10,000 entries in the manifest": (
        lambda: packed({}, manifest_of({f"files/{n}": b"" for n in range(10_000)})),
        "10,000 entries",
    ),
    "encrypted": (encrypted, "encrypted"),
    "a NUL in a name": (nul, "characters|differ"),
    "another content": (flipped, "SHA-256"),
    "no manifest": (lambda: packed({"session.fmx.json": TEXT}, b""), "no manifest"),
    "a manifest that is none": (lambda: packed({"session.fmx.json": TEXT}, b"[" * 100_000), "no JSON"),
    "a manifest of something else": (lambda: packed({"session.fmx.json": TEXT}, {"format": "x"}), "not one of"),
    "a newer version": (
        lambda: packed({"session.fmx.json": TEXT}, manifest_of({"session.fmx.json": TEXT}, version=2)),
        "version 2",
    ),
    "a file that is not listed": (
        lambda: packed({"session.fmx.json": TEXT, "files/1/evil.py": b"x"}, manifest_of({"session.fmx.json": TEXT})),
        "differ",
    ),
    "a file that is missing": (
        lambda: packed({"session.fmx.json": TEXT}, manifest_of({"session.fmx.json": TEXT, "files/1/a.png": b"x"})),
        "differ",
    ),
    "no session": (lambda: packed({"files/1/a.png": b"x"}), "no session"),
    "a session that is none": (lambda: packed({"session.fmx.json": b"{]"}), "not a session"),
    "a session that is no text": (
        lambda: packed({"session.fmx.json": b"\xff\xfe\0"}),
        "cannot be opened|not a session",
    ),
    "a length that is none": (lambda: with_entry(bytes=-1), "no number"),
    "a huge length": (lambda: with_entry(bytes=1 << 62), "GiB"),
    "a checksum that is none": (lambda: with_entry(sha256="x"), "SHA-256"),
    "a name that is none": (lambda: with_entry(name=3), "without a name"),
    "cut short": (lambda: with_file("files/1/a.png")[:-30], "no whole zip"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "does not begin"),
    "a script before it": (lambda: b"#!/bin/sh\nexit\n" + with_file("files/1/a.png"), "does not begin"),
    "nothing": (lambda: b"", "does not begin"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    make, why = HOSTILE[name]
    (tmp_path / "s.fmx").write_bytes(make())
    cache = tmp_path / "a/b/cache"
    for opens in (lambda: open_bundle(tmp_path / "s.fmx", into=cache), lambda: check_bundle(tmp_path / "s.fmx")):
        with pytest.raises(ExplorerError, match=why) as told:
            opens()
        assert len(str(told.value)) < 400
        assert "\n" not in str(told.value)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "s.fmx"]
    assert written == []


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        return
    os.mkfifo(tmp_path / "s.fmx")
    with pytest.raises(ExplorerError, match="no file"):
        open_bundle(tmp_path / "s.fmx", into=tmp_path / "cache")


def test_a_plain_bundle_of_the_same_kind_opens(tmp_path: Path) -> None:
    """What is refused above is refused for what it is, not for how it was made."""
    (tmp_path / "s.fmx").write_bytes(with_file("files/1/a.png"))
    opened = open_bundle(tmp_path / "s.fmx", into=tmp_path / "cache")
    assert (Path(opened.folder) / "files/1/a.png").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["../a", "/a/b", "CON", "a:b", "x" * 500, " a ", "..", "", "a\0b", "ä\u202eb", "a."])
def test_any_file_name_becomes_one_that_is_read(name: str) -> None:
    made = entry_name(name)
    assert "/" not in made
    assert fault_of_name(f"files/1/{made}") == ""
