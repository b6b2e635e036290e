"""An index in one small file, to be read alone: as those that come with the program are."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.data_index import index_file
from explorer.engine.data_index.index_file import (
    RECORD,
    cells_file,
    damage_told,
    features_file,
    maxima_file,
    packed_bytes,
)
from explorer.engine.data_index.index_tables import IndexTables


def pack_index(store: Path, out: Path) -> int:
    """Writes a packed copy of an index that holds the values of all pictures, and returns its bytes. The same digest; what is of the
    machine (times, places) is left out. Raises ExplorerError."""
    held = IndexTables(store)
    if not all(tap.maxima for tap in held.taps()) or not maxima_file(store).exists():
        held.base.close()
        raise ExplorerError(tr("This index cannot be packed."), tr("It does not hold the values of all pictures."))
    made = out.with_name(f".{out.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    try:
        with contextlib.closing(held.base), contextlib.closing(sqlite3.connect(made)) as base, damage_told(store):
            base.execute("PRAGMA page_size = 1024")
            base.executescript(index_file.SCHEMA)
            meta = {
                key: value for key, value in index_file.meta_of(held.base).items() if key not in ("changed", "created")
            }
            index_file.set_meta(base, **{**meta, "packed": True, "folder": ""})
            base.executemany(
                "INSERT INTO pictures VALUES (?,?,?,?,?,?,?,?,?,?)",
                held.base.execute("SELECT * FROM pictures ORDER BY id"),
            )
            for number, name, info, top, counts, _ in held.base.execute(
                "SELECT * FROM taps ORDER BY number"
            ).fetchall():
                tables = packed_bytes(top, RECORD.itemsize), packed_bytes(counts, 8)
                base.execute("INSERT INTO taps VALUES (?, ?, ?, ?, ?, NULL)", (number, name, info, *tables))
                for kind, file in (("features", features_file), ("cells", cells_file)):
                    if file(store, number).exists():
                        part = packed_bytes(file(store, number).read_bytes(), 4)
                        base.execute("INSERT INTO arrays VALUES (?, ?)", (f"{kind}-{number}", part))
            numbers = packed_bytes(maxima_file(store).read_bytes(), 4)
            base.execute("INSERT INTO arrays VALUES ('maxima', ?)", (numbers,))
            base.commit()
            base.execute("VACUUM")
        os.replace(made, out)
    finally:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)
    return out.stat().st_size
