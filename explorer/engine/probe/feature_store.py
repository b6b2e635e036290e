"""Features on disk, so that no picture goes through a network twice.

A folder for each network: `layers.json` says where the features of a layer stand in a row, then come shards of rows, each a list
of pictures (.json) and their numbers (.npy, float32). A shard counts when its numbers are there; it is written whole or not at
all, so that a kill loses one shard at most and two programs may write at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from explorer.core.arrays import Array
from explorer.core.data_sets import DataPicture, DataSet
from explorer.core.errors import ExplorerError
from explorer.core.system import paths
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine import export
from explorer.engine.disk_budget import make_room
from explorer.engine.probe.pooling import PooledColumns, columns_from

BUDGET = 4 << 30  # bytes of all networks; the one used longest ago goes first
SHARD = 64  # pictures
_LAYERS = "layers.json"
_GATHERED, _KEPT = 1 << 22, 12  # numbers of rows that are gathered with all their layers, and how many times
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError)


def picture_key(data: DataSet, picture: DataPicture) -> str:
    """Of a file in the state in which it was listed."""
    words = (os.path.abspath(data.file(picture.path)), *picture.identity[1:])
    return hashlib.sha256("\0".join(map(str, words)).encode()).hexdigest()[:24]


class PooledStore:
    """Rows of features of one network by picture. `columns` is () before the layers are known."""

    def __init__(self, network: str, batch: int, device: str = "cpu", folder: Path | None = None) -> None:
        base = paths.cache_dir() / "features" if folder is None else folder
        about = "\0".join((network, str(batch), device.partition(":")[0], torch.__version__, "1"))
        self.folder = base / hashlib.sha256(about.encode()).hexdigest()[:32]
        self.columns: tuple[PooledColumns, ...] = ()
        self.left_out: tuple[tuple[str, str], ...] = ()
        self._shards: list[Array] = []
        self._rows: dict[str, tuple[int, int]] = {}  # (shard, row) by picture
        self._waiting: list[tuple[str, Array]] = []
        self._gathered: dict[tuple[str, ...], Array] = {}
        self._read()

    @property
    def width(self) -> int:
        return max((columns.end for columns in self.columns), default=0)

    def has(self, key: str) -> bool:
        return key in self._rows

    def begin(self, columns: Iterable[PooledColumns], left_out: Iterable[tuple[str, str]]) -> None:
        """Says what a row holds. Raises ExplorerError where nothing can be written."""
        self.columns, self.left_out = tuple(columns), tuple(left_out)
        held = {"columns": [each.to_json() for each in self.columns], "left_out": self.left_out}
        with _written(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            export.write(self.folder / _LAYERS, json.dumps(held).encode())
        make_room(self.folder.parent.iterdir(), self.folder, BUDGET)

    def add(self, keys: Sequence[str], rows: Array) -> None:
        """Keeps rows; they are on disk after the next whole shard. Raises ExplorerError where they cannot be written."""
        self._waiting += zip(keys, rows, strict=True)
        for number, (key, _) in enumerate(self._waiting):
            self._rows[key] = (-1, number)
        if len(self._waiting) >= SHARD:
            self.flush()

    def flush(self) -> None:
        """Writes what waits. Raises ExplorerError."""
        if not self._waiting:
            return
        keys, rows = [key for key, _ in self._waiting], np.stack([row for _, row in self._waiting])
        name, made = uuid.uuid4().hex, io.BytesIO()
        np.save(made, rows)
        with _written(self.folder):
            export.write(self.folder / f"{name}.json", json.dumps(keys).encode())
            export.write(self.folder / f"{name}.npy", made.getvalue())
        self._waiting = []
        self._add_shard(keys, np.load(self.folder / f"{name}.npy", mmap_mode="r"))

    def rows(self, keys: Sequence[str], columns: PooledColumns, pool: str = "mean,max") -> Array:
        """(pictures, features) of a layer."""
        places = columns.chosen(pool)
        start, wanted = columns.start, np.array(places) - columns.start
        whole = len(places) == columns.end - columns.start
        if (
            len(keys) * self.width <= _GATHERED
        ):  # all layers of these pictures at once: the next layer is asked for next
            part = self._whole_rows(tuple(keys))[:, start : columns.end]
            return np.ascontiguousarray(part if whole else part[:, wanted])
        found = self._gather(keys, start, columns.end)
        return found if whole else np.ascontiguousarray(found[:, wanted])

    def _whole_rows(self, keys: tuple[str, ...]) -> Array:
        """Rows with all layers; those that were asked for last are kept."""
        found = self._gathered.pop(keys, None)
        self._gathered[keys] = found = self._gather(keys, 0, self.width) if found is None else found
        while len(self._gathered) > _KEPT:
            self._gathered.pop(next(iter(self._gathered)))
        return found

    def _gather(self, keys: Sequence[str], start: int, end: int) -> Array:
        """(pictures, end − start) of the numbers of a row from `start` on."""
        found = np.empty((len(keys), end - start), np.float32)
        by_shard: dict[int, list[tuple[int, int]]] = {}
        for number, key in enumerate(keys):
            shard, row = self._rows[key]
            by_shard.setdefault(shard, []).append((number, row))
        for shard, pairs in by_shard.items():
            to, rows = map(list, zip(*pairs, strict=True))
            if shard < 0:
                found[to] = np.stack([self._waiting[row][1][start:end] for row in rows])
            else:
                found[to] = self._shards[shard][rows, start:end]
        return found

    def _read(self) -> None:
        try:
            held = parsed((self.folder / _LAYERS).read_text(encoding="utf-8"))
            self.columns = tuple(map(columns_from, held["columns"]))
            self.left_out = tuple((str(name), str(why)) for name, why in held["left_out"])
            os.utime(self.folder)  # the one used longest ago goes first
        except _UNREADABLE:
            self.columns = ()
            return
        for path in sorted(self.folder.glob("*.npy")):
            with contextlib.suppress(*_UNREADABLE):
                keys = parsed(path.with_suffix(".json").read_text(encoding="utf-8"))
                shard = np.load(path, mmap_mode="r", allow_pickle=False)
                if shard.shape == (len(keys), self.width) and shard.dtype == np.float32:
                    self._add_shard(list(map(str, keys)), shard)

    def _add_shard(self, keys: Sequence[str], shard: Array) -> None:
        self._shards.append(shard)
        self._rows.update({key: (len(self._shards) - 1, row) for row, key in enumerate(keys)})


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except ExplorerError as error:
        raise ExplorerError(tr("The features could not be stored."), error.why or error.what, error.todo) from None
    except OSError as error:
        raise ExplorerError(
            tr("The features could not be stored."), f"{folder}: {error.strerror}.", tr("Free some space.")
        ) from None
