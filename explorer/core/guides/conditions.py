"""When a step of a guide is done: plain values that say of `Facts` whether they hold, and in words what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from explorer.core.guides.known_facts import Facts
from explorer.core.guides.live_values import Value, live_number, live_one, value_words

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
    "data": "the data set {} is open in Transfer",
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
class CellIs:
    """A cell by its row and column."""

    at: tuple[int, int]

    @property
    def says(self) -> str:
        return f"the cell in row {self.at[0]}, column {self.at[1]} is selected"

    def holds(self, facts: Facts) -> bool:
        return facts.cell == self.at


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
    """So many channels of the shown layer, or of layers that `tap` fits, are edited; `among`: of those that a result names.
    0: nothing is edited at all."""

    at_least: int = 1
    among: str = ""
    tap: str = ""

    @property
    def says(self) -> str:
        if not self.at_least:
            return "nothing is edited"
        count = "a channel" if self.at_least == 1 else f"{self.at_least} channels"
        where = f"a layer {self.tap}" if self.tap else "this layer"
        return f"{count}{f' of “{self.among}”' if self.among else ''} of {where} {'is' if self.at_least == 1 else 'are'} edited"

    def holds(self, facts: Facts) -> bool:
        if not self.at_least:
            return not facts.edits
        edited = facts.edited_in(self.tap) if self.tap else facts.edited
        named = edited & set(facts.measured.get(self.among, ())) if self.among else edited
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
class PredictsFirst:
    """A class is the first of the prediction."""

    label: str

    @property
    def says(self) -> str:
        return f"“{self.label}” is the first class of the prediction"

    def holds(self, facts: Facts) -> bool:
        return facts.best is not None and facts.best[0] == self.label


@dataclass(frozen=True, slots=True)
class ValueIs:
    """A live value: at least, below, or equal to a number, a text or another live value. `equals` of a number: within `tolerance`."""

    of: str
    at_least: float | None = None
    below: float | None = None
    equals: Value | None = None
    same_as: str = ""  # a live value
    tolerance: float = 0.0

    @property
    def says(self) -> str:
        asked = (
            (self.at_least, "at least"),
            (self.below, "below"),
            (self.equals, "equal to"),
            (value_words(self.same_as) if self.same_as else None, "the same as"),
        )
        return (
            f"{value_words(self.of)} is {' and '.join(f'{word} {value}' for value, word in asked if value is not None)}"
        )

    def holds(self, facts: Facts) -> bool:
        value, number = live_one(self.of, facts), live_number(self.of, facts)
        if value is None:
            return False
        if self.at_least is not None and (number is None or number < self.at_least):
            return False
        if self.below is not None and (number is None or number >= self.below):
            return False
        wanted: list[Value | None] = [self.equals] if self.equals is not None else []
        if self.same_as:
            wanted.append(live_one(self.same_as, facts))
        return all(_equal(value, each, self.tolerance) for each in wanted)


def _equal(one: Value, other: Value | None, tolerance: float) -> bool:
    if other is None or isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(float(one) - float(other)) <= tolerance


@dataclass(frozen=True, slots=True)
class ModelsCompared:
    """Compare has so many columns, and one of a model that each pattern fits."""

    models: tuple[str, ...] = ()
    at_least: int = 2

    @property
    def says(self) -> str:
        names = f" with {', '.join(self.models)}" if self.models else ""
        return f"Compare has {self.at_least} columns{names}"

    def holds(self, facts: Facts) -> bool:
        there = facts.compared
        fits = all(any(fnmatchcase(model, pattern) for model in there) for pattern in self.models)
        return len(there) >= self.at_least and fits


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of the lesson has an answer: "STEP/QUESTION"."""

    question: str

    @property
    def says(self) -> str:
        return "the question is answered"

    def holds(self, facts: Facts) -> bool:
        return self.question in facts.answered


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
