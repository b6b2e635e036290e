"""One sha256 over all tables of an index: equal however it was made. Without torch."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import numpy as np

from explorer.engine.data_index.index_file import damage_told
from explorer.engine.data_index.index_tables import IndexTables

_CHUNK = 256  # pictures


def digest_of(store: Path) -> str:
    """Over the settings, the pictures with their classes and states, the best of each channel, the sums, and the numbers of every
    picture that is done. Not over times, places and shards. Raises ExplorerError where a table is damaged."""
    held = IndexTables(store)
    seen = hashlib.sha256(held.settings.key.encode())
    with contextlib.closing(held.base), damage_told(store):
        labels = held.labels
        asked = "SELECT id, path, frame, class, state FROM pictures ORDER BY id"
        for number, path, frame, label, state in held.base.execute(asked):
            seen.update(f"{number}\0{path}\0{frame}\0{labels[label]}\0{state}\n".encode("utf-8", "surrogateescape"))
        ids = held.done()
        for tap in held.taps():
            for blob in held.whole(tap, "top", "counts", "sums"):
                seen.update(blob)
            kept = [held.features] * tap.features + [held.cells] * tap.cells
            for rows_of in kept if len(ids) else ():
                rows = rows_of(tap)
                for n in range(0, len(ids), _CHUNK):
                    seen.update(rows[ids[n : n + _CHUNK]].tobytes())
        for values in held.all_values(_CHUNK):
            seen.update(np.ascontiguousarray(values).tobytes())
    return seen.hexdigest()
