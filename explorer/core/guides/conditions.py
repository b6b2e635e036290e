"""When a step of a guide is done: plain values that say of `Facts` whether they hold, and in words what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from explorer.core.guides.known_facts import Facts

_ASKED = {
    "model": "the model {} is open",
    "input": "the input {} is open",
    "kind": "the input is a {}",
    "workspace": "the workspace {} is in front",
    "page": "the page {} is open",
    "tap": "a layer {} is shown",
    "shows": "the view is {}",
    "sort": "the maps are sorted by {}",
    "scale": "the colour range is {}",
    "class": "the class “{}” is selected in the prediction",
}


class Condition(Protocol):
    """`says`: "the page health is open"."""

    @property
    def says(self) -> str: ...

    def holds(self, facts: Facts) -> bool: ...


@dataclass(frozen=True, slots=True)
class TextMatches:
    """A fact in words, against a pattern with * and ?."""

    fact: str  # of known_facts.TEXTS
    pattern: str

    @property
    def says(self) -> str:
        return _ASKED[self.fact].format(self.pattern)

    def holds(self, facts: Facts) -> bool:
        return fnmatchcase(facts.texts.get(self.fact, ""), self.pattern)


@dataclass(frozen=True, slots=True)
class ChannelIs:
    """A channel by its number, or one of those that a result names (the first `first` of them; 0: any)."""

    number: int = -1
    among: str = ""
    first: int = 0

    @property
    def says(self) -> str:
        return f"the selected channel is one of “{self.among}”" if self.among else f"channel {self.number} is selected"

    def holds(self, facts: Facts) -> bool:
        if not self.among:
            return facts.channel == self.number
        return facts.channel in facts.measured.get(self.among, ())[: self.first or None]


@dataclass(frozen=True, slots=True)
class CellSelected:
    """Whether a cell of the map is selected."""

    selected: bool = True

    @property
    def says(self) -> str:
        return "a cell of the map is selected" if self.selected else "no cell is selected"

    def holds(self, facts: Facts) -> bool:
        return (facts.cell is not None) is self.selected


@dataclass(frozen=True, slots=True)
class ChannelsEdited:
    """So many channels of the shown layer are edited; `among`: of those that a result names. 0: nothing is edited at all."""

    at_least: int = 1
    among: str = ""

    @property
    def says(self) -> str:
        if not self.at_least:
            return "nothing is edited"
        count = "a channel" if self.at_least == 1 else f"{self.at_least} channels"
        return f"{count}{f' of “{self.among}”' if self.among else ''} of this layer {'is' if self.at_least == 1 else 'are'} edited"

    def holds(self, facts: Facts) -> bool:
        if not self.at_least:
            return not facts.edits
        named = facts.edited & set(facts.measured.get(self.among, ())) if self.among else facts.edited
        return len(named) >= self.at_least


@dataclass(frozen=True, slots=True)
class Predicts:
    """A class of the prediction at or above, or below, a probability from 0 to 1."""

    label: str
    at_least: float | None = None
    below: float | None = None

    @property
    def says(self) -> str:
        if self.below is not None:
            return f"“{self.label}” is below {100 * self.below:.0f} %"
        return f"“{self.label}” is at least {100 * (self.at_least or 0.0):.0f} %"

    def holds(self, facts: Facts) -> bool:
        if not facts.probabilities:
            return False
        # of classes that are not listed it is known that they are below all that are
        value = facts.probabilities.get(self.label)
        at_most = min(facts.probabilities.values()) if value is None else value
        enough = self.at_least is None or (value is not None and value >= self.at_least)
        return enough and (self.below is None or at_most < self.below)


@dataclass(frozen=True, slots=True)
class Computed:
    """A method has a result for what is selected, with `having`: (name, value) that its result has among its facts."""

    method: str
    having: tuple[tuple[str, int | str], ...] = ()

    @property
    def says(self) -> str:
        extra = ", ".join(f"{name} {value}" for name, value in self.having)
        return f"{self.method} has been computed{f' ({extra})' if extra else ''}"

    def holds(self, facts: Facts) -> bool:
        known = facts.measured
        return self.method in facts.computed and all(
            value in known.get(f"{self.method}.{name}", ()) for name, value in self.having
        )


@dataclass(frozen=True, slots=True)
class All:
    """Every one holds."""

    parts: tuple[Condition, ...]

    @property
    def says(self) -> str:
        return "; ".join(part.says for part in self.parts)

    def holds(self, facts: Facts) -> bool:
        return all(part.holds(facts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of them holds."""

    parts: tuple[Condition, ...]

    @property
    def says(self) -> str:
        return ", or ".join(part.says for part in self.parts)

    def holds(self, facts: Facts) -> bool:
        return any(part.holds(facts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    part: Condition

    @property
    def says(self) -> str:
        return f"not: {self.part.says}"

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)


def missing(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """In words, what of a condition does not hold yet."""
    if isinstance(condition, All):
        return tuple(words for part in condition.parts for words in missing(part, facts))
    return () if condition.holds(facts) else (condition.says,)
