"""The indexes of data sets that are there, and where their data lies now. In the UI thread: reading needs no network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.core.data_index import IndexFacts
from explorer.core.errors import ExplorerError
from explorer.engine.data_index.index_catalogue import remove_index
from explorer.engine.data_index.index_file import index_stores
from explorer.engine.data_index.index_reader import IndexReader
from explorer.ui.settings import Settings

_ADDED = "indexes"  # recent files of the settings: indexes that lie elsewhere


@dataclass(frozen=True, slots=True)
class UnreadIndex:
    """A file that is no index, or a damaged one, and why."""

    path: str
    why: str


class IndexShelf(QObject):
    """`changed`: there are others, or one has grown. Readers stay open until `forget` or `close`."""

    changed = Signal()

    def __init__(
        self,
        settings: Settings,
        parent: QObject | None = None,
        opening: Callable[[str], Any] = IndexReader,
        stores: Callable[[], list[Path]] = index_stores,
    ) -> None:
        super().__init__(parent)
        self._settings, self._open, self._stores = settings, opening, stores
        self._readers: dict[str, IndexReader] = {}
        self._listed: tuple[IndexFacts, ...] | None = None
        self._shipped: dict[Path, IndexFacts] = {}  # these do not change
        self.unread: tuple[UnreadIndex, ...] = ()

    # --- which there are ---

    @property
    def every(self) -> tuple[IndexFacts, ...]:
        """Own ones first, then those that come with the program. Read again after `refresh`."""
        if self._listed is None:
            self._list()
        return self._listed or ()

    def of(self, model: str) -> tuple[IndexFacts, ...]:
        """Those of a model by its digest; the one with most pictures first. One that comes with the program gives way to a person's
        own of the same data."""
        every = [facts for facts in self.every if facts.settings.model == model and facts.done]
        own = {facts.settings.data for facts in every if not facts.shipped}
        found = [facts for facts in every if not facts.shipped or facts.settings.data not in own]
        return tuple(sorted(found, key=lambda facts: (facts.shipped, -facts.done, facts.path)))

    def facts(self, store: str) -> IndexFacts | None:
        """Of one of them."""
        return next((facts for facts in self.every if facts.path == store), None)

    def refresh(self) -> None:
        """One was made, has grown, or is gone."""
        self._listed = None
        self.changed.emit()

    def add(self, store: str) -> None:
        """An index that lies elsewhere. Raises ExplorerError where it is none."""
        self.reader(store)
        self._settings.remember(_ADDED, str(Path(store).absolute()))
        self.refresh()

    def _list(self) -> None:
        listed, unread = list[IndexFacts](), list[UnreadIndex]()
        elsewhere = [Path(path) for path in self._settings.recent(_ADDED)]
        for path in dict.fromkeys((*self._stores(), *(path for path in elsewhere if path.exists()))):
            try:
                listed.append(self._shipped.get(path) or self.reader(str(path)).facts())
            except ExplorerError as error:
                unread.append(UnreadIndex(str(path), str(error)))
        self._listed, self.unread = tuple(listed), tuple(unread)
        self._shipped = {Path(facts.path): facts for facts in listed if facts.shipped}

    # --- reading ---

    def reader(self, store: str) -> IndexReader:
        """Open, and kept open. Raises ExplorerError."""
        if store not in self._readers:
            self._readers[store] = self._open(store)
        return self._readers[store]

    def forget(self, store: str) -> None:
        """Closes it: a file that is open cannot be removed everywhere."""
        reader = self._readers.pop(store, None)
        if reader is not None:
            reader.close()

    def remove(self, store: str) -> None:
        """Deletes an index with all its files. Raises ExplorerError; nothing of one that comes with the program."""
        self.forget(store)
        try:
            remove_index(store)
        finally:
            self.refresh()

    def close(self) -> None:
        """The window ends."""
        for store in list(self._readers):
            self.forget(store)

    # --- where the data lies ---

    def folder(self, facts: IndexFacts) -> str:
        """Where the paths of its pictures begin, by now: a data set may have moved."""
        return self._settings.text(_moved(facts)) or facts.folder

    def move(self, facts: IndexFacts, folder: str) -> None:
        """The data set of an index lies elsewhere now; remembered for all its indexes."""
        self._settings.put(_moved(facts), folder)
        self.changed.emit()


def _moved(facts: IndexFacts) -> str:
    return f"index data/{facts.settings.data}"
