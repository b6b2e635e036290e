"""Indexes of data sets without files: a reader over an array of maxima, and the shelf that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer.core.activations import Layout
from explorer.core.boxes import ReceptiveField
from explorer.core.data_index import (
    ChannelHistogram,
    ChannelTable,
    ChannelTop,
    ClassBar,
    IndexedPicture,
    IndexedTap,
    IndexEntry,
    IndexFacts,
    IndexSettings,
    Near,
    PictureState,
    Scatter,
)
from explorer.core.errors import ExplorerError

FOLDER = "/pictures"


class FakeReader:
    """`maxima` (pictures, channels) of the tap "relu" of `fake_host.capture`; the cell of picture p is (p % 8, p % 5). Pictures
    alternate between two classes."""

    def __init__(self, pictures: int = 12, channels: int = 4, model: str = "net", data: str = FOLDER, seed: int = 0):
        self.maxima = np.random.default_rng(seed).random((pictures, channels)).astype(np.float32)
        field = ReceptiveField(1, 1, 0, 0, 1, 1)
        self.of = IndexedTap(
            "relu", "activation", Layout.NCHW, channels, 0, (8, 8), field, maxima=True, features=True, sums=True
        )
        self.taps: tuple[IndexedTap, ...] = (self.of,)
        self.labels = ("a", "b")
        self.feature_taps = ("relu",)
        self.cell_taps: tuple[str, ...] = ()
        self.settings = IndexSettings(model, "picture", data, ("relu 4x8x8",), ("relu",))
        self.model, self.place = model, data
        self.states = [PictureState.DONE] * pictures
        self.asked: list[str] = []

    def close(self) -> None:
        self.asked.append("close")

    def facts(self) -> IndexFacts:
        done, failed = (self.states.count(s) for s in (PictureState.DONE, PictureState.FAILED))
        many = len(self.states)
        return IndexFacts(
            f"/{self.model}.fmindex", self.settings, "net", {}, self.place, many, done, failed, self.labels
        )

    def has(self, name: str) -> bool:
        return any(name == tap.name for tap in self.taps)

    def tap(self, name: str) -> IndexedTap:
        for tap in self.taps:
            if tap.name == name:
                return tap
        raise ExplorerError(f"The index has no tap {name!r}.")

    def picture(self, number: int) -> IndexedPicture:
        label = self.labels[number % 2]
        return IndexedPicture(
            number, f"{label}/{number}.png", 0, label, self.states[number], size=number + 1, changed=7
        )

    def pictures_by_id(self, numbers: Sequence[int]) -> tuple[IndexedPicture, ...]:
        return tuple(map(self.picture, numbers))

    def pictures(
        self, label: Any = None, state: Any = None, text: str = "", offset: int = 0, limit: int = 1000
    ) -> tuple[IndexedPicture, ...]:
        every = map(self.picture, range(len(self.states)))
        found = [p for p in every if label in (None, p.label) and state in (None, p.state) and text in p.path]
        return tuple(found[offset : offset + limit])

    def ids(self, label: Any = None, state: Any = None, text: str = "", limit: int = -1) -> Any:
        every = self.pictures(label, state, text, limit=1 << 30)
        return np.array([p.id for p in every], np.int64)[: None if limit < 0 else limit]

    def count(self, label: Any = None, state: Any = None) -> int:
        return len(self.pictures(label, state, limit=1 << 30))

    def find(self, path: str, _frame: int = 0) -> IndexedPicture | None:
        short = path.removeprefix(f"{self.place}/")
        return next((p for p in self.pictures() if p.path == short), None)

    def _list(self, tap: str, channel: int, order: str, label: str, chosen: Any, count: int, cells: bool) -> ChannelTop:
        self.asked.append(order)
        self.tap(tap)
        column = self.maxima[:, channel]
        ids = [n for n in chosen if not label or self.labels[n % 2] == label][:count]
        entries = tuple(IndexEntry(self.picture(n), float(column[n]), (n % 8, n % 5) if cells else None) for n in ids)
        most = float(column.max())
        many = self.count(label or None, PictureState.DONE)
        return ChannelTop(tap, channel, entries, order, label, many, most, int((column == most).sum()))

    def top(self, tap: str, channel: int, label: str = "", count: int = 9) -> ChannelTop:
        order = np.lexsort((np.arange(len(self.maxima)), -self.maxima[:, channel]))
        return self._list(tap, channel, "top", label, order.tolist(), count, not label)

    def least(self, tap: str, channel: int, label: str = "", count: int = 9) -> ChannelTop:
        order = np.lexsort((np.arange(len(self.maxima)), self.maxima[:, channel]))
        return self._list(tap, channel, "least", label, order.tolist(), count, False)

    def above_half(self, tap: str, channel: int, label: str = "", count: int = 9, seed: int = 0) -> ChannelTop:
        above = np.flatnonzero(self.maxima[:, channel] > self.maxima[:, channel].max() / 2)
        return self._list(tap, channel, "above half", label, above.tolist(), count, False)

    def count_above_half(self, tap: str, channel: int, label: str = "") -> int:
        return len(self.above_half(tap, channel, label, count=1 << 30).entries)

    def classes(self, tap: str, channel: int) -> tuple[ClassBar, ...]:
        self.asked.append("classes")
        halves = [self.maxima[n::2, channel] for n in (0, 1)]
        top = self.top(tap, channel).entries
        in_top = [sum(entry.picture.label == label for entry in top) for label in self.labels]
        return tuple(
            ClassBar(label, len(h), int((h > 0).sum()), float(h.mean()), float(h.std()), n)
            for label, h, n in zip(self.labels, halves, in_top, strict=True)
        )

    def values(self, tap: str, channel: int, label: str = "") -> tuple[Any, Any]:
        return np.arange(len(self.maxima)), self.maxima[:, channel]

    def histogram(self, tap: str, channel: int, bins: int = 40) -> ChannelHistogram:
        counts, edges = np.histogram(self.maxima[:, channel], bins)
        return ChannelHistogram(counts, edges, np.stack([counts, 0 * counts]), self.labels)

    def table(self, tap: str) -> ChannelTable:
        self.tap(tap)
        m, n = self.maxima, self.maxima.shape[1]
        some = m.mean(0)
        return ChannelTable(
            tap,
            m.max(0),
            some,
            (m > 0).mean(0),
            some / 2,
            some,
            some,
            ("a",) * n,
            np.ones(n, int),
            np.zeros(n, int),
            len(m),
        )

    def feature(self, picture_id: int, tap: str = "") -> Any:
        return self.maxima[picture_id]

    def nearest(
        self, vector: Any, tap: str = "", count: int = 12, label: str = "", without: int | None = None
    ) -> tuple[Near, ...]:
        unit = self.maxima / np.linalg.norm(self.maxima, axis=1, keepdims=True)
        alike = unit @ (vector / np.linalg.norm(vector))
        order = [n for n in np.argsort(-alike, kind="stable").tolist() if n != without]
        return tuple(Near(self.picture(n), float(alike[n])) for n in order[:count])

    def scatter(self, tap: str = "") -> Scatter:
        labels = tuple(self.labels[n % 2] for n in range(len(self.maxima)))
        return Scatter(np.arange(len(self.maxima)), self.maxima[:, :2].copy(), (0.5, 0.25), labels)


class FakeIndexes(QObject):
    """`moved`: (file, folder) of data sets that were said to lie elsewhere."""

    changed = Signal()

    def __init__(self, *readers: FakeReader) -> None:
        super().__init__()
        self.readers = {reader.facts().path: reader for reader in readers}
        self.unread: tuple[Any, ...] = ()
        self.folders: dict[str, str] = {}
        self.removed: list[str] = []
        self.added: list[str] = []
        self.moved: list[tuple[str, str]] = []

    def put(self, reader: FakeReader) -> FakeReader:
        """One more."""
        self.readers[reader.facts().path] = reader
        return reader

    @property
    def every(self) -> tuple[IndexFacts, ...]:
        return tuple(replace(reader.facts(), path=path) for path, reader in self.readers.items())

    def of(self, model: str) -> tuple[IndexFacts, ...]:
        return tuple(facts for facts in self.every if facts.settings.model == model)

    def facts(self, store: str) -> IndexFacts | None:
        return next((facts for facts in self.every if facts.path == store), None)

    def reader(self, store: str) -> FakeReader:
        if store not in self.readers:
            raise ExplorerError("There is no such index.")
        return self.readers[store]

    def folder(self, facts: IndexFacts) -> str:
        return self.folders.get(facts.settings.data, facts.folder)

    def move(self, facts: IndexFacts, folder: str) -> None:
        self.folders[facts.settings.data] = folder
        self.moved.append((facts.path, folder))
        self.changed.emit()

    def refresh(self) -> None:
        self.changed.emit()

    def add(self, store: str) -> None:
        self.added.append(store)

    def remove(self, store: str) -> None:
        self.removed.append(store)
        self.readers.pop(store)
        self.changed.emit()
