"""The tables of an index as they lie on disk, read at the last commit. Without torch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_index import IndexedPicture, IndexedTap, PictureState, settings_from, tap_from
from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess
from explorer.core.stored_preprocess import preprocess_from
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.data_index import index_file
from explorer.engine.data_index.channel_sums import ChannelSums
from explorer.engine.data_index.index_file import BLOCK, NONE, RECORD, damage_told
from explorer.engine.data_index.short_vectors import row_bytes

_WHOLE = 4 << 20  # bytes of a table that are kept, where one channel after the other is asked for
_KEPT = 1024  # pictures
_COLUMNS = "id, path, frame, class, state, why, size, changed, kind, text"


class IndexTables:
    """An open store. To be used by the thread that opened it. Raises ExplorerError where it cannot be read."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.base = index_file.connect(store)
        self._version = self._done_version = -1
        self._labels: tuple[str, ...] = ()
        self._counts: Array = np.zeros((0, 3), np.int64)  # pictures by class and state
        self._done: Array = np.empty(0, np.int64)
        self._class: Array = np.empty(0, np.int64)
        self._taps: dict[str, IndexedTap] = {}
        self._arrays: dict[str, Array] = {}  # of a packed index, which are small
        self._read_of: tuple[int, str] = -1, ""  # commit and tap of what was read last
        self._tables: dict[str, bytes | None] = {}  # of that tap; None: one channel was asked for
        self._listed: tuple[int, dict[int, IndexedPicture]] = -1, {}  # pictures that were in lists, at a commit
        with damage_told(store):
            try:
                meta = index_file.meta_of(self.base)
                self.settings = settings_from(meta["settings"])
                self.folder, self.model, self.spec = str(meta["folder"]), str(meta["model"]), dict(meta["spec"])
                self.packed = bool(meta.get("packed", False))
                self.preprocess: AnyPreprocess = preprocess_from(meta["preprocess"])
                rows = self.base.execute("SELECT number, name, info FROM taps ORDER BY number").fetchall()
                self.rows = {str(name): (int(number), str(info)) for number, name, info in rows}
            except (KeyError, TypeError, ValueError, ExplorerError) as error:
                self.base.close()
                raise sqlite3.DatabaseError(tr("its settings cannot be read ({error})", error=error)) from None

    def meta(self, key: str, otherwise: Any) -> Any:
        with damage_told(self.store):
            row = self.base.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return otherwise if row is None else parsed(row[0])

    @property
    def labels(self) -> tuple[str, ...]:
        self._refresh()
        return self._labels

    def count(self, label: int | None, state: int | None) -> int:
        """How many pictures there are of a class, by its number, in a state."""
        self._refresh()
        held = self._counts if label is None else self._counts[label : label + 1]
        return int((held if state is None else held[:, state : state + 1]).sum())

    def tap(self, name: str) -> IndexedTap:
        """By its own name. Raises KeyError."""
        if name not in self._taps:
            self._taps[name] = tap_from(parsed(self.rows[name][1]))
        return self._taps[name]

    def taps(self) -> tuple[IndexedTap, ...]:
        return tuple(map(self.tap, self.rows))

    # --- tables of a tap ---

    def part(self, column: str, tap: IndexedTap, offset: int, size: int) -> bytes:
        """The bytes of a channel in a table of a tap; none before the first commit. The second time the table is kept."""
        of = self._data_version(), tap.name
        if of != self._read_of:
            self._read_of, self._tables = of, {}
        again = column in self._tables and size * tap.channels <= _WHOLE
        if self._tables.setdefault(column, None) is None and (again or self.packed):
            self._tables[column] = self.whole(tap, column)[0]
        held = self._tables[column]
        if held is not None:
            found = held[offset : offset + size]
        else:
            with damage_told(self.store):
                found = self._read(column, self.rows[tap.name][0], offset, size)
        if len(found) not in (size, 0):
            with damage_told(self.store):
                raise sqlite3.DatabaseError(tr("a table of it is too short"))
        return found

    def _read(self, column: str, number: int, offset: int, size: int) -> bytes:
        try:
            with self.base.blobopen("taps", column, number, readonly=True) as blob:
                blob.seek(offset)
                return blob.read(size)
        except sqlite3.OperationalError as error:
            if "null" in str(error):  # nothing has been committed yet
                return b""
            raise
        except ValueError as error:  # an offset past the end
            raise sqlite3.DatabaseError(tr("a table of it is too short ({error})", error=error)) from None

    def whole(self, tap: IndexedTap, *columns: str) -> list[bytes]:
        """Tables of a tap, of one commit."""
        with damage_told(self.store):
            asked = f"SELECT {', '.join(columns)} FROM taps WHERE number = ?"
            row = self.base.execute(asked, (self.rows[tap.name][0],)).fetchone()
        if not self.packed:
            return [blob or b"" for blob in row]
        with self.fitting(tap):
            return [self._unpacked(tap, *each) for each in zip(columns, row, strict=True)]

    def _unpacked(self, tap: IndexedTap, column: str, blob: bytes | None) -> bytes:
        if column == "sums":
            return self._sums(tap)
        return index_file.plain(blob or b"", RECORD.itemsize if column == "top" else 8)

    def _sums(self, tap: IndexedTap) -> bytes:
        """Of an index that holds the values of all pictures, from these."""
        ids = self.done()
        sums = ChannelSums(tap.channels, len(self.labels), np.arange(tap.channels))
        blocks, start = self._blocks(), self._start(tap)
        sums.add(blocks[ids // BLOCK, start : start + tap.channels, ids % BLOCK], self.classes(ids))
        return sums.sums.astype("<i8").tobytes()

    def records(self, tap: IndexedTap, channel: int) -> Array:
        """The best of a channel, (n,) of `RECORD`."""
        size = self.settings.top * RECORD.itemsize
        records = np.frombuffer(self.part("top", tap, channel * size, size), RECORD)
        found: Array = records[records["picture"] != NONE]
        return found

    @contextmanager
    def fitting(self, tap: IndexedTap) -> Iterator[None]:
        """A table of another length is damage."""
        try:
            yield
        except ValueError:
            with damage_told(self.store):
                raise sqlite3.DatabaseError(tr("a table of {tap} has another length", tap=tap.name)) from None

    # --- pictures ---

    def pictures(
        self, where: str, values: Sequence[Any], limit: int = -1, offset: int = 0
    ) -> tuple[IndexedPicture, ...]:
        """In the total order."""
        asked = f"SELECT {_COLUMNS} FROM pictures WHERE {where} ORDER BY id LIMIT ? OFFSET ?"
        with damage_told(self.store):
            rows = self.base.execute(asked, (*values, limit, offset)).fetchall()
        labels = self.labels
        return tuple(_picture(row, labels) for row in rows)

    def ids(self, where: str, values: Sequence[Any], limit: int = -1) -> Array:
        """(n,) int64, ascending."""
        with damage_told(self.store):
            rows = self.base.execute(f"SELECT id FROM pictures WHERE {where} ORDER BY id LIMIT ?", (*values, limit))
            return np.fromiter((row[0] for row in rows), np.int64)

    def by_id(self, numbers: Sequence[int]) -> list[IndexedPicture]:
        """In the order asked for."""
        version = self._data_version()
        if version != self._listed[0] or len(self._listed[1]) > _KEPT:
            self._listed = version, {}
        found = self._listed[1] if len(numbers) <= _KEPT // 8 else {}
        lacking = [number for number in numbers if number not in found]
        for n in range(0, len(lacking), 500):
            part = lacking[n : n + 500]
            found |= {each.id: each for each in self.pictures(f"id IN ({','.join('?' * len(part))})", part)}
        if missing := [number for number in numbers if number not in found]:
            with damage_told(self.store):
                raise sqlite3.DatabaseError(tr("the picture {missing} is not in it", missing=missing[0]))
        return [found[number] for number in numbers]

    def done(self, label: int | None = None) -> Array:
        """(n,) int64: ids of the pictures that are done, of a class by its number, ascending."""
        self._refresh_done()
        return self._done if label is None else self._done[self._class == label]

    def classes(self, ids: Array) -> Array:
        """(n,) int64: the classes of pictures that are done, by their numbers."""
        self._refresh_done()
        return self._class[np.searchsorted(self._done, ids)]

    def _data_version(self) -> int:
        """Another number after every commit of another process or connection."""
        with damage_told(self.store):
            return int(self.base.execute("PRAGMA data_version").fetchone()[0])

    def _refresh(self) -> None:
        """Labels and counts, where something was committed since. Not from the table of pictures, which may be long."""
        version = self._data_version()
        if version == self._version:
            return
        with damage_told(self.store):
            rows = self.base.execute("SELECT key, value FROM meta WHERE key IN ('labels', 'counts')").fetchall()
            held = {key: parsed(value) for key, value in rows}
            if "counts" not in held:  # of an index that comes with the program, or was made by an earlier version
                held["counts"] = index_file.counted(self.base)
            self._labels = tuple(held.get("labels", []))
            self._counts = np.array(held["counts"], np.int64).reshape(-1, len(PictureState))
        self._version = version

    def _refresh_done(self) -> None:
        version = self._data_version()
        if version == self._done_version:
            return
        with damage_told(self.store):
            asked = "SELECT id, class FROM pictures WHERE state = ? ORDER BY id"
            rows = self.base.execute(asked, (int(PictureState.DONE),)).fetchall()
        both = np.array(rows, np.int64).reshape(-1, 2)
        self._done, self._class = np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])
        self._done_version = version

    # --- numbers of every picture ---

    def column(self, tap: IndexedTap, channel: int, ids: Array) -> Array:
        """(n,) float32: the values of pictures on a channel of a tap that has them."""
        column = self._blocks()[:, self._start(tap) + channel, :].reshape(-1)
        self._reaches(len(column), ids)
        found: Array = column[ids]
        return found

    def all_values(self, count: int) -> Iterator[Array]:
        """(n, channels) float32 of the pictures that are done, at most `count` at a time: of the taps that have them."""
        ids = self.done()
        if len(ids) and any(tap.maxima for tap in self.taps()):
            blocks = self._blocks()
            self._reaches(len(blocks) * BLOCK, ids)
            for n in range(0, len(ids), count):
                part = ids[n : n + count]
                yield blocks[part // BLOCK, :, part % BLOCK]

    def _start(self, tap: IndexedTap) -> int:
        return sum(each.channels for each in self.taps() if each.maxima and each.start < tap.start)

    def _blocks(self) -> Array:
        """(blocks, channels, BLOCK)."""
        total = sum(each.channels for each in self.taps() if each.maxima)
        held = self._numbers("maxima", index_file.maxima_file(self.store))
        blocks: Array = held[: len(held) // (total * BLOCK) * total * BLOCK].reshape(-1, total, BLOCK)
        return blocks

    def features(self, tap: IndexedTap) -> Array:
        """(pictures, channels + 1): pooled features and behind them their length."""
        number = self.rows[tap.name][0]
        held = self._numbers(f"features-{number}", index_file.features_file(self.store, number))
        width = tap.channels + 1
        rows: Array = held[: len(held) // width * width].reshape(-1, width)
        self._reaches(len(rows), self.done())
        return rows

    def cells(self, tap: IndexedTap) -> Array:
        """(pictures, cells, channels + 1): of every cell its vector and behind it its length."""
        number = self.rows[tap.name][0]
        held = self._numbers(f"cells-{number}", index_file.cells_file(self.store, number))
        shape = tap.grid[0] * tap.grid[1], tap.channels + 1
        size = shape[0] * shape[1]
        rows: Array = held[: len(held) // size * size].reshape(-1, *shape)
        self._reaches(len(rows), self.done())
        return rows

    def short(self, tap: IndexedTap, cells: bool = False) -> Array | None:
        """(pictures, cells, bytes) int8, the rows of `short_vectors.py`; of pooled features a picture has one. None where there are none:
        an index that is packed or was made by an earlier version."""
        file = (index_file.cells_file if cells else index_file.features_file)(self.store, self.rows[tap.name][0])
        shape = tap.grid[0] * tap.grid[1] if cells else 1, row_bytes(tap.channels)
        size = shape[0] * shape[1]
        try:  # a private map, which torch may take: nothing is written
            held = None if self.packed else np.memmap(index_file.short_file(file), np.int8, "c")
        except (OSError, ValueError):
            return None
        return None if held is None else held[: len(held) // size * size].reshape(-1, *shape)

    def _numbers(self, name: str, file: Path) -> Array:
        with damage_told(self.store):
            if self.packed:
                return self._array(name)
            try:  # mapped anew for each question: pages that were read count as memory of the process
                return np.memmap(file, "<f4", "r")
            except FileNotFoundError:
                if not len(self.done()):
                    return np.empty(0, np.float32)
                raise sqlite3.DatabaseError(tr("{file} is gone", file=file.name)) from None
            except (OSError, ValueError) as error:
                raise sqlite3.DatabaseError(
                    tr("{file} cannot be read ({error})", file=file.name, error=error)
                ) from None

    def _array(self, name: str) -> Array:
        if name not in self._arrays:
            row = self.base.execute("SELECT packed FROM arrays WHERE name = ?", (name,)).fetchone()
            try:
                self._arrays[name] = np.frombuffer(index_file.plain(b"" if row is None else row[0], 4), "<f4")
            except ValueError as error:
                raise sqlite3.DatabaseError(tr("its numbers cannot be read ({error})", error=error)) from None
        return self._arrays[name]

    def _reaches(self, count: int, ids: Array) -> None:
        if len(ids) and int(ids[-1]) >= count:
            with damage_told(self.store):
                raise sqlite3.DatabaseError(tr("a file of numbers is too short"))


def _picture(row: Sequence[Any], labels: Sequence[str]) -> IndexedPicture:
    number, path, frame, label, state, why, size, changed, kind, text = row
    named = labels[label] if 0 <= label < len(labels) else ""
    return IndexedPicture(number, path, frame, named, PictureState(state), why, size, changed, kind, text)
