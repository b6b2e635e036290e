"""A data set: pictures in classes, and which of them are learnt from and which are tested.

Pictures stay where they are; only their places are known here. A picture is named by its path below the data set's folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.requests import Request
from explorer.core.translation import msgid, tr

GROUPS = (msgid("none"), msgid("folder"), msgid("name"), msgid("burst"))
DEMO = "demo:"  # "demo:materials" names a data set that this program makes
TEST = "test"  # a folder of this name beside the classes holds the test pictures
MOST_CLASSES = 1000
_HERE = "explorer.engine.data_sets.data_set_answers"


@dataclass(frozen=True, slots=True)
class DataPicture:
    """A picture of a data set. Two with the same `identity` are the same file in the same state."""

    path: str  # below the data set's folder, with "/", or a whole one of a test folder elsewhere; unique
    label: str  # of its class
    group: str = ""  # pictures of one group are never split between train and test
    size: int = 0  # bytes
    changed: int = 0  # time of the last change in nanoseconds

    @property
    def identity(self) -> tuple[str, int, int]:
        return self.path, self.size, self.changed


@dataclass(frozen=True, slots=True)
class DataClass:
    """A class with the pictures that can be read, in natural order. `reason`: why it is not used, "" where it is."""

    name: str
    pictures: tuple[DataPicture, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """Pictures in classes. `classes` holds those that are not used too; `test` those of a folder of test pictures, which has no
    class that `classes` has not."""

    name: str  # as a person named it: a folder, or "demo:materials"
    folder: str  # where the paths of the pictures begin
    classes: tuple[DataClass, ...]
    test: tuple[DataClass, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()  # (path, why), in no class and in no count
    groups: str = "none"
    notes: tuple[str, ...] = ()  # what a person must know: "The test folder has a class “x” that there is none of."

    @property
    def used(self) -> tuple[DataClass, ...]:
        """The classes that are learnt and tested."""
        return tuple(each for each in self.classes if not each.reason)

    def file(self, path: str) -> Path:
        """Where a picture is, by its path here."""
        return Path(self.folder) / path

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the classes that are used; a class is counted by its place here."""
        return tuple(each.name for each in self.used)

    @property
    def count(self) -> int:
        """Pictures of the classes that are used, without the test folder's."""
        return sum(len(each.pictures) for each in self.used)

    @property
    def pictures(self) -> tuple[DataPicture, ...]:
        """All pictures that are learnt from or tested: of the classes that are used, then of the test folder."""
        return tuple(picture for each in (*self.used, *self.test) for picture in each.pictures)

    def without(self, unreadable: Mapping[str, str]) -> DataSet:
        """The same without pictures that turned out not to be readable: why, by path."""
        gone = (*self.unreadable, *unreadable.items())
        test = tuple(_kept(each, unreadable) for each in self.test)
        classes = (_kept(each, unreadable) for each in self.classes)
        checked = tuple(replace(e, reason=e.reason or why_unused(e.pictures, bool(test))) for e in classes)
        left = replace(self, classes=checked, unreadable=gone)
        return replace(left, test=tuple(each for each in test if each.name in left.labels and each.pictures))


def _kept(each: DataClass, unreadable: Mapping[str, str]) -> DataClass:
    return replace(each, pictures=tuple(p for p in each.pictures if p.path not in unreadable))


def why_unused(pictures: Iterable[DataPicture], tested: bool) -> str:
    """Why a class with these pictures cannot be used, "" where it can. `tested`: its test pictures are in a folder of their own."""
    pictures = tuple(pictures)
    if not pictures:
        return tr("There is no picture in it that can be read.")
    if tested:
        return ""
    if len(pictures) < 2:
        return tr("It has one picture: a class needs at least two, one to learn from and one to test.")
    if len({picture.group or picture.path for picture in pictures}) < 2:
        return tr("All its pictures are one group, which is never split: a class needs at least two groups.")
    return ""


@dataclass(frozen=True, slots=True)
class Split:
    """Which pictures are tested, and from which others is drawn what is learnt from. Paths in the order of the data set."""

    seed: int
    hold_out: float  # asked for; 0 where the test pictures are in a folder of their own
    pool: tuple[tuple[str, ...], ...]  # one tuple a class of `DataSet.labels`
    test: tuple[tuple[str, ...], ...]

    @property
    def smallest(self) -> int:
        """Pictures that the smallest class has to learn from."""
        return min(map(len, self.pool), default=0)

    def to_json(self) -> dict[str, Any]:
        """As it is written down: seed, share, lists of pictures."""
        return {
            "seed": self.seed,
            "hold_out": self.hold_out,
            "pool": [list(paths) for paths in self.pool],
            "test": [list(paths) for paths in self.test],
        }


def split(data: DataSet, hold_out: float = 0.25, seed: int = 0) -> Split:
    """Divides a data set: whole groups, about `hold_out` of the groups of each class; or by its test folder, where it has one.

    The same data set and seed give the same split. Raises ExplorerError where fewer than two classes can be used.
    """
    check(data)
    if data.test:
        by_name = {each.name: tuple(p.path for p in each.pictures) for each in data.test}
        pool = tuple(tuple(p.path for p in each.pictures) for each in data.used)
        return Split(seed, 0.0, pool, tuple(by_name.get(name, ()) for name in data.labels))
    tested = _tested_groups(data, hold_out, np.random.default_rng([seed, 0]))
    parts = [
        [[p.path for p in each.pictures if (_group(p) in tested) is wanted] for wanted in (False, True)]
        for each in data.used
    ]
    return Split(seed, hold_out, tuple(tuple(part[0]) for part in parts), tuple(tuple(part[1]) for part in parts))


def check(data: DataSet) -> None:
    """Raises ExplorerError where nothing can be learnt from a data set, saying what it lacks."""
    used = data.used
    if len(used) >= 2:
        return
    if not data.classes:
        what, why = (
            tr("There is no class in “{data}”.", data=data.name),
            tr("A class is a folder of pictures in the data set's folder."),
        )
    elif len(data.classes) == 1:
        what, why = (
            tr("“{data}” has one class, “{name}”.", data=data.name, name=data.classes[0].name),
            tr("Two are needed to tell apart."),
        )
    else:
        lacking = [each for each in data.classes if each.reason]
        what = tr("Fewer than two classes of “{data}” can be used.", data=data.name)
        why = f"“{lacking[0].name}”: {lacking[0].reason}" if lacking else ""
    raise ExplorerError(what, why, tr("Make a folder for each class, with at least two pictures."))


def _group(picture: DataPicture) -> str:
    return picture.group or picture.path


def _tested_groups(data: DataSet, hold_out: float, chance: np.random.Generator) -> set[str]:
    """Groups in an order of chance, each taken when most of its classes still lack test groups. A group may be of several
    classes; none takes the last group that a class learns from."""
    of_class = [sorted({_group(p) for p in each.pictures}) for each in data.used]
    left = [len(groups) for groups in of_class]  # to learn from
    lacking = [min(max(1, round(hold_out * len(groups))), len(groups) - 1) for groups in of_class]
    classes: dict[str, list[int]] = {}
    for number, groups in enumerate(of_class):
        for group in groups:
            classes.setdefault(group, []).append(number)
    names = sorted(classes)
    order = [names[i] for i in chance.permutation(len(names))]
    taken: set[str] = set()
    for most in (True, False):  # first where it helps most of its classes, then where it helps any that has none
        for group in order:
            of = classes[group]
            if group in taken or min(left[n] for n in of) < 2:
                continue
            helped = sum(lacking[n] > 0 for n in of)
            without = any(left[n] == len(of_class[n]) for n in of)
            if (2 * helped > len(of)) if most else (helped and without):
                taken.add(group)
                for n in of:
                    left[n] -= 1
                    lacking[n] -= 1
    return taken


def draw(divided: Split, per_class: int, number: int) -> tuple[tuple[str, ...], ...]:
    """`per_class` pictures of each class to learn from (0: all), in an order of chance that the seed and the number of the draw
    give. A smaller draw of the same number is part of a larger one. A class that has fewer gives all."""
    if per_class <= 0:
        return divided.pool
    found = []
    for place, paths in enumerate(divided.pool):
        order = np.random.default_rng([divided.seed, 1 + number, place]).permutation(len(paths))
        found.append(tuple(paths[i] for i in order[:per_class]))
    return tuple(found)


@dataclass(frozen=True)
class ReadDataSet(Request[DataSet]):
    """The classes and pictures of a folder, or of "demo:NAME", which is made first where it is not there yet. Nothing is decoded
    but the pictures' headers. Raises ExplorerError."""

    handler: ClassVar[str] = f"{_HERE}:read_data_set"
    answer: ClassVar[type] = DataSet
    saying: ClassVar[str] = tr("The data set is being read")

    name: str
    groups: str = "none"
    test: str = ""  # another folder with the test pictures


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnails:
    """Small pictures by path, (h, w, 3) uint8. What cannot be read is in `unreadable` with the reason."""

    pictures: Mapping[str, Array] = field(repr=False)
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadThumbnails(Request[Thumbnails]):
    """Small pictures of some paths below a folder. Partial answers bring what is new; the whole one all."""

    handler: ClassVar[str] = f"{_HERE}:read_thumbnails"
    answer: ClassVar[type] = Thumbnails
    saying: ClassVar[str] = tr("Pictures are being read")

    folder: str
    paths: tuple[str, ...]
    side: int = 64  # of the longer side, in pixels
