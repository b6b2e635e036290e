"""The chosen picture and its neighbours, which are asked of the engine: it reads the features of the index, or runs a forward of what is
not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance

from explorer.core.arrays import Array
from explorer.core.data_index import IndexedPicture, IndexFacts, Near, PictureState
from explorer.core.errors import ExplorerError, Failure
from explorer.core.example_pictures import WHOLE, ExamplePicture, FileState
from explorer.core.geometry.cells import Cell
from explorer.core.index_requests import FindNear, FindNearPicture
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.engine.data_index.index_reader import IndexReader, place_of
from explorer.ui.data_index.picture_thumbs import PictureThumbs
from explorer.ui.dataset.index_lab import IndexLab
from explorer.ui.dataset.indexed_grid import IndexedGrid, asked_for, tip_of, when
from explorer.ui.jobs.client import Task
from explorer.ui.widgets import text
from explorer.ui.widgets.picture_grid import GridPicture

_COUNT = 12
_NO_FEATURES = tr("This index keeps no features: neighbours need an index with Features.")
_NO_CELLS = tr("This index keeps no cells of {}; {}. Neighbours of a cell need an index with Cells.")
_OTHER = tr("The index is of another model: open {} to ask for neighbours of its input.")


def _at(cell: Cell | None) -> str:
    return "" if cell is None else tr(", cell {cell}, {cell2}", cell=cell[0], cell2=cell[1])


def _is_of_another(near: str, old: Session, new: Session) -> bool:
    """Whether what the neighbours are of has changed in Explore."""
    if near == "cell" and (old.tap, old.cell) != (new.tap, new.cell):
        return True
    return near in ("input", "cell") and old.input != new.input


class ChosenSurface(Protocol):
    """`ChosenPanel`, or in a test a plain object."""

    jumped: SignalInstance
    near_chosen: SignalInstance
    opened: SignalInstance
    leapt: SignalInstance
    wanted: SignalInstance

    def show_picture(self, name: str, facts: str, sentence: str) -> None: ...
    def say_facts(self, facts: str) -> None: ...
    def set_pixels(self, pixels: Array | None) -> None: ...
    def show_near(self, pictures: Sequence[GridPicture], note: str) -> None: ...
    def set_near(self, of: str) -> None: ...
    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None: ...


class ChosenPresenter:
    """Follows the chosen picture, and Explore's input where neighbours are of this."""

    def __init__(self, lab: IndexLab, view: ChosenSurface, side: int = 64) -> None:
        self._lab, self._view = lab, view
        self.picture: IndexedPicture | None = None
        self.grid = IndexedGrid(lab, "near pictures", side, view.set_thumbnails)
        self._whole = PictureThumbs(lab.host.client, tr("chosen picture"), WHOLE, self._take_pixels, self._told)
        self._find: Task[tuple[Near, ...]] = Task(lab.host.client, "near pictures", self._take_near, self._fail)
        self._missing = ""  # what is the matter with its file
        view.jumped.connect(self.jump)
        view.near_chosen.connect(self._choose_near)
        view.opened.connect(self.grid.choose)
        view.leapt.connect(self.grid.leap)
        view.wanted.connect(self.grid.want)
        lab.index_changed.connect(self.show)
        lab.moved.connect(self._follow)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.grid.waiting or self._whole.waiting or self._find.waiting

    def finish(self) -> None:
        """Asks for nothing more."""
        for part in (self.grid, self._whole, self._find):
            part.close()

    def _follow(self, old: Session, new: Session) -> None:
        if not self._lab.front:
            return
        one, other = old.dataset, new.dataset
        if one.picture != other.picture:
            self.show()
        elif (old.tap, old.channel, one.tap, one.channel) != (new.tap, new.channel, other.tap, other.channel):
            self._say()
        if one.picture == other.picture and (one.near != other.near or _is_of_another(other.near, old, new)):
            self.show_near()

    # --- the picture ---

    def show(self) -> None:
        """The chosen picture of the index."""
        lab = self._lab
        try:
            self.picture = lab.picture_named(lab.place.picture)
        except ExplorerError:
            self.picture = None
        picture, facts = self.picture, lab.facts
        if picture is None or facts is None:
            self._view.show_picture("", "", "")
        else:
            self._missing = ""
            self._view.show_picture(picture.name, self._facts(picture), picture.text)
            if facts.settings.kind != "text":
                folder = lab.folder(facts)
                self._whole.want({picture.name: asked_for(picture, folder)}, folder, self.grid.preprocess)
        self.show_near()

    def _say(self) -> None:
        """What is known of the picture, on the channel that is selected now."""
        if self.picture is not None:
            self._view.say_facts(self._facts(self.picture))

    def _facts(self, picture: IndexedPicture) -> str:
        lines = self._missing, *tip_of(picture).split("\n")[1:], self._value(picture)
        return "\n".join(line for line in lines if line)

    def _value(self, picture: IndexedPicture) -> str:
        """On the selected channel, where all values are kept."""
        try:
            reader, tap = self._lab.reader, self._lab.tap
            if reader is None or tap is None or not tap.maxima or picture.state is not PictureState.DONE:
                return ""
            channel = self._lab.channel
            ids, values = reader.values(tap.name, channel)
        except ExplorerError:
            return ""
        at = int(ids.searchsorted(picture.id))
        if at >= len(ids) or ids[at] != picture.id:
            return ""
        rank = int((values > values[at]).sum()) + 1
        return tr(
            "{tap}, channel {channel}: {values}, number {rank:,} of {count:,}",
            tap=tap.name,
            channel=channel,
            values=text.number(float(values[at]), 4),
            rank=rank,
            count=len(ids),
        )

    def _take_pixels(self, found: Mapping[str, Array]) -> None:
        if self.picture is not None and self.picture.name in found:
            self._view.set_pixels(found[self.picture.name])

    def _told(self, name: str, found: ExamplePicture) -> None:
        """The file is gone or has changed: said in place."""
        picture = self.picture
        if picture is None or picture.name != name:
            return
        of = tr(" of {when}", when=when(picture)) if when(picture) else ""
        self._missing = {
            FileState.GONE: tr("The file is gone; its values{of} stay.", of=of),
            FileState.CHANGED: tr("The file has changed; its values are those{of}.", of=of),
            FileState.UNREADABLE: found.why,
        }.get(found.state, "")
        self._say()

    def jump(self) -> None:
        """The chosen picture in Explore."""
        if self.picture is not None:
            self._lab.open_picture(self.picture)

    # --- neighbours ---

    def show_near(self) -> None:
        """Of the chosen picture or of Explore's input."""
        lab, of = self._lab, self._lab.place.near
        self._find.drop()
        self._view.set_near(of)
        try:
            reader, facts = lab.reader, lab.facts
            if reader is None or facts is None:
                self._view.show_near((), "")
                return
            if of == "cell":
                self._near_cell(reader, facts)
                return
            if not reader.feature_taps:
                self._view.show_near((), _NO_FEATURES)
                return
            picture = self.picture if of == "chosen" else lab.picture_of(lab.host.session.input)
            tap = reader.feature_taps[-1]
            if picture is not None:
                if picture.state is not PictureState.DONE:
                    self._view.show_near((), tr("It has not been indexed."))
                    return
                self._find.ask(FindNearPicture(facts.path, picture.id, tap, _COUNT))
            elif of == "chosen":
                self._view.show_near((), tr("Click one."))
            else:
                self._ask(facts.path, facts.model, tap)
        except ExplorerError as error:
            self._view.show_near((), str(error))

    def _near_cell(self, reader: IndexReader, facts: IndexFacts) -> None:
        """Of the cell that is selected in Explore."""
        session, name = self._lab.host.session, self._lab.host.session.tap
        if not self._lab.own:
            self._view.show_near((), _OTHER.format(facts.model))
        elif session.cell is None:
            self._view.show_near((), tr("Select a cell in Explore."))
        elif not reader.has(name) or not reader.tap(name).cells:
            there = (
                tr("it has those of {list}", list=", ".join(reader.cell_taps))
                if reader.cell_taps
                else tr("it has none")
            )
            self._view.show_near((), _NO_CELLS.format(name, there))
        else:
            picture, tap = self._lab.picture_of(session.input), reader.tap(name)
            if picture is not None and picture.state is PictureState.DONE:
                place_of(tap, session.cell)  # a selection can be of a token before the grid
                self._find.ask(FindNearPicture(facts.path, picture.id, tap.name, _COUNT, session.cell))
            else:
                self._ask(facts.path, facts.model, tap.name, session.cell)

    def _ask(self, store: str, model: str, tap: str, cell: Cell | None = None) -> None:
        """Of an input that is not in the index: one forward."""
        lab = self._lab
        card, given = lab.card, lab.host.picture
        if not lab.own or card is None:
            self._view.show_near((), _OTHER.format(model))
        elif given is None:
            self._view.show_near((), tr("No input is open."))
        else:
            self._view.show_near((), tr("Looking for neighbours …"))
            self._find.ask(FindNear(store, card.digest, given, tap, _COUNT, "", cell))

    def _take_near(self, found: tuple[Near, ...], done: bool) -> None:
        asked: Any = self._find.request
        if done and asked is not None:
            to = tr("to the input, ") if isinstance(asked, FindNear) else ""
            if asked.cell is not None:
                to = tr(
                    "to cell {cell}, {cell2} of Explore's input, the best cell of each picture, ",
                    cell=asked.cell[0],
                    cell2=asked.cell[1],
                )
            self._show(found, tr("{to}by {tap}, cosine", to=to, tap=asked.tap), asked.tap)

    def _show(self, found: Sequence[Near], note: str, tap: str) -> None:
        cells = {near.picture.id: near.cell for near in found if near.cell is not None}
        more = {
            near.picture.id: tr("cosine {similarity}{at}", similarity=text.number(near.similarity), at=_at(near.cell))
            for near in found
        }
        reader = self._lab.reader
        receptive = reader.tap(tap).receptive if cells and reader is not None else None
        shown = self.grid.show([near.picture for near in found], more, cells, receptive)
        if found:
            first, last = text.number(found[0].similarity), text.number(found[-1].similarity)
            note = (
                tr("{note}: {first} to {last}", note=note, first=first, last=last)
                if len(found) > 1
                else f"{note}: {first}"
            )
        self._view.show_near(shown, note if found else tr("There is no other."))

    def _fail(self, failure: Failure) -> None:
        self._view.show_near((), failure.text)

    # --- hands ---

    def _choose_near(self, of: str) -> None:
        self._lab.move(near=of)
