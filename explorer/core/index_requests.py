"""Questions to the engine about an index; what needs no network is read by `engine.data_index.index_reader` instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from explorer.core.any_input import Input
from explorer.core.data_index import BATCH, TOP, ChannelTop, IndexProgress, Near, PictureState, Scatter
from explorer.core.geometry.cells import Cell
from explorer.core.requests import Lane, Request
from explorer.core.translation import tr

_HERE = "explorer.engine.data_index.index_answers"


@dataclass(frozen=True)
class MakeIndex(Request[IndexProgress]):
    """Makes the index of a data set for an open model, or goes on with it. Streams how far it is, about twice a second; a
    cancelled run keeps the shards that are committed, and the same request goes on from there. Forwards of the window go
    first: a batch a step. Raises ExplorerError, among others where the disk is full."""

    handler: ClassVar[str] = f"{_HERE}:make_index"
    answer: ClassVar[type] = IndexProgress
    saying: ClassVar[str] = tr("The data set is being indexed")

    model: str  # ModelCard.digest
    data: str  # a folder, a text file, "gallery" or "demo:NAME"
    taps: str = "blocks"  # "blocks", "activations", names or patterns with commas
    features: str = ""  # names of taps with commas; "": the last one
    top: int = TOP
    batch: int = BATCH
    store: str = ""  # a file; "": in the application's cache
    retry: bool = False  # pictures that failed are tried again
    cells: str = ""  # names of taps with commas: the vector of every cell is kept


@dataclass(frozen=True)
class LocateCells(Request[ChannelTop]):
    """The same list with the cells that it lacks: one forward of its pictures."""

    handler: ClassVar[str] = f"{_HERE}:locate_cells"
    answer: ClassVar[type] = ChannelTop
    saying: ClassVar[str] = tr("Cells are being looked for")
    lane: ClassVar[Lane] = Lane.METHOD

    store: str
    model: str  # of an open model, the one of the index
    of: ChannelTop


@dataclass(frozen=True, eq=False)
class FindNear(Request[tuple[Near, ...]]):
    """Pictures of an index near an input that need not be in it: one forward. With `cell` near that cell of it, of each picture its
    nearest cell."""

    handler: ClassVar[str] = f"{_HERE}:find_near"
    answer: ClassVar[type] = tuple
    saying: ClassVar[str] = tr("Similar pictures are being looked for")
    lane: ClassVar[Lane] = Lane.FORWARD

    store: str
    model: str
    picture: Input
    tap: str = ""
    count: int = 12
    label: str = ""
    cell: Cell | None = None


@dataclass(frozen=True)
class FindNearPicture(Request[tuple[Near, ...]]):
    """Pictures of an index near another of its pictures, without this one: read from its features, or from the vectors of cells where
    `cell` names one of it."""

    handler: ClassVar[str] = f"{_HERE}:find_near_picture"
    answer: ClassVar[type] = tuple
    saying: ClassVar[str] = tr("Similar pictures are being looked for")

    store: str
    picture: int  # IndexedPicture.id
    tap: str
    count: int = 12
    cell: Cell | None = None


@dataclass(frozen=True)
class FindByName(Request[tuple[int, ...]]):
    """Ids of the pictures of an index whose path or sentence has a text in it, the first `most`: every one is looked at."""

    handler: ClassVar[str] = f"{_HERE}:find_by_name"
    answer: ClassVar[type] = tuple
    saying: ClassVar[str] = tr("Names are being searched")

    store: str
    text: str
    label: str | None
    state: PictureState | None
    most: int


@dataclass(frozen=True)
class FindPlane(Request[Scatter]):
    """The pictures of an index in the plane of their features."""

    handler: ClassVar[str] = f"{_HERE}:find_plane"
    answer: ClassVar[type] = Scatter
    saying: ClassVar[str] = tr("The plane of the features is being computed")

    store: str
    tap: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether an index says what the files say. `wrong`, `gone`: (picture, what is the matter)."""

    store: str
    digest: str  # sha256 over all tables
    checked: int  # entries that were computed anew
    largest: float  # difference, in parts of the channel's range
    wrong: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return not self.wrong

    def to_json(self) -> dict[str, Any]:
        return {
            "digest": self.digest,
            "store": self.store,
            "ok": self.good,
            "checked": self.checked,
            "largest_difference": self.largest,
            "wrong": [list(each) for each in self.wrong],
            "gone": [list(each) for each in self.gone],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class VerifyIndex(Request[Verified]):
    """Computes entries anew, chosen by chance, and compares (1e-4 of the channel's range)."""

    handler: ClassVar[str] = f"{_HERE}:verify_index"
    answer: ClassVar[type] = Verified
    saying: ClassVar[str] = tr("The index is being verified")

    store: str
    model: str
    entries: int = 100
    seed: int = 0
