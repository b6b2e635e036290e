"""Writes an index: one transaction is what a shard found and the state of its pictures, so that a kill loses a shard at most."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_index import FORMAT, IndexedTap, IndexSettings, PictureState, settings_from, tap_from
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.data_index import index_file
from explorer.engine.data_index.channel_sums import ChannelSums
from explorer.engine.data_index.index_file import RECORD, SUMS, damage_told, disk_full
from explorer.engine.data_index.index_items import IndexItem, Listing
from explorer.engine.data_index.local_disk import check_local
from explorer.engine.data_index.number_files import NumberFiles
from explorer.engine.data_index.top_table import TopTable

_LOCK = "-lock"


@dataclass(slots=True, eq=False)
class ShardValues:
    """What some pictures gave. `ids`: of those that were read, ascending; the arrays have a row for each."""

    ids: list[int] = field(default_factory=list)
    maxima: list[Array] = field(default_factory=list)
    features: dict[int, list[Array]] = field(default_factory=dict)  # by number of the tap
    vectors: dict[int, list[Array]] = field(default_factory=dict)  # likewise: of every cell
    failed: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids) + len(self.failed)


class IndexStore:
    """An index that is being written, by one process at a time. `table` and `sums` hold all that is known, committed or not."""

    def __init__(self, path: Path, taps: Sequence[IndexedTap], settings: IndexSettings) -> None:
        self.path, self.taps, self.settings = path, tuple(taps), settings
        self._lock = _locked(path)
        self._numbers = NumberFiles(path)
        try:
            self._base = index_file.connect(path, write=True)
        except BaseException:
            self._lock.close()
            raise
        self.channels = self.taps[-1].start + self.taps[-1].channels
        self.labels: list[str] = list(self._meta("labels", []))
        self.table = TopTable(self.channels, settings.top)
        chosen = [np.arange(t.start, t.start + t.channels) for t in self.taps if t.sums]
        self.sums = ChannelSums(self.channels, len(self.labels), np.concatenate(chosen or [np.empty(0, np.int64)]))
        kept = [np.arange(t.start, t.start + t.channels) for t in self.taps if t.maxima]
        self._kept = np.concatenate(kept or [np.empty(0, np.int64)])
        self.classes: dict[int, int] = {}
        self._states: list[list[int]] = []  # pictures by class and state
        try:
            self._load()
        except (ValueError, TypeError) as error:
            self.close()
            with damage_told(path):
                raise sqlite3.DatabaseError(tr("a table has another length ({error})", error=error)) from None
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(
        cls, path: Path, settings: IndexSettings, taps: Sequence[IndexedTap], about: Mapping[str, Any]
    ) -> IndexStore:
        """A new store, whole or not at all. `about`: model, spec, folder, tokens. Raises ExplorerError."""
        check_local(path.parent)
        made = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.unlink(missing_ok=True)
            with damage_told(path), contextlib.closing(sqlite3.connect(made, isolation_level=None)) as base:
                base.execute("PRAGMA page_size = 8192")
                base.executescript(index_file.SCHEMA)
                base.execute("BEGIN")
                index_file.set_meta(
                    base, format=FORMAT, settings=settings.to_json(), labels=[], created=time.time(), **about
                )
                base.executemany(
                    "INSERT INTO taps (number, name, info) VALUES (?, ?, ?)",
                    [(number, tap.name, json.dumps(tap.to_json())) for number, tap in enumerate(taps)],
                )
                base.execute("COMMIT")
            os.replace(made, path)
        except OSError as error:
            raise _not_written(path, error) from None
        finally:
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)
        return cls(path, taps, settings)

    def close(self) -> None:
        self._numbers.close()
        self._base.close()
        self._lock.close()
        with contextlib.suppress(OSError):
            _lock_file(self.path).unlink()

    # --- pictures ---

    def take_in(self, listing: Listing, retry: bool) -> list[str]:
        """Pictures that are new; with `retry` those that failed are to be tried again. Returns what must be said."""
        with self._transaction():
            rows = self._base.execute("SELECT id, path, frame, state, size, changed FROM pictures").fetchall()
            known = {
                (path, frame): (number, state, (size, changed)) for number, path, frame, state, size, changed in rows
            }
            new = [item for item in listing.items if item.place not in known]
            bad = [(path, why) for path, why in listing.failed if (path, 0) not in known]
            for label in dict.fromkeys([item.label for item in new] + ([""] if bad else [])):
                if label not in self.labels:
                    self.labels.append(label)
            batch = self.settings.batch
            next_id = -(-(max((row[0] for row in rows), default=-1) + 1) // batch) * batch  # a batch is of one listing
            classes = {label: number for number, label in enumerate(self.labels)}
            values = [(next_id + n, *_row(item, classes[item.label])) for n, item in enumerate(new)]
            next_id += len(new)
            values += [
                (next_id + n, path, 0, "picture", classes[""], int(PictureState.FAILED), why, 0, 0, "")
                for n, (path, why) in enumerate(bad)
            ]
            self._base.executemany("INSERT INTO pictures VALUES (?,?,?,?,?,?,?,?,?,?)", values)
            changed = self._renewed(listing.items, known)
            if retry:
                self._base.execute("UPDATE pictures SET state = 0, why = '' WHERE state = 2")
            self._states = index_file.counted(self._base)
            index_file.set_meta(self._base, labels=self.labels, counts=self._states)
        self.sums.grow(len(self.labels))
        self._read_classes()
        there = {item.place for item in listing.items}
        gone = sum(state == PictureState.DONE and place not in there for place, (_, state, _) in known.items())
        notes = (
            [
                tr(
                    "{changed} pictures have changed since they were indexed: the index holds the old ones.",
                    changed=changed,
                )
            ]
            if changed
            else []
        )
        return [*notes, tr("{gone} indexed pictures are gone from the data set.", gone=gone)] if gone else notes

    def _renewed(self, items: Iterable[IndexItem], known: Mapping[tuple[str, int], Any]) -> int:
        """How many of those that are done are other files now; of the others the present state is noted."""
        changed = 0
        for item in items:
            number, state, was = known.get(item.place, (0, None, None))
            if state is None or was == (item.size, item.changed):
                continue
            if state == PictureState.DONE:
                changed += 1
            else:
                self._base.execute(
                    "UPDATE pictures SET size = ?, changed = ?, kind = ?, text = ? WHERE id = ?",
                    (item.size, item.changed, item.kind, item.text, number),
                )
        return changed

    def waiting(self) -> list[tuple[int, IndexItem]]:
        """Pictures that are still to be done, by id."""
        with damage_told(self.path):
            rows = self._base.execute(
                "SELECT id, path, kind, frame, class, size, changed, text FROM pictures WHERE state = 0 ORDER BY id"
            ).fetchall()
        return [
            (number, IndexItem(path, kind, frame, self.labels[label], size, changed, text))
            for number, path, kind, frame, label, size, changed, text in rows
        ]

    def counts(self) -> tuple[int, int, int]:
        """(all, done, failed)."""
        with damage_told(self.path):
            held = dict(self._base.execute("SELECT state, count(*) FROM pictures GROUP BY state").fetchall())
        return sum(held.values()), held.get(PictureState.DONE, 0), held.get(PictureState.FAILED, 0)

    def _read_classes(self) -> None:
        with damage_told(self.path):
            self.classes = dict(self._base.execute("SELECT id, class FROM pictures").fetchall())

    # --- shards ---

    def add(self, shard: ShardValues) -> None:
        """Adds the values of pictures to the sums; who is among the best has been put into `table` already."""
        if shard.ids:
            self.sums.add(np.concatenate(shard.maxima), np.array([self.classes[n] for n in shard.ids]))

    def commit(self, shard: ShardValues, seconds: float, made: Mapping[str, Any]) -> None:
        """Numbers first, then one transaction: tables and state. Raises ExplorerError; what was committed before stays."""
        try:
            if shard.ids:
                self._write_numbers(shard)
        except OSError as error:
            raise _not_written(self.path, error) from None
        with self._transaction():
            for number, tap in enumerate(self.taps):
                top = self.table.records(tap.start, tap.start + tap.channels).tobytes()
                self._base.execute(
                    "UPDATE taps SET top = ?, counts = ?, sums = ? WHERE number = ?",
                    (top, self._counts(tap), self._sums(tap), number),
                )
            self._base.executemany("UPDATE pictures SET state = 1 WHERE id = ?", [(n,) for n in shard.ids])
            self._base.executemany(
                "UPDATE pictures SET state = 2, why = ? WHERE id = ?", [(why, number) for number, why in shard.failed]
            )
            self._base.execute(
                "INSERT INTO shards (pictures, seconds, at, made) VALUES (?, ?, ?, ?)",
                (len(shard.ids), seconds, time.time(), json.dumps(dict(made))),
            )
            self._note(shard)
            index_file.set_meta(self._base, changed=time.time(), counts=self._states)

    def _note(self, shard: ShardValues) -> None:
        """Counts by class and state, of which the pictures of a shard waited."""
        if not self._states:
            self._states = index_file.counted(self._base)
            return
        done = [(number, PictureState.DONE) for number in shard.ids]
        for number, state in [*done, *((number, PictureState.FAILED) for number, _ in shard.failed)]:
            counts = self._states[self.classes[number]]
            counts[PictureState.WAITING] -= 1
            counts[state] += 1

    def say(self, notes: Sequence[str]) -> None:
        """Notes that stay with the index."""
        with self._transaction():
            index_file.set_meta(self._base, notes=list(notes))

    def _counts(self, tap: IndexedTap) -> bytes:
        part = slice(tap.start, tap.start + tap.channels)
        return np.stack([self.sums.reach[part], self.sums.not_finite[part]], 1).astype("<i8").tobytes()

    def _sums(self, tap: IndexedTap) -> bytes | None:
        return self.sums.sums[self._summed(tap)].astype("<i8").tobytes() if tap.sums else None

    def _summed(self, tap: IndexedTap) -> slice:
        start = sum(each.channels for each in self.taps if each.sums and each.start < tap.start)
        return slice(start, start + tap.channels)

    # --- inside ---

    def _write_numbers(self, shard: ShardValues) -> None:
        ids = np.array(shard.ids)
        if len(self._kept):
            values = np.concatenate(shard.maxima)
            self._numbers.put_maxima(ids, values if len(self._kept) == self.channels else values[:, self._kept])
        for number, parts in shard.features.items():
            self._numbers.put_features(number, ids, np.concatenate(parts))
        for number, parts in shard.vectors.items():
            self._numbers.put_cells(number, ids, np.concatenate(parts))
        self._numbers.flush()

    def _load(self) -> None:
        self._read_classes()
        with damage_told(self.path):
            rows = self._base.execute("SELECT number, top, counts, sums FROM taps ORDER BY number").fetchall()
        for (_, top, counts, sums), tap in zip(rows, self.taps, strict=True):
            if top is None:
                continue
            self.table.load(tap.start, np.frombuffer(top, RECORD).reshape(tap.channels, self.settings.top))
            both = np.frombuffer(counts, "<i8").reshape(tap.channels, 2)
            part = slice(tap.start, tap.start + tap.channels)
            self.sums.reach[part], self.sums.not_finite[part] = both[:, 0], both[:, 1]
            if tap.sums:
                held = np.frombuffer(sums, "<i8").reshape(tap.channels, -1, SUMS)
                self.sums.sums[self._summed(tap), : held.shape[1]] = held
        self.sums.maximum = self.table.values[:, 0].copy()

    def _meta(self, key: str, otherwise: Any) -> Any:
        with damage_told(self.path):
            row = self._base.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return otherwise if row is None else parsed(row[0])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with damage_told(self.path):
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._base.execute("ROLLBACK")
                raise


def _row(item: IndexItem, label: int) -> tuple[Any, ...]:
    return item.path, item.frame, item.kind, label, 0, "", item.size, item.changed, item.text


def settings_in(path: Path) -> tuple[IndexSettings, tuple[IndexedTap, ...]]:
    """What a store is of. Raises ExplorerError."""
    base = index_file.connect(path)
    with contextlib.closing(base), damage_told(path):
        try:
            settings = settings_from(index_file.meta_of(base)["settings"])
            infos = base.execute("SELECT info FROM taps ORDER BY number").fetchall()
            return settings, tuple(tap_from(parsed(info)) for (info,) in infos)
        except (KeyError, TypeError, ValueError) as error:
            raise sqlite3.DatabaseError(tr("its settings cannot be read ({error})", error=error)) from None


def check_same(path: Path, there: IndexSettings, wanted: IndexSettings) -> None:
    """Raises ExplorerError where a store is of something else: the two are never mixed."""
    a, b = asdict(there), asdict(wanted)
    other = [name for name in a if a[name] != b[name]]
    if not other:
        return
    words = {
        "model": tr("model, its weights or its preprocessing"),
        "data": tr("data set"),
        "torch": tr("version of torch"),
        "cpu": "processor",
    }
    named = ", ".join(words.get(name, name) for name in other)
    raise ExplorerError(
        tr("“{path}” is the index of something else.", path=path.name),
        tr("Another {named}.", named=named),
        tr("Name another file with --store, or remove it."),
    )


def _lock_file(path: Path) -> Path:
    return path.with_name(path.name + _LOCK)


def _locked(path: Path) -> sqlite3.Connection:
    """Held while a process writes an index; a killed one lets go of it."""
    base = sqlite3.connect(_lock_file(path), timeout=0, isolation_level=None)
    try:
        base.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        base.close()
        if "locked" in str(error):
            raise ExplorerError(
                tr("“{path}” is being written by another process.", path=path.name), "", tr("Wait until it has ended.")
            ) from None
        if "full" in str(error):
            raise disk_full(path) from None
        raise _not_written(path, OSError(0, str(error))) from None
    return base


def _not_written(path: Path, error: OSError) -> ExplorerError:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return disk_full(path)
    return ExplorerError(
        tr("The index could not be written."), f"{path}: {error.strerror or error}.", tr("Name another --store.")
    )
