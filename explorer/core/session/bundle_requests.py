"""What goes into a session bundle, and the requests that plan, write and open one. Answered by `engine/session_bundle`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from explorer.core.any_input import Input
from explorer.core.inputs import InputRef
from explorer.core.requests import Lane, Request
from explorer.core.session.bundle_manifest import LeftOut
from explorer.core.session.named_files import FileRole, located
from explorer.core.session.session import Session
from explorer.core.translation import tr

_HERE = "explorer.engine.session_bundle.answers"


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One entry: a file that is copied, or bytes that were made."""

    entry: str
    size: int  # bytes
    source: Path | None = None
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class BundleGroup:
    """What belongs to one file of the session. `path`: of that file as it was; `entry`: its name in the bundle."""

    role: FileRole
    title: str
    path: str
    entry: str
    items: tuple[BundleItem, ...]
    note: str = ""

    @property
    def size(self) -> int:
        return sum(item.size for item in self.items)

    @property
    def optional(self) -> bool:
        """Whether a person chooses if it is in the bundle."""
        return self.role in (FileRole.WEIGHTS, FileRole.MODEL)


@dataclass(frozen=True, slots=True)
class BundleContents:
    """`session` names entries of the bundle where it named files."""

    session: Session
    groups: tuple[BundleGroup, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def size(self) -> int:
        return sum(group.size for group in self.groups)

    def without(self, paths: Collection[str]) -> BundleContents:
        """Without some of the optional groups, by their `path`: the session names their files as it did before."""
        leave = [group for group in self.groups if group.optional and group.path in paths]
        why = tr("left out by choice; it is asked for when the bundle is opened")
        return replace(
            self,
            session=located(self.session, {group.entry: group.path for group in leave}),
            groups=tuple(group for group in self.groups if group not in leave),
            left_out=(*self.left_out, *(LeftOut(group.title, why) for group in leave)),
        )


@dataclass(frozen=True)
class PlanBundle(Request[BundleContents]):
    """What a bundle of a session would hold. `held`: inputs that are open, for those that are in no file."""

    handler: ClassVar[str] = f"{_HERE}:plan"
    answer: ClassVar[type] = BundleContents
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The files of the session are being listed")

    session: Session
    held: Mapping[InputRef, Input] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SavedBundle:
    """A bundle was written."""

    path: str
    bytes: int
    entries: int


@dataclass(frozen=True)
class SaveBundle(Request[SavedBundle]):
    """Writes a bundle, whole or not at all."""

    handler: ClassVar[str] = f"{_HERE}:save"
    answer: ClassVar[type] = SavedBundle
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The session bundle is being written")

    path: str
    contents: BundleContents = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """`session` as it is written in the bundle; `folder` is where its files were put; `names` are those of its entries."""

    path: str
    session: Session
    folder: str
    names: frozenset[str]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class OpenBundle(Request[OpenedBundle]):
    """Checks every entry of a bundle and puts its files into a folder; runs nothing."""

    handler: ClassVar[str] = f"{_HERE}:open_bundle"
    answer: ClassVar[type] = OpenedBundle
    lane: ClassVar[Lane] = Lane.LOAD
    saying: ClassVar[str] = tr("The session bundle is being opened")

    path: str
