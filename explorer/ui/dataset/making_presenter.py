"""Makes indexes: what is chosen, start, pause, progress, failures; and the list of those that are there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QFileDialog

from explorer.core.byte_words import byte_words
from explorer.core.data_index import GALLERY, SUFFIX, IndexFacts, IndexProgress, PictureState
from explorer.core.errors import ExplorerError, Failure
from explorer.core.index_requests import MakeIndex
from explorer.core.models import kind_of
from explorer.core.progress import Progress
from explorer.core.ready_sets import DRAWN, READY, data_title, short_title
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui.data_index.moved_data import ask_moved
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.dataset.index_list import ListedIndex
from explorer.ui.dataset.index_words import facts_words, progress_words
from explorer.ui.jobs.client import Task

_FOLDER, _TEXT = "folder/dataset", "folder/dataset text"
_EVERY_S = 2.0  # from one look at a growing index to the next
_READY = (GALLERY, *(each.data for each in (*READY, *DRAWN)))
_RECENT = "data sets"  # recent entries of the settings
_TEXT_SUFFIXES = (".txt", ".csv", ".tsv")


class MakingSurface(Protocol):
    """`MakingPanel`, or in a test a plain object."""

    folder_asked: SignalInstance
    file_asked: SignalInstance
    data_chosen: SignalInstance
    taps_chosen: SignalInstance
    features_chosen: SignalInstance
    cells_chosen: SignalInstance
    toggled: SignalInstance
    retried: SignalInstance

    def set_data(self, title: str, whole: str) -> None: ...
    def set_model(self, name: str, kind: str = "picture") -> None: ...
    def set_recent(self, every: Sequence[str]) -> None: ...
    def set_patterns(self, taps: str, features: str, cells: str, current: str) -> None: ...
    def set_running(self, running: bool, why_not: str, begun: bool) -> None: ...
    def set_progress(self, fraction: float | None, words: str) -> None: ...
    def set_failures(self, failures: Sequence[tuple[str, str]], retry: bool = False) -> None: ...
    def set_message(self, words: str) -> None: ...


class ListSurface(Protocol):
    """`IndexList`, or in a test a plain object."""

    chosen: SignalInstance
    removed: SignalInstance
    add_asked: SignalInstance
    moved_asked: SignalInstance

    def set_indexes(
        self, indexes: Sequence[ListedIndex], current: str, unread: Sequence[tuple[str, str]] = ()
    ) -> None: ...


class MakingPresenter:
    """An index is made of the open model. While one is made another can be looked at; cancelling is a pause."""

    def __init__(self, lab: IndexLab, view: MakingSurface, listed: ListSurface) -> None:
        self._lab, self._view, self._listed = lab, view, listed
        self._task: Task[IndexProgress] = Task(
            lab.host.client, "index", self._take, self._fail, self._progressed, self._end
        )
        self.progress: IndexProgress | None = None  # of the run that goes on, or was paused
        self._message, self._words = "", ""
        self._looked = 0.0
        for signal, do in (
            (view.folder_asked, self.ask_folder),
            (view.file_asked, self.ask_file),
            (view.data_chosen, self.open),
            (view.taps_chosen, self._choose_taps),
            (view.features_chosen, self._choose_features),
            (view.cells_chosen, self._choose_cells),
            (view.toggled, self.toggle),
            (view.retried, self.retry),
            (listed.chosen, self._choose_index),
            (listed.removed, self.remove),
            (listed.add_asked, self.ask_index),
            (listed.moved_asked, self.ask_moved),
            (lab.index_changed, self.show),
            (lab.model_changed, self.show),
        ):
            signal.connect(do)
        lab.moved.connect(self._follow)

    @property
    def waiting(self) -> bool:
        """Whether an index is being made."""
        return self._task.waiting

    def finish(self) -> None:
        """Pauses for good: what is committed is kept."""
        self._task.close()

    # --- what is shown ---

    def _follow(self, old: Session, new: Session) -> None:
        one, other = old.dataset, new.dataset
        names = ("store", "data", "taps", "features", "cells")
        if any(getattr(one, name) != getattr(other, name) for name in names) or old.tap != new.tap:
            self.show()

    def show(self) -> None:
        """What is chosen, how far it is, and the list."""
        if not self._lab.front:
            return
        place, view, card = self._lab.place, self._view, self._lab.card
        view.set_data(data_title(place.data), place.data)
        view.set_model(card.name if card is not None else "", self._takes)
        view.set_recent([data for data in self._lab.host.settings.recent(_RECENT) if os.path.exists(data)])
        view.set_patterns(place.taps, place.features, place.cells, self._lab.host.session.tap)
        facts = self._begun()
        view.set_running(self.waiting, self.why_not(), facts is not None and facts.waiting > 0)
        self._show_progress(facts)
        view.set_message(self._message)
        self._show_list()

    def _show_progress(self, facts: IndexFacts | None) -> None:
        now = self.progress
        if now is not None and self.waiting:
            self._view.set_progress(now.fraction, self._words or progress_words(now))
            self._view.set_failures(now.failures)
        elif facts is not None:
            done = (facts.done + facts.failed) / max(facts.pictures, 1)
            self._view.set_progress(done if facts.waiting else None, facts_words(facts))
            self._view.set_failures(self._failures(facts), retry=True)
        else:
            self._view.set_progress(0.0 if self.waiting else None, self._words if self.waiting else "")
            self._view.set_failures(())

    def _failures(self, facts: IndexFacts) -> list[tuple[str, str]]:
        if not facts.failed:
            return []
        try:
            found = self._lab.host.indexes.reader(facts.path).pictures(state=PictureState.FAILED)
        except ExplorerError:
            return []
        return [(picture.name, picture.why) for picture in found]

    def _begun(self) -> IndexFacts | None:
        """The index of what is chosen, where there is one."""
        card, place = self._lab.card, self._lab.place
        if card is None or not place.data:
            return None
        now = self.progress
        for facts in self._lab.host.indexes.every:
            same = facts.settings.model == card.digest and facts.settings.data == place.data and not facts.shipped
            if same and (now is None or now.store in ("", facts.path) or not self.waiting):
                return facts
        return None

    def _show_list(self) -> None:
        shelf, shown = self._lab.host.indexes, self._lab.facts
        model = self._lab.card.digest if self._lab.card is not None else ""
        order = sorted(shelf.every, key=lambda facts: (facts.settings.model != model, facts.shipped))
        listed = [self._line(facts) for facts in order]
        unread = [(each.path, each.why) for each in shelf.unread]
        self._listed.set_indexes(listed, shown.path if shown is not None else "", unread)

    def _line(self, facts: IndexFacts) -> ListedIndex:
        done = (
            f"{facts.done:,}"
            if not facts.waiting
            else tr("{done:,} of {pictures:,}", done=facts.done, pictures=facts.pictures)
        )
        failed = tr(", {failed:,} failed", failed=facts.failed) if facts.failed else ""
        size = "ready-made" if facts.shipped else byte_words(facts.nbytes)
        about = f"{short_title(facts.settings.data)} · {done}{failed} · {size}"
        folder = self._lab.folder(facts)
        layers = tr(
            "{count} layers, features of {list}",
            count=len(facts.settings.taps),
            list=", ".join(facts.settings.features) or tr("none"),
        )
        comes = tr("Comes with the program") if facts.shipped else ""
        whole = "\n".join(part for part in (folder, facts.path, comes, layers, *facts.notes) if part)
        return ListedIndex(facts.path, facts.model, about, whole, facts.shipped)

    @property
    def _takes(self) -> str:
        card = self._lab.card
        return kind_of(card.preprocess) if card is not None else "picture"

    def why_not(self) -> str:
        """Why an index cannot be made; "" where it can."""
        if self._lab.card is None:
            return tr("Open a model first.")
        return "" if self._lab.place.data else tr("Choose a folder, a text file or a ready data set.")

    # --- what is indexed ---

    def take_paths(self, paths: Sequence[str]) -> bool:
        """A folder, a text file or an index that was let go over the window; the rest is for others."""
        path = Path(paths[0]) if paths else None
        if path is None:
            return False
        if path.suffix == SUFFIX and path.is_file():
            self.add(str(path))
        elif path.is_dir() or path.suffix.lower() in _TEXT_SUFFIXES:
            self.open(str(path))
        else:
            return False
        return True

    def ask_folder(self) -> None:
        """A folder of pictures, videos or sounds."""
        settings = self._lab.host.settings
        title = tr("A folder of pictures, videos or sounds; its folders are classes")
        path = QFileDialog.getExistingDirectory(self._lab.host.parent_widget, title, settings.text(_FOLDER))
        if path:
            settings.put(_FOLDER, path)
            self.open(path)

    def ask_file(self) -> None:
        """A text file, a sentence a line."""
        settings = self._lab.host.settings
        title, kinds = tr("A text file, a sentence a line"), tr("Text (*.txt *.csv *.tsv);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self._lab.host.parent_widget, title, settings.text(_TEXT), kinds)
        if path:
            settings.put(_TEXT, path)
            self.open(path)

    def open(self, data: str) -> None:
        """A folder, a text file, "gallery" or "demo:NAME"."""
        self._message = ""
        if data not in _READY:
            data = os.path.abspath(data)
            self._lab.host.settings.remember(_RECENT, data)
        self._lab.move(data=data)

    def begin_ready(self, data: str) -> None:
        """A ready data set, and the start of its index."""
        if not self.why_not_ready(data):
            self.open(data)
            self._begin()

    def why_not_ready(self, data: str) -> str:
        """Why that cannot be indexed now; "" where it can."""
        if self._lab.card is None:
            return tr("Open a model first.")
        if self.waiting:
            return tr("An index is being made.")
        return (
            ""
            if data == GALLERY or self._takes == "picture"
            else tr("These are pictures; the model takes a {takes}.", takes=self._takes)
        )

    def _choose_taps(self, taps: str) -> None:
        self._lab.move(taps=taps or "blocks")

    def _choose_features(self, features: str) -> None:
        self._lab.move(features=features)

    def _choose_cells(self, cells: str) -> None:
        self._lab.move(cells=cells)

    # --- making ---

    def toggle(self) -> None:
        """Starts, pauses, or goes on."""
        if self._task.drop():
            self._words = ""
            self._lab.host.indexes.refresh()
            self.show()
        elif not self.why_not():
            self._begin()

    def retry(self) -> None:
        """Tries again what failed."""
        if not self.waiting and not self.why_not():
            self._begin(retry=True)

    def _begin(self, retry: bool = False) -> None:
        card, place = self._lab.card, self._lab.place
        assert card is not None  # `why_not` has said so
        self._message, self._words, self.progress = "", tr("Reading the data set …"), None
        asked = MakeIndex(card.digest, place.data, place.taps, place.features, retry=retry, cells=place.cells)
        self._task.ask(asked)
        self.show()

    def _progressed(self, progress: Progress) -> None:
        self._words = progress.text
        if self._lab.front and self.progress is None:
            self._view.set_progress(progress.fraction or 0.0, progress.text)

    def _take(self, now: IndexProgress, done: bool) -> None:
        first = self.progress is None
        self.progress, self._words = now, ""
        if self._lab.front and not done:
            self._view.set_progress(now.fraction, progress_words(now))
            if now.failures:
                self._view.set_failures(now.failures)
        shown = self._lab.facts
        if first and now.store and (shown is None or shown.path != now.store):
            self._lab.host.state.amend(dataset=replace(self._lab.place, store=now.store))
        if first or done or (now.shards and monotonic() - self._looked > _EVERY_S):
            self._looked = monotonic()
            self._lab.host.indexes.refresh()
        if done and not self._lab.front:
            self._lab.host.say(
                tr(
                    "{done:,} of {total:,} indexed{failed}",
                    done=now.done,
                    total=now.total,
                    failed=tr(", {failed:,} failed.", failed=now.failed) if now.failed else ".",
                )
            )

    def _fail(self, failure: Failure) -> None:
        self._message = failure.text
        if not self._lab.front:
            self._lab.host.fail(failure)

    def _end(self) -> None:
        self._words = ""
        self._lab.host.indexes.refresh()
        self.show()

    # --- the list ---

    def _choose_index(self, store: str) -> None:
        facts = self._lab.host.indexes.facts(store)
        if facts is None:
            unread = next((each for each in self._lab.host.indexes.unread if each.path == store), None)
            self._view.set_message(unread.why if unread is not None else "")
            return
        self._view.set_message("")
        self._lab.move(store=store, picture="", lasso=(), label=None)

    def remove(self, store: str) -> None:
        """Deletes an index; one that is being made is paused first."""
        if self.progress is not None and self.progress.store == store:
            self._task.drop()
            self.progress = None
        try:
            self._lab.host.indexes.remove(store)
        except ExplorerError as error:
            self._message = str(error)
            self.show()
            return
        if self._lab.place.store == store:
            self._lab.move(store="", picture="", lasso=(), label=None)

    def ask_index(self) -> None:
        """An index that lies elsewhere."""
        title, kinds = tr("An index of a data set"), tr("Indexes (*{suffix});;All files (*)", suffix=SUFFIX)
        path, _ = QFileDialog.getOpenFileName(self._lab.host.parent_widget, title, "", kinds)
        if path:
            self.add(path)

    def add(self, store: str) -> None:
        """An index that lies elsewhere; shown."""
        try:
            self._lab.host.indexes.add(store)
        except ExplorerError as error:
            self._view.set_message(str(error))
            return
        self._lab.move(store=str(Path(store).absolute()), picture="", lasso=(), label=None)

    def why_not_moved(self) -> str:
        """Why there is nothing that can have moved."""
        return "" if self._lab.facts is not None else tr("No index is shown.")

    def ask_moved(self) -> None:
        """Where the data of the shown index lies now."""
        facts = self._lab.facts
        if facts is not None:
            ask_moved(self._lab.host.parent_widget, self._lab.host.indexes, facts)
