"""The index of a data set: which pictures excite a channel, as plain values.

"Picture" stands for whatever kind the model takes: a picture, a frame of a video, a sound clip, a sentence. The value of a picture
on a channel is the largest of the channel's cells. Pictures are ranked by value, highest first, then by their number: one total
order, so that the index does not depend on the order in which it was made.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

from explorer.core.activations import Layout
from explorer.core.arrays import Array
from explorer.core.boxes import Box, ReceptiveField
from explorer.core.geometry.cells import Cell
from explorer.core.inputs import InputRef

TOP = 16  # pictures that are kept of each channel
BATCH = 16
FORMAT = 1  # of the store
SUFFIX = ".fmindex"
GALLERY = "gallery"  # the data set of the samples that come with the program


class PictureState(IntEnum):
    """How far a picture is."""

    WAITING = 0
    DONE = 1
    FAILED = 2


@dataclass(frozen=True, slots=True)
class IndexedTap:
    """A tap whose channels are in an index. Channel c is row `start + c` of what is stored of all channels."""

    name: str
    kind: str  # activations.Kind
    layout: Layout
    channels: int
    start: int
    grid: tuple[int, int]  # (rows, columns) of the cells; (1, 1) of a vector
    receptive: ReceptiveField | None = None
    same_as: tuple[str, ...] = ()  # other taps with the same values
    limit: float | None = None  # upper bound of a clipping activation (ReLU6); None: none is known
    # whether values of all pictures are kept: histogram, least, random ones, the best of a class
    maxima: bool = False
    features: bool = False  # whether pooled features are kept, for neighbours
    cells: bool = False  # whether the vector of every cell is kept, for neighbours of a cell
    sums: bool = False  # whether sums by class are kept

    def cell(self, place: int) -> Cell:
        """(row, column) of a cell by its number in row-major order."""
        return divmod(place, self.grid[1])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def tap_from(held: dict[str, Any]) -> IndexedTap:
    """The inverse of `IndexedTap.to_json`. Raises KeyError, TypeError, ValueError."""
    field_of = held.get("receptive")
    if field_of is not None:
        within = field_of.get("within")
        field_of = ReceptiveField(**{**field_of, "within": None if within is None else Box(**within)})
    rows, columns = held["grid"]
    return IndexedTap(
        **{
            **held,
            "layout": Layout(held["layout"]),
            "grid": (int(rows), int(columns)),
            "receptive": field_of,
            "same_as": tuple(held["same_as"]),
        }
    )


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What makes an index: another value of any of these is another index, and the two are never mixed."""

    model: str  # ModelCard.digest: identity, code, weights, preprocessing
    kind: str  # what the model takes: "picture", "sound", "text"
    data: str  # the folder, the text file, "gallery" or "demo:NAME"
    taps: tuple[str, ...]  # names with shapes, "layer1.0.relu 64x56x56"
    features: tuple[str, ...] = ()
    top: int = TOP
    batch: int = BATCH
    torch: str = ""
    cpu: str = ""  # capability of the processor: other instructions give other last bits
    cells: tuple[str, ...] = ()  # taps of which the vector of every cell is kept

    def to_json(self) -> dict[str, Any]:
        held = asdict(self)
        if not self.cells:  # as in an index that was made before there were any
            del held["cells"]
        return held

    @property
    def noun(self) -> str:
        """What one of its inputs is called: "picture", "sound", "sentence"."""
        return "sentence" if self.kind == "text" else self.kind

    @property
    def key(self) -> str:
        """sha256 of all of it, 32 hex digits."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:32]


def settings_from(held: dict[str, Any]) -> IndexSettings:
    """The inverse of `IndexSettings.to_json`. Raises KeyError, TypeError."""
    lists = {name: tuple(held.get(name, ())) for name in ("taps", "features", "cells")}
    return IndexSettings(**{**held, **lists})


@dataclass(frozen=True, slots=True)
class IndexedPicture:
    """A picture, frame, clip or sentence of the data set. `id` is its place in the total order."""

    id: int
    path: str  # below the data set's folder, with "/"
    frame: int = 0  # of a video; the line of a sentence
    label: str = ""  # its class, "" where there is none
    state: PictureState = PictureState.WAITING
    why: str = ""  # it failed
    size: int = 0  # bytes, when it was read
    changed: int = 0  # time of the last change in nanoseconds, when it was read
    kind: str = "picture"  # InputRef.kind
    text: str = ""  # of a sentence

    def ref(self, folder: str) -> InputRef:
        """What opens it."""
        return InputRef(self.kind, str(Path(folder) / self.path), self.frame)

    @property
    def name(self) -> str:
        """Unique in the index: the path, with the frame or line where the file has several."""
        return name_of(self.path, self.kind, self.frame)


def name_of(path: str, kind: str, frame: int) -> str:
    """As `IndexedPicture.name`."""
    return f"{path}#{frame}" if kind in ("video", "lines") else path


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A picture in the list of a channel. `cell` None: not known yet; `LocateCells` finds it."""

    picture: IndexedPicture
    value: float
    cell: Cell | None
    words: str = ""  # of a sentence: the n-gram that the cell sees

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "picture": self.picture.name,
            "value": self.value,
            "cell": None if self.cell is None else list(self.cell),
            "class": self.picture.label or None,
        }
        return {**found, "words": self.words} if self.words else found


@dataclass(frozen=True, slots=True)
class ChannelTop:
    """Some pictures of a channel. `order` says which: "top", "least", "above half"."""

    tap: str
    channel: int
    entries: tuple[IndexEntry, ...]  # the best first (the least first where `order` is "least")
    order: str = "top"
    label: str = ""  # of this class alone; "": of all
    pictures: int = 0  # that the index has of all, or of the class
    maximum: float = float("nan")  # of the channel over all pictures; NaN before there is one
    reach: int = 0  # pictures whose value is that maximum: more than one says that the list is one of ties
    not_finite: int = 0  # pictures with NaN or infinity, which are in no list

    def to_json(self) -> dict[str, Any]:
        return {"tap": self.tap, "channel": self.channel, "entries": [each.to_json() for each in self.entries]}


@dataclass(frozen=True, slots=True)
class ClassBar:
    """A class on one channel, from the values (maxima) of its pictures."""

    label: str
    pictures: int  # with a finite value
    active: int  # with a value above zero
    mean: float  # NaN without a picture
    std: float
    in_top: int  # how many of the channel's best are of this class


@dataclass(frozen=True, slots=True, eq=False)
class ChannelHistogram:
    """Values of one channel over the pictures: counts[i] from edges[i] to edges[i + 1]."""

    counts: Array  # (bins,) int64
    edges: Array  # (bins + 1,) float64
    by_class: Array  # (classes, bins) int64, in the order of `labels`
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ChannelTable:
    """Every channel of a tap as one row of a spreadsheet; all arrays are (channels,). NaN where there is nothing to tell.

    `selectivity`: Morcos et al. 2018, of the classes' mean maxima. `coverage`: share of pictures above zero. `sparsity`: lifetime
    sparseness over pictures (Vinje and Gallant 2000): 0 all pictures alike, 1 one picture alone; for values that are not negative.
    `d_prime`: (mean of the preferred class − mean of the others) / root of the mean of both variances.
    """

    tap: str
    maximum: Array
    mean: Array
    coverage: Array
    sparsity: Array
    selectivity: Array
    d_prime: Array
    prefers: tuple[str, ...]  # the class with the highest mean, "" where there is none
    reach: Array  # int64: pictures at the maximum
    not_finite: Array  # int64
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """A picture near a vector: cosine of the angle between both. `cell`: the one of its cells that is nearest, where cells are compared."""

    picture: IndexedPicture
    similarity: float
    cell: Cell | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """Pictures in the plane of the first two principal components of their features."""

    ids: Array  # (n,) int64
    points: Array  # (n, 2) float32
    explained: tuple[float, float]  # shares of the variance
    labels: tuple[str, ...] = field(default=(), repr=False)  # the class of each, "" without


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What is known of an index without looking at its channels."""

    path: str  # of the store
    settings: IndexSettings
    model: str  # its name
    spec: dict[str, Any] = field(hash=False)  # how to open the model again: `core.session.serialize.model` reads it
    folder: str = ""  # where the paths of the pictures begin
    pictures: int = 0
    done: int = 0
    failed: int = 0
    labels: tuple[str, ...] = ()
    nbytes: int = 0
    changed: float = 0.0  # time of the last commit, seconds since 1970
    shipped: bool = False  # comes with the program: read only
    notes: tuple[str, ...] = ()

    @property
    def waiting(self) -> int:
        return self.pictures - self.done - self.failed

    def to_json(self) -> dict[str, Any]:
        return {
            "store": self.path,
            "model": self.model,
            "data": self.settings.data,
            "pictures": self.pictures,
            "done": self.done,
            "failed": self.failed,
            "waiting": self.waiting,
            "classes": list(self.labels),
            "taps": len(self.settings.taps),
            "top": self.settings.top,
            "batch": self.settings.batch,
            "features": list(self.settings.features),
            "cells": list(self.settings.cells),
            "bytes": self.nbytes,
            "shipped": self.shipped,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far the making of an index is. `rate`: pictures a second of this run; `left`: seconds, None where it is not known."""

    store: str
    done: int
    total: int
    failed: int
    rate: float = 0.0
    left: float | None = None
    nbytes: int = 0
    shards: int = 0  # committed by this run
    notes: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()  # (picture, why) of this run
    final: bool = False

    @property
    def fraction(self) -> float:
        return (self.done + self.failed) / self.total if self.total else 1.0

    def to_json(self) -> dict[str, Any]:
        return {
            "store": self.store,
            "done": self.done,
            "total": self.total,
            "failed": self.failed,
            "rate": round(self.rate, 3),
            "left_s": None if self.left is None else round(self.left, 1),
            "bytes": self.nbytes,
            "final": self.final,
        }
