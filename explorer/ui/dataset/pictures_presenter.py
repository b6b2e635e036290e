"""The page Pictures: what fits the filters, thumbnails of those in sight, and jumps to Explore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from PySide6.QtCore import SignalInstance

from explorer.core.arrays import Array
from explorer.core.data_index import PictureState
from explorer.core.errors import ExplorerError, Failure
from explorer.core.example_pictures import ExamplePicture
from explorer.core.index_requests import FindByName
from explorer.core.kind_words import counted
from explorer.core.session.dataset_place import DatasetPage
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.dataset.indexed_grid import IndexedGrid
from explorer.ui.jobs.client import Task
from explorer.ui.widgets.picture_grid import GridPicture

MOST = 20_000  # that are listed; filters find the rest
_NOTHING = tr("No index is shown: choose a folder at the left and press Start, or choose an index of the list.")
_STATES = {"done": PictureState.DONE, "waiting": PictureState.WAITING, "failed": PictureState.FAILED}


class PicturesSurface(Protocol):
    """`PicturesPanel`, or in a test a plain object."""

    label_chosen: SignalInstance
    state_chosen: SignalInstance
    text_chosen: SignalInstance
    opened: SignalInstance
    jumped: SignalInstance
    wanted: SignalInstance

    def set_filters(self, labels: Sequence[str], label: str | None, state: str, text: str) -> None: ...
    def show_pictures(self, count: str, pictures: Sequence[GridPicture]) -> None: ...
    def show_sentences(self, count: str, sentences: Sequence[GridPicture]) -> None: ...
    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None: ...
    def set_note(self, words: str) -> None: ...
    def set_empty(self, words: str) -> None: ...


class PicturesPresenter:
    """Follows the place and the index. Reads nothing before its page is in front, and then what is in sight."""

    def __init__(self, lab: IndexLab, view: PicturesSurface, side: int) -> None:
        self._lab, self._view = lab, view
        self.grid = IndexedGrid(lab, "data set pictures", side, view.set_thumbnails, self._told)
        self._search: Task[tuple[int, ...]] = Task(lab.host.client, "names of pictures", self._take_found, self._fail)
        view.label_chosen.connect(self._choose_label)
        view.state_chosen.connect(self._choose_state)
        view.text_chosen.connect(self._choose_text)
        view.opened.connect(self.grid.choose)
        view.jumped.connect(self.grid.leap)
        view.wanted.connect(self.grid.want)
        lab.index_changed.connect(self.show)
        lab.moved.connect(self._follow)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.grid.waiting or self._search.waiting

    def finish(self) -> None:
        """Asks for nothing more."""
        self.grid.close()
        self._search.close()

    def _follow(self, old: Session, new: Session) -> None:
        one, other = old.dataset, new.dataset
        if (one.label, one.state, one.text, one.page) != (other.label, other.state, other.text, other.page):
            self.show()

    def show(self) -> None:
        """What fits the filters."""
        self._search.drop()
        if self._lab.place.page is not DatasetPage.PICTURES:
            return
        lab, view, place = self._lab, self._view, self._lab.place
        try:
            reader, facts = lab.reader, lab.facts
            if reader is None or facts is None:
                view.set_filters((), None, place.state, place.text)
                view.show_pictures("", self.grid.show(()))
                view.set_note("")
                view.set_empty(_NOTHING)
                return
            view.set_empty("")
            labels = reader.labels if any(reader.labels) else ()
            label = place.label if place.label in labels else None
            view.set_filters(labels, label, place.state, place.text)
            state = _STATES.get(place.state)
            if place.text:  # every name is looked at: not in this thread
                view.set_note(tr("Searching …"))
                self._search.ask(FindByName(facts.path, place.text, label, state, MOST))
            else:
                self._show_found(reader.ids(label, state, "", MOST))
        except ExplorerError as error:
            self._fail(Failure(str(error)))

    def _take_found(self, found: tuple[int, ...], done: bool) -> None:
        if done:
            try:
                self._show_found(np.array(found, np.int64))
            except ExplorerError as error:
                self._fail(Failure(str(error)))

    def _fail(self, failure: Failure) -> None:
        self._view.show_pictures("", self.grid.show(()))
        self._view.set_note(failure.text)

    def _show_found(self, found: Array) -> None:
        """(n,) ids. Raises ExplorerError."""
        view, facts = self._view, self._lab.facts
        if facts is None:
            return
        shown = self.grid.pages(found)
        first = tr("The first ") if len(found) == MOST else ""
        count = tr(
            "{first}{count:,} of {inputs}",
            first=first,
            count=len(found),
            inputs=counted(facts.settings.noun, facts.pictures),
        )
        if facts.settings.kind == "text":
            view.show_sentences(count, shown)
        else:
            view.show_pictures(count, shown)
        view.set_note("" if len(found) else tr("Nothing fits the filters."))

    def _told(self, _name: str, picture: ExamplePicture) -> None:
        if picture.folder_gone:
            facts = self._lab.facts
            where = self._lab.folder(facts) if facts is not None else ""
            self._view.set_note(
                tr("The data set is not at {where} any more: press “Folder has moved …” at the left.", where=where)
            )

    # --- hands ---

    def _choose_label(self, label: str | None) -> None:
        self._lab.move(label=label)

    def _choose_state(self, state: str) -> None:
        self._lab.move(state=state)

    def _choose_text(self, text: str) -> None:
        self._lab.move(text=text)
