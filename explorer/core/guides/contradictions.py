"""Conditions that can never hold, found without a model: what one asks for and what another beside it asks for exclude each other."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import combinations

from explorer.core.guides.conditions import (
    All,
    AnyOf,
    CellIs,
    CellSelected,
    ChannelIs,
    ChannelsEdited,
    Condition,
    Not,
    Predicts,
    PredictsFirst,
    TextMatches,
    ValueIs,
)
from explorer.core.translation import tr


def contradiction(condition: Condition) -> str:
    """In words, why a condition can never hold; "" where nothing of the kind is seen."""
    if isinstance(condition, AnyOf):
        found = [contradiction(part) for part in condition.parts]
        return found[0] if found and all(found) else ""
    parts = tuple(_flat(condition))
    for part in parts:
        if why := _alone(part):
            return why
    for one, other in combinations(parts, 2):
        if _exclude(one, other) or _exclude(other, one):
            return tr("“{says}” and “{says2}” cannot both be", says=one.says, says2=other.says)
    return ""


def _flat(condition: Condition) -> Iterable[Condition]:
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def _alone(part: Condition) -> str:
    if isinstance(part, AnyOf):
        return contradiction(part)
    if isinstance(part, (Predicts, ValueIs)):
        least, below = part.at_least, part.below
        if least is not None and below is not None and least >= below:
            return tr("nothing is at least {least:g} and below {below:g}", least=least, below=below)
    if isinstance(part, ValueIs) and isinstance(part.equals, int | float):
        least, below = part.at_least, part.below
        if (least is not None and part.equals < least) or (below is not None and part.equals >= below):
            return tr("“{says}” cannot be", says=part.says)
    if isinstance(part, ChannelIs) and not part.among and part.number < 0:
        return tr("there is no channel below 0")
    return ""


def _exclude(one: Condition, other: Condition) -> bool:
    if isinstance(other, Not):
        return one == other.part
    if isinstance(one, TextMatches) and isinstance(other, TextMatches) and one.fact == other.fact:
        exact = not set("*?[") & set(one.pattern)
        return exact and not fnmatchcase(one.pattern, other.pattern)
    if isinstance(one, ChannelIs) and isinstance(other, ChannelIs):
        return not one.among and not other.among and one.number != other.number
    if isinstance(one, CellIs):
        return (isinstance(other, CellIs) and one != other) or other == CellSelected(False)
    if isinstance(one, ChannelsEdited) and isinstance(other, ChannelsEdited):
        return not one.at_least and other.at_least > 0
    if isinstance(one, PredictsFirst) and isinstance(other, PredictsFirst):
        return one.label != other.label
    if isinstance(one, Predicts) and isinstance(other, Predicts) and one.label == other.label:
        return one.at_least is not None and other.below is not None and one.at_least >= other.below
    if isinstance(one, Predicts) and isinstance(other, Predicts):
        return (one.at_least or 0.0) + (other.at_least or 0.0) > 1
    return one == CellSelected(True) and other == CellSelected(False)
