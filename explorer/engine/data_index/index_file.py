"""The store of an index on disk: one SQLite file, and beside it files of numbers that are mapped into memory. Without torch.

`taps.top` holds of each channel its best pictures (`RECORD`, read by offset), `counts` two numbers a channel (pictures at the maximum,
pictures with a value that is not finite), `sums` a block of `SUMS` whole numbers a channel and class. NAME.maxima.f32 has the value of
every picture on every channel, in blocks of `BLOCK` pictures: (blocks, channels, BLOCK); NAME.features-N.f32 a row a picture, its features
and behind them their length, .i8 beside it the same in bytes; NAME.cells-N.f32 likewise a vector a cell: (pictures, cells, channels + 1).
Only what belongs to pictures that are done counts. An index that comes with the program has these packed in the table `arrays`, and no
sums, which follow from them.
"""

from __future__ import annotations

import contextlib
import json
import lzma
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_index import FORMAT, SUFFIX
from explorer.core.errors import ExplorerError
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed

RECORD = np.dtype([("value", "<f4"), ("cell", "<i4"), ("picture", "<i8")])
NONE = -1  # the picture of an empty place
SUMS = 7  # pictures with a finite value, above zero, below zero; sum and sum of squares, each in whole numbers and parts of 2^-40
FIXED = float(1 << 40)
BLOCK = 64  # pictures
_ELSEWHERE = "elsewhere.json"
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE pictures (id INTEGER PRIMARY KEY, path TEXT NOT NULL, frame INTEGER NOT NULL, kind TEXT NOT NULL, class INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0,
  text TEXT NOT NULL DEFAULT '', UNIQUE (path, frame));
CREATE TABLE taps (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, info TEXT NOT NULL, top BLOB, counts BLOB, sums BLOB);
CREATE TABLE shards (number INTEGER PRIMARY KEY, pictures INTEGER NOT NULL, seconds REAL NOT NULL, at REAL NOT NULL, made TEXT NOT NULL);
CREATE TABLE arrays (name TEXT PRIMARY KEY, packed BLOB NOT NULL);
"""


def own_folder() -> Path:
    """Where indexes lie that were given no place. Not created here."""
    return paths.cache_dir() / "indexes"


def shipped_folder() -> Path:
    """Those that come with the program: read only."""
    return paths.resources() / "indexes"


def maxima_file(store: Path) -> Path:
    return store.with_name(store.name + ".maxima.f32")


def features_file(store: Path, tap: int) -> Path:
    """Of a tap by its number in the store."""
    return store.with_name(f"{store.name}.features-{tap}.f32")


def cells_file(store: Path, tap: int) -> Path:
    """Likewise: the vectors of every cell."""
    return store.with_name(f"{store.name}.cells-{tap}.f32")


def short_file(file: Path) -> Path:
    """Of a file of features or cells: their directions in one byte a component (`short_vectors.py`). Made again of it when needed."""
    return file.with_suffix(".i8")


def files_of(store: Path) -> list[Path]:
    """All files of an index that are there."""
    beside = [store.with_name(store.name + end) for end in ("-wal", "-shm", "-journal")]
    numbers = (
        path
        for pattern in ("features-*.f32", "features-*.i8", "cells-*.f32", "cells-*.i8")
        for path in sorted(store.parent.glob(f"{_escaped(store.name)}.{pattern}"))
    )
    found = [store, *beside, maxima_file(store), *numbers]
    return [path for path in found if path.exists()]


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def nbytes_of_index(store: Path) -> int:
    """Bytes on the disk: files of numbers have holes before they are full."""
    total = 0
    for path in files_of(store):
        with contextlib.suppress(OSError):
            about = path.stat()
            total += min(about.st_size, getattr(about, "st_blocks", about.st_size) * 512)
    return total


def connect(store: Path, write: bool = False) -> sqlite3.Connection:
    """An open store of this program's format. Raises ExplorerError where it is not there, damaged, or something else."""
    if not store.is_file():
        raise ExplorerError(
            tr("There is no index “{store}”.", store=store.name),
            str(store),
            tr("The command index list says what there is."),
        )
    shipped = store.parent == shipped_folder()
    # a reader that may not write would leave the log behind
    mode = "ro&immutable=1" if not write and (shipped or not _changeable(store)) else "rw"
    with damage_told(store):
        base = sqlite3.connect(f"{store.absolute().as_uri()}?mode={mode}", uri=True, timeout=30, isolation_level=None)
        try:
            version = base.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
            if write:
                base.execute("PRAGMA journal_mode = WAL")
                base.execute("PRAGMA synchronous = NORMAL")
                good = base.execute("PRAGMA quick_check(1)").fetchone()
                if good is None or good[0] != "ok":
                    raise sqlite3.DatabaseError(tr("its pages do not fit together"))
            else:
                base.execute("PRAGMA query_only = 1")
                base.execute("PRAGMA cache_size = -16384")  # KiB: a table of a tap is read through from its beginning
        except BaseException:
            base.close()
            raise
    if version is None or version[0] != str(FORMAT):
        base.close()
        was = "another" if version is None else version[0]
        raise ExplorerError(
            tr("The index “{store}” is of another version.", store=store.name),
            tr("Format {was}, not {format}.", was=was, format=FORMAT),
            tr("Make it anew."),
        )
    return base


def _changeable(store: Path) -> bool:
    """Whether another process may write to it: a write-ahead log needs a file beside it."""
    return os.access(store, os.W_OK) and os.access(store.parent, os.W_OK)


@contextlib.contextmanager
def damage_told(store: Path) -> Iterator[None]:
    """What SQLite says of a file, as an ExplorerError: a full disk, a file that is none of its own, a lock."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if "full" in said:
            raise disk_full(store) from None
        if "disk I/O" in said:
            raise ExplorerError(
                tr("The index “{store}” could not be read or written.", store=store.name),
                tr("{said}: the disk fails, a quota is used up, or files may not grow.", said=said),
                tr("Nothing that was committed is lost; the same command goes on."),
            ) from None
        if isinstance(error, sqlite3.OperationalError) and "locked" in said:
            raise ExplorerError(
                tr("The index “{store}” is being written by another process.", store=store.name),
                said,
                tr("Wait until it has ended."),
            ) from None
        raise ExplorerError(
            tr("The index “{store}” is damaged.", store=store.name),
            f"{said}.",
            tr("Remove it and make it anew: index remove {store}.", store=store),
        ) from None


def disk_full(store: Path) -> ExplorerError:
    """Nothing that was committed is lost."""
    return ExplorerError(
        tr("The disk is full."),
        tr("{parent} has no room for the index.", parent=store.parent),
        tr("Free some space; the same command goes on."),
    )


def meta_of(base: sqlite3.Connection) -> dict[str, Any]:
    """All of the table, JSON read. Raises ValueError, sqlite3.Error."""
    return {key: parsed(value) for key, value in base.execute("SELECT key, value FROM meta")}


def set_meta(base: sqlite3.Connection, **values: Any) -> None:
    """Writes into the table; what is there is replaced."""
    rows = [(key, json.dumps(value)) for key, value in values.items()]
    base.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def counted(base: sqlite3.Connection) -> list[list[int]]:
    """How many pictures there are of each class, by state: one pass over all of them. Raises sqlite3.Error."""
    rows = base.execute("SELECT class, state, count(*) FROM pictures GROUP BY class, state").fetchall()
    found = [[0, 0, 0] for _ in range(max((row[0] for row in rows), default=-1) + 1)]
    for label, state, count in rows:
        found[label][state] = count
    return found


def packed_bytes(held: bytes, width: int) -> bytes:
    """As tables and numbers of `width` bytes lie in an index that comes with the program: first bytes first, which packs well."""
    return lzma.compress(np.frombuffer(held, np.uint8).reshape(-1, width).T.tobytes(), preset=9)


def plain(packed: bytes, width: int) -> bytes:
    """The inverse. Raises ValueError."""
    try:
        held = np.frombuffer(lzma.decompress(packed), np.uint8)
    except lzma.LZMAError as error:
        raise ValueError(str(error)) from None
    return held.reshape(width, -1).T.tobytes()


def sums_of(blob: bytes, classes: int) -> tuple[Array, ...]:
    """(count, above zero, below zero, sum, sum of squares), each (channels, classes): int64, the last two float64."""
    whole = np.frombuffer(blob, "<i8").reshape(-1, classes, SUMS)
    totals = whole[..., 3::2] + whole[..., 4::2] / FIXED
    return whole[..., 0], whole[..., 1], whole[..., 2], totals[..., 0], totals[..., 1]


def remember(store: Path) -> None:
    """Notes a store that was given a place of its own, so that it is listed."""
    if store.parent in (own_folder(), shipped_folder()):
        return
    file = own_folder() / _ELSEWHERE
    known = [path for path in _elsewhere() if path != store and path.is_file()]
    with contextlib.suppress(OSError):  # a list that cannot be kept is no reason to fail
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([str(path) for path in (*known, store)]), encoding="utf-8")


def _elsewhere() -> list[Path]:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return [Path(path) for path in parsed((own_folder() / _ELSEWHERE).read_text(encoding="utf-8"))]
    return []


def index_stores() -> list[Path]:
    """A person's own stores, wherever they lie, then those that come with the program."""
    found = [path for path in _elsewhere() if path.is_file()]
    for folder in (own_folder(), shipped_folder()):
        with contextlib.suppress(OSError):
            found += sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    return found
