"""The document of the Compare workspace: columns, and what links them. Small, immutable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from explorer.core.attention_queries import AttentionMode
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edits
from explorer.core.layer_views import Shows
from explorer.core.models import ModelSpec
from explorer.core.translation import msgid

LEAST, MOST = 2, 4  # columns


class Link(StrEnum):
    """What the layers of two models have in common."""

    DEPTH = msgid("relative depth")
    STRIDE = msgid("equal stride")
    PATH = msgid("CKA path")
    NONE = msgid("none")


class SharedScale(StrEnum):
    """Which values the colours of the columns run between."""

    PER_MAP = msgid("per map")
    PER_LAYER = msgid("per column")
    ALL = msgid("shared by all")
    PERCENTILE = msgid("shared, 1 to 99 %")
    ZSCORE = msgid("z-score, −3 to 3")


@dataclass(frozen=True, slots=True)
class Column:
    """One model on one input. `input` None: the one that all share. `offset`: so many layers off the linked one."""

    key: int  # stays while columns are moved
    model: ModelSpec | None = None
    input: InputRef | None = None
    tap: str = ""
    channel: int = 0
    offset: int = 0
    locked: bool = True  # whether it follows the link
    frozen: bool = False  # keeps layer, model and input, whatever happens beside it
    minus: bool = False  # shows what is left when the first column is taken away
    shows: str = Shows.MAPS  # a layer view, by its id
    to_first: bool = False  # similarity to the place in the first column, not to the same place here
    head: int | None = None  # of its attention; None: the mean of all
    edits: Edits = ()  # what is replaced in this column's model; as it was when they were taken over

    @property
    def follows(self) -> bool:
        return self.locked and not self.frozen


@dataclass(frozen=True, slots=True)
class Comparison:
    """`kept` is a place (y, x) as shares of the picture, 0..1, that similarity is about while the cursor goes on, and attention
    while there is none."""

    columns: tuple[Column, ...] = ()
    link: Link = Link.DEPTH
    scale: SharedScale = SharedScale.PER_MAP
    kept: tuple[float, float] | None = None
    share: bool = False  # the large maps as shares of their whole, where the architectures differ
    foreground: bool = False  # whether only the foreground of components has colours
    attention: AttentionMode = AttentionMode.HEADS  # what columns that show attention show of it
    against: int = -1  # of a file: key of the column that the first is compared with; -1: the second
    ordered: str = ""  # of a file: the method over two models whose order the maps of both columns stand in

    def column(self, key: int) -> Column:
        """Raises KeyError when there is none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)

    def index(self, key: int) -> int:
        return self.columns.index(self.column(key))

    def change(self, key: int, **fields: Any) -> Comparison:
        """With some fields of one column changed."""
        columns = (replace(column, **fields) if column.key == key else column for column in self.columns)
        return replace(self, columns=tuple(columns))


def viewed(comparison: Comparison, shows: str) -> Comparison:
    """With every column showing the same of its layer."""
    return replace(comparison, columns=tuple(replace(column, shows=shows) for column in comparison.columns))


def duplicated(comparison: Comparison, key: int) -> Comparison:
    """A copy of a column at its right, neither frozen nor a difference; the same where there are enough already."""
    if len(comparison.columns) >= MOST:
        return comparison
    at = comparison.index(key) + 1
    fresh = max(column.key for column in comparison.columns) + 1
    copy = replace(comparison.columns[at - 1], key=fresh, frozen=False, minus=False)
    return replace(comparison, columns=(*comparison.columns[:at], copy, *comparison.columns[at:]))


def without(comparison: Comparison, key: int) -> Comparison:
    """One column less; the same where only two are left."""
    if len(comparison.columns) <= LEAST:
        return comparison
    return _headed(replace(comparison, columns=tuple(c for c in comparison.columns if c.key != key)))


def swapped(comparison: Comparison, key: int) -> Comparison:
    """A column in the place of its right neighbour; the last one with its left neighbour."""
    columns, at = list(comparison.columns), comparison.index(key)
    other = at + 1 if at + 1 < len(columns) else at - 1
    columns[at], columns[other] = columns[other], columns[at]
    return _headed(replace(comparison, columns=tuple(columns)))


def _headed(comparison: Comparison) -> Comparison:
    """The first column is what others are compared with: it is no difference itself."""
    return comparison.change(comparison.columns[0].key, minus=False, to_first=False)
