"""Reads an index: every question to it that needs no network. Without torch, so that the window may ask in its own thread.

What the index holds of all pictures (histograms, the least, random ones, the best of a class) is read from the values of all pictures;
where these are not kept for a tap, an ExplorerError says so. The index may grow meanwhile: every answer is of the last commit.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_index import (
    GALLERY,
    ChannelHistogram,
    ChannelTable,
    ChannelTop,
    ClassBar,
    Entry,
    IndexedPicture,
    IndexedTap,
    IndexFacts,
    IndexSettings,
    Near,
    PictureState,
    Scatter,
    tap_from,
)
from explorer.core.errors import ExplorerError
from explorer.core.texts import TextPreprocess
from explorer.core.untrusted_json import parsed
from explorer.engine.data_index import index_file, index_neighbours
from explorer.engine.data_index.channel_figures import class_bars, table_of, words_seen
from explorer.engine.data_index.index_file import BLOCK, NONE, RECORD, SUMS, damage_told, sums_of, unpacked

SHOWN = 9
_COLUMNS = "id, path, frame, class, state, why, size, changed, kind, text"


class IndexReader:
    """An open index. To be used by the thread that opened it. Raises ExplorerError where there is none that can be read."""

    def __init__(self, store: str | Path) -> None:
        self.store = Path(store).absolute()
        self._base = index_file.connect(self.store)
        self._version = -1
        self._done: Array = np.empty(0, np.int64)
        self._class: Array = np.empty(0, np.int64)
        with damage_told(self.store):
            try:
                meta = index_file.meta_of(self._base)
                held = meta["settings"]
                lists = {name: tuple(held[name]) for name in ("taps", "features")}
                self.settings = IndexSettings(**{**held, **lists})
                self.folder = str(meta["folder"])
                self._spec, self._model = dict(meta["spec"]), str(meta["model"])
                self._rows = {
                    str(name): (int(number), str(info))
                    for number, name, info in self._base.execute("SELECT number, name, info FROM taps ORDER BY number")
                }
            except (KeyError, TypeError, ValueError) as error:
                self._base.close()
                raise sqlite3.DatabaseError(f"its settings cannot be read ({error})") from None
        self._taps: dict[str, IndexedTap] = {}

    def close(self) -> None:
        self._base.close()

    def __enter__(self) -> IndexReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what it is about ---

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes in the order of their numbers; "" stands for pictures without one."""
        return tuple(self._meta("labels", []))

    @property
    def model(self) -> str:
        """Digest of the model that it is of."""
        return self.settings.model

    def facts(self) -> IndexFacts:
        """What it holds by now."""
        with damage_told(self.store):
            counts = dict(self._base.execute("SELECT state, count(*) FROM pictures GROUP BY state").fetchall())
        return IndexFacts(
            path=str(self.store),
            settings=self.settings,
            model=self._model,
            spec=self._spec,
            folder=self.place,
            pictures=sum(counts.values()),
            done=counts.get(PictureState.DONE, 0),
            failed=counts.get(PictureState.FAILED, 0),
            labels=tuple(label for label in self.labels if label),
            nbytes=index_file.nbytes_of_index(self.store),
            changed=float(self._meta("changed", 0.0)),
            shipped=self.store.parent == index_file.shipped_folder(),
            notes=tuple(self._meta("notes", [])),
        )

    @property
    def place(self) -> str:
        """Where the paths of the pictures begin; "" for samples, which have names."""
        return "" if self.settings.data == GALLERY else self.folder

    @cached_property
    def taps(self) -> tuple[IndexedTap, ...]:
        """In execution order."""
        return tuple(self.tap(name) for name in self._rows)

    def tap(self, name: str) -> IndexedTap:
        """By its name, or by that of a tap with the same values. Raises ExplorerError where the index has none."""
        if name in self._rows:
            if name not in self._taps:
                self._taps[name] = tap_from(parsed(self._rows[name][1]))
            return self._taps[name]
        for tap in self.taps:
            if name in tap.same_as:
                return tap
        raise ExplorerError(
            f"The index has no tap {name[:60]!r}.",
            f"It has {len(self._rows)}: {', '.join(list(self._rows)[:8])}{' …' if len(self._rows) > 8 else ''}",
            "Make one with --taps activations, or name the taps.",
        )

    def has(self, name: str) -> bool:
        """Whether there is such a tap."""
        return name in self._rows or any(name in tap.same_as for tap in self.taps)

    # --- pictures ---

    def pictures(
        self,
        label: str | None = None,
        state: PictureState | None = None,
        text: str = "",
        offset: int = 0,
        limit: int = 1000,
    ) -> tuple[IndexedPicture, ...]:
        """In the total order. `label` None: of every class; `text`: what the path (or the sentence) has in it."""
        where, values = ["1"], list[Any]()
        if label is not None:
            where.append("class = ?")
            values.append(self._number(label))
        if state is not None:
            where.append("state = ?")
            values.append(int(state))
        if text:
            where.append("(instr(lower(path), lower(?)) OR instr(lower(text), lower(?)))")
            values += [text, text]
        asked = f"SELECT {_COLUMNS} FROM pictures WHERE {' AND '.join(where)} ORDER BY id LIMIT ? OFFSET ?"
        with damage_told(self.store):
            rows = self._base.execute(asked, (*values, limit, offset)).fetchall()
        labels = self.labels
        return tuple(_picture(row, labels) for row in rows)

    def count(self, label: str | None = None, state: PictureState | None = None) -> int:
        """How many pictures there are of a class in a state."""
        where = "(? IS NULL OR class = ?) AND (? IS NULL OR state = ?)"
        number = None if label is None else self._number(label)
        at = None if state is None else int(state)
        with damage_told(self.store):
            row = self._base.execute(
                f"SELECT count(*) FROM pictures WHERE {where}", (number, number, at, at)
            ).fetchone()
        return int(row[0])

    def picture(self, number: int) -> IndexedPicture:
        """By its id."""
        return self._by_id([number])[0]

    def find(self, path: str, frame: int = 0) -> IndexedPicture | None:
        """By its path below the folder, or its whole path; None where the index has none."""
        short = path
        if self.place and Path(path).is_absolute():
            try:
                short = Path(path).relative_to(self.place).as_posix()
            except ValueError:
                return None
        with damage_told(self.store):
            asked = f"SELECT {_COLUMNS} FROM pictures WHERE path = ? AND frame = ?"
            row = self._base.execute(asked, ("" if short == "." else short, frame)).fetchone()
        return None if row is None else _picture(row, self.labels)

    # --- a channel ---

    def top(self, tap: str, channel: int, label: str = "", count: int = SHOWN) -> ChannelTop:
        """The best pictures of a channel; with `label` the best of a class, whose cells may have to be asked for.

        A class's own best need the values of all pictures; where these are not kept, those of the class among the best of all are
        given.
        """
        of, number = self._tap_channel(tap, channel)
        records = self._records(number, channel)
        entries = self._entries(of, records)
        if not label:
            return self._list(of, channel, entries[:count], "top")
        self._number(label)  # says that there is no such class
        if not of.maxima:
            chosen = [each for each in entries if each.picture.label == label]
            return self._list(of, channel, chosen[:count], "top", label)
        ids, values = self._values(of, channel, label)
        return self._chosen(of, channel, ids, values, np.lexsort((ids, -values))[:count], "top", label, entries)

    def least(self, tap: str, channel: int, label: str = "", count: int = SHOWN) -> ChannelTop:
        """The pictures with the smallest values, the smallest first."""
        of, _ = self._tap_channel(tap, channel)
        ids, values = self._values(of, channel, label)
        return self._chosen(of, channel, ids, values, np.lexsort((ids, values))[:count], "least", label)

    def above_half(self, tap: str, channel: int, label: str = "", count: int = SHOWN, seed: int = 0) -> ChannelTop:
        """Pictures by chance among those above half of the channel's maximum; the best first."""
        of, _ = self._tap_channel(tap, channel)
        ids, values = self._values(of, channel, label)
        above = np.flatnonzero(values > self._half(of, channel))
        drawn = np.random.default_rng([seed, channel]).choice(above, min(count, len(above)), replace=False)
        order = drawn[np.lexsort((ids[drawn], -values[drawn]))] if len(drawn) else drawn
        return self._chosen(of, channel, ids, values, order, "above half", label)

    def count_above_half(self, tap: str, channel: int, label: str = "") -> int:
        """Pictures above half of the channel's maximum: how special its best ones are."""
        of, _ = self._tap_channel(tap, channel)
        return int((self._values(of, channel, label)[1] > self._half(of, channel)).sum())

    def values(self, tap: str, channel: int, label: str = "") -> tuple[Array, Array]:
        """(ids, values): of every picture with a finite value; (n,) int64 and (n,) float32 by id."""
        of, _ = self._tap_channel(tap, channel)
        return self._values(of, channel, label)

    def histogram(self, tap: str, channel: int, bins: int = 40) -> ChannelHistogram:
        """The values of all pictures on a channel, also by class."""
        of, _ = self._tap_channel(tap, channel)
        ids, values = self._values(of, channel)
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
        classes = self._class[np.searchsorted(self._done, ids)]
        each = [np.histogram(values[classes == number], edges)[0] for number in range(len(self.labels))]
        by_class = np.array(each, np.int64).reshape(-1, bins)
        return ChannelHistogram(by_class.sum(0), edges, by_class, self.labels)

    def classes(self, tap: str, channel: int) -> tuple[ClassBar, ...]:
        """Every class on a channel. Raises ExplorerError where sums by class are not kept for the tap."""
        of, number = self._tap_channel(tap, channel)
        labels = self.labels
        size = len(labels) * SUMS * 8
        if not of.sums:
            raise _not_kept("Sums by class", of)
        blob = self._part("sums", number, channel * size, size)
        best = [each.picture.label for each in self._entries(of, self._records(number, channel))]
        return class_bars(labels, sums_of(blob, len(labels)), best)

    def table(self, tap: str) -> ChannelTable:
        """Every channel of a tap as a row: selectivity, coverage, sparsity. Raises ExplorerError where sums are not kept."""
        of = self.tap(tap)
        with damage_told(self.store):
            asked = "SELECT top, counts, sums FROM taps WHERE number = ?"
            top, counts, sums = map(self._plain, self._base.execute(asked, (self._rows[of.name][0],)).fetchone())
        if not of.sums:
            raise _not_kept("Sums by class", of)
        labels = self.labels
        with self._fitting(of):
            best = np.frombuffer(top, RECORD).reshape(of.channels, -1)[:, 0]
            both = np.frombuffer(counts, "<i8").reshape(-1, 2)
            return table_of(
                of.name, labels, best, both, sums_of(sums, len(labels)), self.count(state=PictureState.DONE)
            )

    # --- neighbours ---

    @property
    def feature_taps(self) -> tuple[str, ...]:
        """Taps whose pooled features are kept."""
        return tuple(tap.name for tap in self.taps if tap.features)

    def feature(self, picture: int, tap: str = "") -> Array:
        """(channels,) float32: the pooled features of a picture that is done, by its id."""
        return np.array(self._features(tap)[picture, :-1])

    def nearest(
        self, vector: Array, tap: str = "", count: int = 12, label: str = "", without: int = NONE
    ) -> tuple[Near, ...]:
        """The pictures whose features have the largest cosine with a vector (channels,): exact. `without`: a picture's id."""
        self._refresh()
        ids = self._done if not label else self._done[self._class == self._number(label)]
        found = index_neighbours.nearest(self._features(tap), ids[ids != without], vector, count)
        pictures = self._by_id([number for number, _ in found])
        return tuple(Near(picture, similarity) for picture, (_, similarity) in zip(pictures, found, strict=True))

    def scatter(self, tap: str = "", most: int = 20_000) -> Scatter:
        """Pictures in the plane of their features' two principal components; evenly chosen where there are more than `most`."""
        self._refresh()
        places = np.arange(len(self._done))
        if len(places) > most:
            places = np.linspace(0, len(places) - 1, most).astype(np.int64)
        points, explained = index_neighbours.plane(self._features(tap), self._done[places])
        labels = np.array([*self.labels, ""])
        return Scatter(self._done[places], points, explained, tuple(labels[self._class[places]].tolist()))

    # --- inside ---

    def _meta(self, key: str, otherwise: Any) -> Any:
        with damage_told(self.store):
            row = self._base.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return otherwise if row is None else parsed(row[0])

    def _refresh(self) -> None:
        """Which pictures are done, where something was committed since."""
        with damage_told(self.store):
            version = int(self._base.execute("PRAGMA data_version").fetchone()[0])
            if version == self._version:
                return
            rows = self._base.execute("SELECT id, class FROM pictures WHERE state = 1 ORDER BY id").fetchall()
        both = np.array(rows, np.int64).reshape(-1, 2)
        self._done, self._class = np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])
        self._version = version

    def _number(self, label: str) -> int:
        labels = self.labels
        if label in labels:
            return labels.index(label)
        there = ", ".join(f"“{each}”" for each in labels[:8] if each)
        raise ExplorerError(f"There is no class “{label[:60]}” in the index.", f"There are: {there or 'none'}.")

    def _tap_channel(self, tap: str, channel: int) -> tuple[IndexedTap, int]:
        of = self.tap(tap)
        if not 0 <= channel < of.channels:
            raise ExplorerError(f"{of.name} has no channel {channel}.", f"It has {of.channels}, counted from 0.")
        return of, self._rows[of.name][0]

    def _part(self, column: str, number: int, offset: int, size: int) -> bytes:
        """Some bytes of a table of a tap."""
        with damage_told(self.store):
            if self._packed:
                row = self._base.execute(f"SELECT {column} FROM taps WHERE number = ?", (number,)).fetchone()
                part = self._plain(row[0])[offset : offset + size]
            else:
                with self._base.blobopen("taps", column, number, readonly=True) as blob:
                    blob.seek(offset)
                    part = blob.read(size)
            if len(part) != size:
                raise sqlite3.DatabaseError("a table of it is too short")
        return part

    def _records(self, number: int, channel: int) -> Array:
        size = self.settings.top * RECORD.itemsize
        found = np.frombuffer(self._part("top", number, channel * size, size), RECORD)
        return found[found["picture"] != NONE]

    @cached_property
    def _packed(self) -> bool:
        """Whether it is one of those that come with the program, whose tables are packed."""
        return bool(self._meta("packed", False))

    def _plain(self, blob: bytes | None) -> bytes:
        return zlib.decompress(blob) if self._packed and blob else blob or b""

    @contextmanager
    def _fitting(self, of: IndexedTap) -> Iterator[None]:
        try:
            yield
        except ValueError:
            with damage_told(self.store):
                raise sqlite3.DatabaseError(f"a table of {of.name} has another length") from None

    def _by_id(self, numbers: Sequence[int]) -> list[IndexedPicture]:
        labels = self.labels
        with damage_told(self.store):
            marks = ",".join("?" * len(numbers))
            asked = f"SELECT {_COLUMNS} FROM pictures WHERE id IN ({marks})"
            rows = {row[0]: row for row in self._base.execute(asked, list(numbers))}
            if missing := [number for number in numbers if number not in rows]:
                raise sqlite3.DatabaseError(f"the picture {missing[0]} is not in it")
        return [_picture(rows[number], labels) for number in numbers]

    def _entries(self, of: IndexedTap, records: Array) -> list[Entry]:
        pictures = self._by_id(records["picture"].tolist())
        cells = [of.cell(int(place)) for place in records["cell"]]
        return [
            Entry(picture, float(value), cell, self._words(of, picture, cell))
            for picture, value, cell in zip(pictures, records["value"].tolist(), cells, strict=True)
        ]

    def _words(self, of: IndexedTap, picture: IndexedPicture, cell: tuple[int, int]) -> str:
        return words_seen(of, picture.text, cell, self._tokens) if picture.text else ""

    @cached_property
    def _tokens(self) -> TextPreprocess | None:
        held = self._meta("tokens", None)
        return None if held is None else TextPreprocess(**{**held, "words": tuple(held["words"])})

    def _list(self, of: IndexedTap, channel: int, entries: Sequence[Entry], order: str, label: str = "") -> ChannelTop:
        number = self._rows[of.name][0]
        reach, not_finite = np.frombuffer(self._part("counts", number, channel * 16, 16), "<i8").tolist()
        best = self._records(number, channel)
        return ChannelTop(
            tap=of.name,
            channel=channel,
            entries=tuple(entries),
            order=order,
            label=label,
            pictures=self.count(label or None, PictureState.DONE),
            maximum=float(best["value"][0]) if len(best) else float("nan"),
            reach=reach,
            not_finite=not_finite,
        )

    def _half(self, of: IndexedTap, channel: int) -> float:
        best = self._records(self._rows[of.name][0], channel)
        return float(best["value"][0]) / 2 if len(best) else float("inf")

    def _chosen(
        self,
        of: IndexedTap,
        channel: int,
        ids: Array,
        values: Array,
        places: Array,
        order: str,
        label: str,
        best: Sequence[Entry] | None = None,
    ) -> ChannelTop:
        if best is None:
            best = self._entries(of, self._records(self._rows[of.name][0], channel))
        known = {each.picture.id: each for each in best}
        entries = []
        for picture, value in zip(self._by_id(ids[places].tolist()), values[places].tolist(), strict=True):
            there = known.get(picture.id)
            # of a vector, or of one cell alone, there is nothing to look for
            cell = there.cell if there is not None else (0, 0) if of.grid == (1, 1) else None
            entries.append(Entry(picture, value, cell, there.words if there is not None else ""))
        return self._list(of, channel, entries, order, label)

    def _values(self, of: IndexedTap, channel: int, label: str = "") -> tuple[Array, Array]:
        if not of.maxima:
            raise _not_kept("The values of all pictures", of)
        self._refresh()
        start = sum(tap.channels for tap in self.taps if tap.maxima and tap.start < of.start)
        total = sum(tap.channels for tap in self.taps if tap.maxima)
        ids = self._done if not label else self._done[self._class == self._number(label)]
        column = self._maxima(total)[:, start + channel, :].reshape(-1)
        if len(ids) and ids[-1] >= len(column):
            with damage_told(self.store):
                raise sqlite3.DatabaseError("the file of all pictures' values is too short")
        values = column[ids]
        good = np.isfinite(values)
        return ids[good], values[good]

    def _maxima(self, channels: int) -> Array:
        file = index_file.maxima_file(self.store)
        with damage_told(self.store):
            held = unpacked(self._base, "maxima", "<f4")
        if held is None:
            held = index_neighbours.mapped(file, self.store)
        blocks: Array = held[: len(held) // (channels * BLOCK) * channels * BLOCK].reshape(-1, channels, BLOCK)
        return blocks

    def _features(self, tap: str) -> Array:
        """(pictures, channels + 1): features and their length."""
        names = self.feature_taps
        if not names:
            raise ExplorerError("The index has no features.", "", "Make one with --features TAP.")
        of = self.tap(tap or names[-1])
        if not of.features:
            raise ExplorerError(
                f"The index has no features of {of.name}.",
                f"It has those of {', '.join(names)}.",
                "Make one with --features.",
            )
        number = self._rows[of.name][0]
        with damage_told(self.store):
            held = unpacked(self._base, f"features-{number}", "<f4")
        if held is None:
            held = index_neighbours.mapped(index_file.features_file(self.store, number), self.store)
        width = of.channels + 1
        return held[: len(held) // width * width].reshape(-1, width)


def _picture(row: Sequence[Any], labels: Sequence[str]) -> IndexedPicture:
    number, path, frame, label, state, why, size, changed, kind, text = row
    named = labels[label] if 0 <= label < len(labels) else ""
    return IndexedPicture(number, path, frame, named, PictureState(state), why, size, changed, kind, text)


def _not_kept(what: str, of: IndexedTap) -> ExplorerError:
    return ExplorerError(
        f"{what} are not kept for {of.name}.",
        "With all taps they would take too much room.",
        f"Make an index with --features {of.name}: they are kept for taps that are named.",
    )
