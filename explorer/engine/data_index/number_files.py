"""Writes the files of numbers that lie beside an index. Never through a memory map: a full disk would end the process. Without torch."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from explorer.core.arrays import Array
from explorer.engine.data_index import index_file
from explorer.engine.data_index.index_file import BLOCK
from explorer.engine.data_index.short_vectors import shortened


@dataclass(slots=True, eq=False)
class NumberFiles:
    """Those of a store, opened when they are first written. Raises OSError. `ids`: of pictures, ascending."""

    store: Path
    _files: dict[Path, int] = field(default_factory=dict, init=False)

    def put_maxima(self, ids: Array, values: Array) -> None:
        """(pictures, channels that are kept) float32."""
        channels = values.shape[1]
        file, size = index_file.maxima_file(self.store), channels * BLOCK * 4
        blocks, first = np.unique(ids // BLOCK, return_index=True)
        for block, rows in zip(blocks.tolist(), np.split(np.arange(len(ids)), first[1:]), strict=True):
            part = slice(int(rows[0]), int(rows[-1]) + 1)
            numbers = np.empty((channels, BLOCK), "<f4")
            if len(rows) < BLOCK:  # others of it may be there
                numbers.fill(np.nan)
                held = self._read(file, block * size, size)
                numbers.reshape(-1)[: len(held) // 4] = np.frombuffer(held[: len(held) // 4 * 4], "<f4")
            numbers[:, ids[part] % BLOCK] = values[part].T
            self._write(file, block * size, _raw(numbers))

    def put_features(self, tap: int, ids: Array, features: Array) -> None:
        """(pictures, channels) float32 of a tap by its number; their length goes behind them."""
        self._put_both(index_file.features_file(self.store, tap), ids, features)

    def put_cells(self, tap: int, ids: Array, vectors: Array) -> None:
        """(pictures, cells, channels) float32 of a tap by its number; behind each vector its length."""
        self._put_both(index_file.cells_file(self.store, tap), ids, vectors)

    def _put_both(self, file: Path, ids: Array, vectors: Array) -> None:
        self._put(file, ids, _with_lengths(vectors).reshape(len(ids), -1))
        self._put(index_file.short_file(file), ids, shortened(vectors).reshape(len(ids), -1))

    def _put(self, file: Path, ids: Array, rows: Array) -> None:
        breaks = np.flatnonzero(np.diff(ids) != 1) + 1
        for run in np.split(np.arange(len(ids)), breaks):
            part = rows[run[0] : run[-1] + 1]
            self._write(file, int(ids[run[0]]) * rows.shape[1] * rows.itemsize, _raw(part))

    def flush(self) -> None:
        """To the disk, before the transaction that says they are there."""
        for number in self._files.values():
            os.fsync(number)

    def close(self) -> None:
        for number in self._files.values():
            with contextlib.suppress(OSError):
                os.close(number)
        self._files.clear()

    def _file(self, path: Path) -> int:
        if path not in self._files:
            self._files[path] = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        return self._files[path]

    def _read(self, path: Path, offset: int, size: int) -> bytes:
        number = self._file(path)
        os.lseek(number, offset, os.SEEK_SET)
        return os.read(number, size)

    def _write(self, path: Path, offset: int, held: memoryview) -> None:
        number = self._file(path)
        os.lseek(number, offset, os.SEEK_SET)
        while len(held):
            held = held[os.write(number, held) :]


def _with_lengths(vectors: Array) -> Array:
    """(…, n) -> (…, n + 1) float32."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=-1, keepdims=True).astype("<f4")
    return np.concatenate([vectors, lengths], -1).astype("<f4", copy=False)


def _raw(numbers: Array) -> memoryview:
    """Its bytes, without a copy."""
    return np.ascontiguousarray(numbers).view(np.uint8).reshape(-1).data
