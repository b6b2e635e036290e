"""Reads an index: every question to it that needs no network. Without torch, so that the window may ask in its own thread.

What the index holds of all pictures (histograms, the least, random ones, the best of a class) is read from the values of all pictures;
where these are not kept for a tap, an ExplorerError says so. The index may grow meanwhile: every answer is of the last commit.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    IndexedPicture,
    IndexedTap,
    IndexEntry,
    IndexFacts,
    Near,
    PictureState,
    Scatter,
)
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell
from explorer.core.texts import TextPreprocess
from explorer.core.translation import tr
from explorer.engine.data_index import index_file, index_neighbours
from explorer.engine.data_index.channel_figures import class_bars, table_of, words_seen
from explorer.engine.data_index.index_file import NONE, RECORD, SUMS, sums_of
from explorer.engine.data_index.index_tables import IndexTables

SHOWN = 9


def place_of(tap: IndexedTap, cell: Cell) -> int:
    """The number of a cell, row by row. Raises ExplorerError where there is none."""
    rows, columns = tap.grid
    if not (0 <= cell[0] < rows and 0 <= cell[1] < columns):
        raise ExplorerError(
            tr("{tap} has no cell {cell}, {cell2}.", tap=tap.name, cell=cell[0], cell2=cell[1]),
            tr("It has {rows} x {columns}, counted from 0.", rows=rows, columns=columns),
        )
    return cell[0] * columns + cell[1]


class IndexReader:
    """An open index. To be used by the thread that opened it. Raises ExplorerError where there is none that can be read."""

    def __init__(self, store: str | Path) -> None:
        self.store = Path(store).expanduser().absolute()
        self._held = IndexTables(self.store)
        self.settings, self.preprocess = self._held.settings, self._held.preprocess

    def close(self) -> None:
        self._held.base.close()

    def __enter__(self) -> IndexReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what it is about ---

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes in the order of their numbers; "" stands for pictures without one."""
        return self._held.labels

    @property
    def model(self) -> str:
        """Digest of the model that it is of."""
        return self.settings.model

    @property
    def place(self) -> str:
        """Where the paths of the pictures begin; "" for samples, which have names."""
        return "" if self.settings.data == GALLERY else self._held.folder

    def facts(self) -> IndexFacts:
        """What it holds by now."""
        return IndexFacts(
            path=str(self.store),
            settings=self.settings,
            model=self._held.model,
            spec=self._held.spec,
            folder=self.place,
            pictures=self.count(),
            done=self.count(state=PictureState.DONE),
            failed=self.count(state=PictureState.FAILED),
            labels=tuple(label for label in self.labels if label),
            nbytes=index_file.nbytes_of_index(self.store),
            changed=float(self._held.meta("changed", 0.0)),
            shipped=self.store.parent == index_file.shipped_folder(),
            notes=tuple(self._held.meta("notes", [])),
        )

    @cached_property
    def taps(self) -> tuple[IndexedTap, ...]:
        """In execution order."""
        return self._held.taps()

    def tap(self, name: str) -> IndexedTap:
        """By its name, or by that of a tap with the same values. Raises ExplorerError where the index has none."""
        if name in self._held.rows:
            return self._held.tap(name)
        for tap in self.taps:
            if name in tap.same_as:
                return tap
        names = [tap.name for tap in self.taps]
        raise ExplorerError(
            tr("The index has no tap {name!r}.", name=name[:60]),
            tr(
                "It has {count}: {list}{part}",
                count=len(names),
                list=", ".join(names[:8]),
                part=" …" if len(names) > 8 else "",
            ),
            tr("Make one with --taps activations, or name the taps."),
        )

    def has(self, name: str) -> bool:
        """Whether there is such a tap."""
        return name in self._held.rows or any(name in tap.same_as for tap in self.taps)

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
        return self._held.pictures(*self._where(label, state, text), limit, offset)

    def ids(
        self, label: str | None = None, state: PictureState | None = None, text: str = "", limit: int = -1
    ) -> Array:
        """(n,) int64: those of `pictures`, ascending."""
        return self._held.ids(*self._where(label, state, text), limit)

    def count(self, label: str | None = None, state: PictureState | None = None) -> int:
        """How many pictures there are of a class in a state."""
        return self._held.count(None if label is None else self._number(label), None if state is None else int(state))

    def _where(self, label: str | None, state: PictureState | None, text: str) -> tuple[str, list[Any]]:
        asked = {
            "class": None if label is None else self._number(label),
            "state": None if state is None else int(state),
        }
        given = {name: value for name, value in asked.items() if value is not None}
        where, values = " AND ".join(["1", *(f"{name} = ?" for name in given)]), list[Any](given.values())
        if text:
            where += " AND (instr(lower(path), lower(?)) OR instr(lower(text), lower(?)))"
            values += [text, text]
        return where, values

    def picture(self, number: int) -> IndexedPicture:
        """By its id."""
        return self._held.by_id([number])[0]

    def pictures_by_id(self, numbers: Sequence[int]) -> tuple[IndexedPicture, ...]:
        """In the order asked for."""
        return tuple(self._held.by_id(numbers))

    def find(self, path: str, frame: int = 0) -> IndexedPicture | None:
        """By its path below the folder, its whole path, or the name of a sample; None where the index has none."""
        if self.place and Path(path).is_absolute():
            try:
                path = Path(path).relative_to(self.place).as_posix()
            except ValueError:
                return None
        found = self._held.pictures("path = ? AND frame = ?", [path, frame])
        return found[0] if found else None

    # --- a channel ---

    def top(self, tap: str, channel: int, label: str = "", count: int = SHOWN) -> ChannelTop:
        """The best pictures of a channel; with `label` the best of a class, whose cells may have to be asked for.

        A class's own best need the values of all pictures; where these are not kept, those of the class among the best of all are
        given.
        """
        of = self._of(tap, channel)
        best = self._held.records(of, channel)
        if not label:
            return self._list(of, channel, self._entries(of, best[:count]), best, "top")
        self._number(label)  # says that there is no such class
        if not of.maxima:
            chosen = [each for each in self._entries(of, best) if each.picture.label == label]
            return self._list(of, channel, chosen[:count], best, "top", label)
        ids, values = self._values(of, channel, label)
        return self._chosen(of, channel, ids, values, np.lexsort((ids, -values))[:count], "top", label)

    def least(self, tap: str, channel: int, label: str = "", count: int = SHOWN) -> ChannelTop:
        """The pictures with the smallest values, the smallest first."""
        of = self._of(tap, channel)
        ids, values = self._values(of, channel, label)
        return self._chosen(of, channel, ids, values, np.lexsort((ids, values))[:count], "least", label)

    def above_half(self, tap: str, channel: int, label: str = "", count: int = SHOWN, seed: int = 0) -> ChannelTop:
        """Pictures by chance among those above half of the channel's maximum; the best first."""
        of = self._of(tap, channel)
        ids, values = self._values(of, channel, label)
        above = np.flatnonzero(values > self._half(of, channel))
        drawn = np.random.default_rng([seed, channel]).choice(above, min(count, len(above)), replace=False)
        order = drawn[np.lexsort((ids[drawn], -values[drawn]))]
        return self._chosen(of, channel, ids, values, order, "above half", label)

    def count_above_half(self, tap: str, channel: int, label: str = "") -> int:
        """Pictures above half of the channel's maximum: how special its best ones are."""
        of = self._of(tap, channel)
        return int((self._values(of, channel, label)[1] > self._half(of, channel)).sum())

    def values(self, tap: str, channel: int, label: str = "") -> tuple[Array, Array]:
        """(ids, values): of every picture with a finite value; (n,) int64 and (n,) float32 by id."""
        return self._values(self._of(tap, channel), channel, label)

    def histogram(self, tap: str, channel: int, bins: int = 40) -> ChannelHistogram:
        """The values of all pictures on a channel, also by class."""
        ids, values = self._values(self._of(tap, channel), channel)
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
        classes, labels = self._held.classes(ids), self.labels
        each = [np.histogram(values[classes == number], edges)[0] for number in range(len(labels))]
        by_class = np.array(each, np.int64).reshape(-1, bins)
        return ChannelHistogram(by_class.sum(0), edges, by_class, labels)

    def classes(self, tap: str, channel: int) -> tuple[ClassBar, ...]:
        """Every class on a channel. Raises ExplorerError where sums by class are not kept for the tap."""
        of, labels = self._of(tap, channel), self.labels
        if not of.sums:
            raise _not_kept(tr("Sums by class"), of)
        size = len(labels) * SUMS * 8
        blob = self._held.part("sums", of, channel * size, size) or bytes(size)
        best = self._held.by_id(self._held.records(of, channel)["picture"].tolist())
        return class_bars(labels, sums_of(blob, len(labels)), [each.label for each in best])

    def table(self, tap: str) -> ChannelTable:
        """Every channel of a tap as a row: selectivity, coverage, sparsity. Raises ExplorerError where sums are not kept."""
        of = self.tap(tap)
        if not of.sums:
            raise _not_kept(tr("Sums by class"), of)
        top, counts, sums = self._held.whole(of, "top", "counts", "sums")
        labels = self.labels
        if not top:
            raise ExplorerError(tr("The index is empty."), tr("Nothing has been committed yet."), tr("Wait a moment."))
        with self._held.fitting(of):
            best = np.frombuffer(top, RECORD).reshape(of.channels, -1)[:, 0]
            both = np.frombuffer(counts, "<i8").reshape(-1, 2)
            done = self.count(state=PictureState.DONE)
            return table_of(of.name, labels, best, both, sums_of(sums, len(labels)), done)

    # --- neighbours ---

    @property
    def feature_taps(self) -> tuple[str, ...]:
        """Taps whose pooled features are kept."""
        return tuple(tap.name for tap in self.taps if tap.features)

    def feature(self, picture: int, tap: str = "") -> Array:
        """(channels,) float32: the pooled features of a picture that is done, by its id."""
        if picture not in self._held.done():
            raise ExplorerError(tr("This picture has no features."), tr("It could not be read, or is still to come."))
        return np.array(self._held.features(self._with_features(tap))[picture, :-1])

    def nearest(
        self, vector: Array, tap: str = "", count: int = 12, label: str = "", without: int = NONE
    ) -> tuple[Near, ...]:
        """The pictures whose features have the largest cosine with a vector (channels,): exact. `without`: a picture's id."""
        of, ids = self._with_features(tap), self._held.done(self._number(label) if label else None)
        found = index_neighbours.nearest(
            self._held.features(of), ids[ids != without], vector, count, self._held.short(of)
        )
        pictures = self._held.by_id([number for number, _ in found])
        return tuple(Near(picture, similarity) for picture, (_, similarity) in zip(pictures, found, strict=True))

    @property
    def cell_taps(self) -> tuple[str, ...]:
        """Taps whose cells are kept one by one."""
        return tuple(tap.name for tap in self.taps if tap.cells)

    def with_cells(self, name: str) -> IndexedTap:
        """A tap whose cells are kept. Raises ExplorerError."""
        of = self.tap(name)
        if not of.cells:
            raise ExplorerError(
                tr("The index has no cells of {of}.", of=of.name),
                tr("It has those of {list}.", list=", ".join(self.cell_taps) or tr("no layer")),
                tr("Make one with --cells {of}.", of=of.name),
            )
        return of

    def cell(self, picture: int, tap: str, cell: Cell) -> Array:
        """(channels,) float32: what a cell of a picture that is done holds, by its id."""
        of = self.with_cells(tap)
        if picture not in self._held.done():
            raise ExplorerError(tr("This picture has no cells."), tr("It could not be read, or is still to come."))
        return np.array(self._held.cells(of)[picture, place_of(of, cell), :-1])

    def nearest_cells(
        self, vector: Array, tap: str, count: int = 12, label: str = "", without: int = NONE
    ) -> tuple[Near, ...]:
        """The pictures with the cell whose vector has the largest cosine with one (channels,), and that cell: exact."""
        of, ids = self.with_cells(tap), self._held.done(self._number(label) if label else None)
        found = index_neighbours.nearest_cells(
            self._held.cells(of), ids[ids != without], vector, count, self._held.short(of, cells=True)
        )
        pictures = self._held.by_id([number for number, _, _ in found])
        return tuple(
            Near(picture, similarity, of.cell(place))
            for picture, (_, place, similarity) in zip(pictures, found, strict=True)
        )

    def scatter(self, tap: str = "", most: int = 20_000) -> Scatter:
        """Pictures in the plane of their features' two principal components; evenly chosen where there are more than `most`."""
        ids = self._held.done()
        if len(ids) > most:
            ids = ids[np.linspace(0, len(ids) - 1, most).astype(np.int64)]
        points, explained = index_neighbours.plane(self._held.features(self._with_features(tap)), ids)
        labels = np.array([*self.labels, ""])
        return Scatter(ids, points, explained, tuple(labels[self._held.classes(ids)].tolist()))

    # --- inside ---

    def _number(self, label: str) -> int:
        labels = self.labels
        if label in labels:
            return labels.index(label)
        there = ", ".join(f"“{each}”" for each in labels[:8] if each)
        raise ExplorerError(
            tr("There is no class “{label}” in the index.", label=label[:60]),
            tr("There are: {there}.", there=there or tr("none")),
        )

    def _of(self, tap: str, channel: int) -> IndexedTap:
        of = self.tap(tap)
        if not 0 <= channel < of.channels:
            raise ExplorerError(
                tr("{of} has no channel {channel}.", of=of.name, channel=channel),
                tr("It has {channels}, counted from 0.", channels=of.channels),
            )
        return of

    def _entries(self, of: IndexedTap, records: Array) -> list[IndexEntry]:
        pictures = self._held.by_id(records["picture"].tolist())
        return [
            IndexEntry(picture, value, of.cell(place), self.words(of, picture, of.cell(place)))
            for picture, value, place in zip(pictures, records["value"].tolist(), records["cell"].tolist(), strict=True)
        ]

    def words(self, of: IndexedTap, picture: IndexedPicture, cell: Cell) -> str:
        """The n-gram that a cell sees of a sentence; "" of anything else."""
        pre = self.preprocess
        return words_seen(of, picture.text, cell, pre) if picture.text and isinstance(pre, TextPreprocess) else ""

    def _list(
        self, of: IndexedTap, channel: int, entries: Sequence[IndexEntry], best: Array, order: str, label: str = ""
    ) -> ChannelTop:
        counts = np.frombuffer(self._held.part("counts", of, channel * 16, 16) or bytes(16), "<i8").tolist()
        return ChannelTop(
            tap=of.name,
            channel=channel,
            entries=tuple(entries),
            order=order,
            label=label,
            pictures=self.count(label or None, PictureState.DONE),
            maximum=float(best["value"][0]) if len(best) else float("nan"),
            reach=counts[0],
            not_finite=counts[1],
        )

    def _half(self, of: IndexedTap, channel: int) -> float:
        best = self._held.records(of, channel)
        return float(best["value"][0]) / 2 if len(best) else float("inf")

    def _chosen(
        self, of: IndexedTap, channel: int, ids: Array, values: Array, places: Array, order: str, label: str
    ) -> ChannelTop:
        """A list of pictures by their places in `ids`; the cells are known of those among the best, and where there is one alone."""
        best = self._held.records(of, channel)
        known = dict(zip(best["picture"].tolist(), best["cell"].tolist(), strict=True))
        entries = []
        for picture, value in zip(self._held.by_id(ids[places].tolist()), values[places].tolist(), strict=True):
            place = known.get(picture.id, 0 if of.grid == (1, 1) else None)
            cell = None if place is None else of.cell(place)
            words = "" if cell is None else self.words(of, picture, cell)
            entries.append(IndexEntry(picture, value, cell, words))
        return self._list(of, channel, entries, best, order, label)

    def _values(self, of: IndexedTap, channel: int, label: str = "") -> tuple[Array, Array]:
        if not of.maxima:
            raise _not_kept(tr("The values of all pictures"), of)
        ids = self._held.done(self._number(label) if label else None)
        values = self._held.column(of, channel, ids)
        good = np.isfinite(values)
        return ids[good], values[good]

    def _with_features(self, tap: str) -> IndexedTap:
        names = self.feature_taps
        of = self.tap(tap or (names[-1] if names else ""))
        if not of.features:
            why = tr("It has those of {list}.", list=", ".join(names))
            raise ExplorerError(
                tr("The index has no features of {of}.", of=of.name), why, tr("Make one with --features TAP.")
            )
        return of


def listed(reader: IndexReader, order: str, tap: str, channel: int, label: str = "") -> ChannelTop:
    """The list of a channel that `order` names, as `ChannelTop.order`."""
    ask = {"top": reader.top, "least": reader.least, "above half": reader.above_half}[order]
    return ask(tap, channel, label)


def _not_kept(what: str, of: IndexedTap) -> ExplorerError:
    return ExplorerError(
        tr("{what} are not kept for {of}.", what=what, of=of.name),
        tr("With all taps they would take too much room."),
        tr("Make an index with --features {of}: they are kept for taps that are named.", of=of.name),
    )
