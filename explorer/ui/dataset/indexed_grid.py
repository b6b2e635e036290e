"""Pictures of an index as grids show them: names, tool tips, thumbnails that are asked for when they are in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import numpy as np

from explorer.core.arrays import Array
from explorer.core.boxes import ReceptiveField
from explorer.core.data_index import IndexedPicture, PictureState
from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import ExampleAsked, ExamplePicture
from explorer.core.geometry.cells import Cell
from explorer.core.models import AnyPreprocess
from explorer.core.translation import tr
from explorer.ui.data_index.picture_thumbs import PictureThumbs
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.dataset.picture_pages import PicturePages
from explorer.ui.widgets.picture_grid import GridPicture

_STATES = {PictureState.WAITING: tr("still to be indexed"), PictureState.DONE: "indexed", PictureState.FAILED: "failed"}


class IndexedGrid:
    """What stands behind one grid. `show` and `pages` give what the grid shows; `want`, `choose` and `leap` are for its signals: those in
    sight, a click, a double click."""

    def __init__(
        self,
        lab: IndexLab,
        name: str,
        side: int,
        set_thumbnails: Callable[[Mapping[str, Array]], None],
        told: Callable[[str, ExamplePicture], None] = lambda _name, _picture: None,
    ) -> None:
        self._lab, self._store = lab, ""  # of what is shown
        self._pages: PicturePages | None = None
        self.pictures: dict[str, IndexedPicture] = {}
        self._cells: dict[str, Cell] = {}  # of pictures of which a cell is shown
        self._receptive: ReceptiveField | None = None
        self.thumbs = PictureThumbs(lab.host.client, name, side, set_thumbnails, told)

    @property
    def waiting(self) -> bool:
        """Whether a thumbnail is still to come."""
        return self.thumbs.waiting

    def close(self) -> None:
        """Asks for nothing more."""
        self.thumbs.close()

    def show(
        self,
        pictures: Sequence[IndexedPicture],
        more: Mapping[int, str] | None = None,
        cells: Mapping[int, Cell] | None = None,
        receptive: ReceptiveField | None = None,
    ) -> tuple[GridPicture, ...]:
        """`more`: what else is said of a picture, by its id; `cells`: the cell whose part of it is shown, and that is selected when it
        is opened."""
        store = self._begin()
        self._cells = {each.name: cells[each.id] for each in pictures if each.id in cells} if cells else {}
        self._receptive = receptive
        return tuple(self._shown(store, each, (more or {}).get(each.id, "")) for each in pictures)

    def pages(self, ids: Array) -> Sequence[GridPicture]:
        """Any number of pictures by their ids, read when they are in sight; the same as before where these were shown already. Raises
        ExplorerError where the first cannot be read."""
        store, before = self._store, self._pages
        now = self._begin()
        if before is not None and now == store and np.array_equal(before.ids, ids):
            self._pages = before
            before.renew()
        else:
            self._pages = PicturePages(ids, partial(self._read, now), partial(self._shown, now))
        return self._pages

    def _begin(self) -> str:
        """Other pictures are shown: the index that they are of."""
        facts = self._lab.facts
        store = facts.path if facts is not None else ""
        if store != self._store:
            self.thumbs.drop()  # pictures of another one may have the same names
        self._store, self._pages, self.pictures, self._cells, self._receptive = store, None, {}, {}, None
        return store

    def _read(self, store: str, ids: Sequence[int]) -> Sequence[IndexedPicture]:
        if store != self._store:
            raise ExplorerError(tr("Another index is shown."))
        return self._lab.host.indexes.reader(store).pictures_by_id(ids)

    def _shown(self, store: str, picture: IndexedPicture, more: str = "") -> GridPicture:
        name = picture.name
        self.pictures[name] = picture
        said = f"{picture.text}   {picture.label}".rstrip() if picture.text else name
        return GridPicture(name, said, tip_of(picture, more), store)

    def want(self, names: tuple[str, ...]) -> None:
        """Thumbnails of those in sight."""
        facts = self._lab.facts
        if facts is None or facts.settings.kind == "text":
            return
        folder = self._lab.folder(facts)
        asked = {
            name: asked_for(self.pictures[name], folder, self._cells.get(name))
            for name in names
            if name in self.pictures
        }
        self.thumbs.want(asked, folder, self.preprocess, self._receptive)

    def choose(self, name: str) -> None:
        """The picture that is shown beside the grid."""
        self._lab.move(picture=name)

    def leap(self, name: str) -> None:
        """A picture in Explore."""
        if name in self.pictures:
            self._lab.open_picture(self.pictures[name], self._cells.get(name))

    @property
    def preprocess(self) -> AnyPreprocess | None:
        """Of the model where it is open: sounds are drawn as it sees them."""
        card = self._lab.card
        return card.preprocess if card is not None and self._lab.own else None


def asked_for(picture: IndexedPicture, folder: str, cell: Cell | None = None) -> ExampleAsked:
    """All of a picture, or what a cell sees of it."""
    return ExampleAsked(picture.ref(folder), cell, picture.size, picture.changed)


def tip_of(picture: IndexedPicture, more: str = "") -> str:
    """What is known of a picture, in lines."""
    state = _STATES[picture.state] if picture.state is not PictureState.DONE else ""
    lines = picture.name, picture.label, more, f"{state}: {picture.why}" if picture.why else state
    return "\n".join(line for line in lines if line)


def when(picture: IndexedPicture) -> str:
    """The day of the file that was indexed; "" where it is not known."""
    return f"{datetime.fromtimestamp(picture.changed / 1e9):%d %B %Y}" if picture.changed else ""
