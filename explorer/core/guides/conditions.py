"""When a step of a guide is done: plain values that say of `Facts` whether they hold, and in words what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from explorer.core.guides.known_facts import Facts
from explorer.core.guides.live_values import Value, live_number, live_one, value_words
from explorer.core.translation import ntr, tr

_ASKED = {
    "model": tr("the model {} is open"),
    "input": tr("the input {} is open"),
    "kind": tr("the input is a {}"),
    "workspace": tr("the workspace {} is in front"),
    "page": tr("the page {} is open"),
    "tap": tr("a layer {} is shown"),
    "shows": tr("the view is {}"),
    "sort": tr("the maps are sorted by {}"),
    "scale": tr("the colour range is {}"),
    "data": tr("the data set {} is open in Transfer"),
    "class": tr("the class “{}” is selected in the prediction"),
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
        told = facts.texts.get(self.fact, "")
        return facts.fits(told, self.pattern) if self.fact == "tap" else fnmatchcase(told, self.pattern)


@dataclass(frozen=True, slots=True)
class ChannelIs:
    """A channel by its number, or one of those that a result names (the first `first` of them; 0: any)."""

    number: int = -1
    among: str = ""
    first: int = 0

    @property
    def says(self) -> str:
        return (
            tr("the selected channel is one of “{among}”", among=self.among)
            if self.among
            else tr("channel {number} is selected", number=self.number)
        )

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
        return tr("the cell in row {at}, column {at2} is selected", at=self.at[0], at2=self.at[1])

    def holds(self, facts: Facts) -> bool:
        return facts.cell == self.at


@dataclass(frozen=True, slots=True)
class CellSelected:
    """Whether a cell of the map is selected."""

    selected: bool = True

    @property
    def says(self) -> str:
        return tr("a cell of the map is selected") if self.selected else tr("no cell is selected")

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
            return tr("nothing is edited")
        count = tr("a channel") if self.at_least == 1 else tr("{at_least} channels", at_least=self.at_least)
        where = tr("a layer {tap}", tap=self.tap) if self.tap else tr("this layer")
        return ntr(
            "{count}{among} of {where} is edited",
            "{count}{among} of {where} are edited",
            self.at_least,
            count=count,
            among=tr(" of “{among}”", among=self.among) if self.among else "",
            where=where,
        )

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
            return tr("“{label}” is below {below:.0f} %", label=self.label, below=100 * self.below)
        return tr("“{label}” is at least {at_least:.0f} %", label=self.label, at_least=100 * (self.at_least or 0.0))

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
        return tr("“{label}” is the first class of the prediction", label=self.label)

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
            (self.at_least, tr("at least")),
            (self.below, tr("below")),
            (self.equals, tr("equal to")),
            (value_words(self.same_as) if self.same_as else None, tr("the same as")),
        )
        return tr(
            "{value_words} is {list}",
            value_words=value_words(self.of),
            list=tr(" and ").join((f"{word} {value}" for value, word in asked if value is not None)),
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
    """Compare has so many columns, and one of a model that each pattern fits. `shows`: what each column shows of its layer."""

    models: tuple[str, ...] = ()
    at_least: int = 2
    shows: str = ""

    @property
    def says(self) -> str:
        names = tr(" with {list}", list=", ".join(self.models)) if self.models else ""
        return tr(
            "Compare has {at_least} columns{names}{shows}",
            at_least=self.at_least,
            names=names,
            shows=tr(", each of which shows {shows}", shows=self.shows) if self.shows else "",
        )

    def holds(self, facts: Facts) -> bool:
        there = facts.compared
        fits = all(any(fnmatchcase(model, pattern) for model in there) for pattern in self.models)
        shown = not self.shows or all(fnmatchcase(each, self.shows) for each in facts.compared_shows)
        return len(there) >= self.at_least and fits and shown


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of the lesson has an answer: "STEP/QUESTION"."""

    question: str

    @property
    def says(self) -> str:
        return tr("the question is answered")

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
        return tr("{method} has been computed{extra}", method=self.method, extra=f" ({extra})" if extra else "")

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
        return tr(", or ").join(part.says for part in self.parts)

    def holds(self, facts: Facts) -> bool:
        return any(part.holds(facts) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    part: Condition

    @property
    def says(self) -> str:
        return tr("not: {says}", says=self.part.says)

    def holds(self, facts: Facts) -> bool:
        return not self.part.holds(facts)


def missing(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """In words, what of a condition does not hold yet."""
    if isinstance(condition, All):
        return tuple(words for part in condition.parts for words in missing(part, facts))
    return () if condition.holds(facts) else (condition.says,)


def values_of(condition: Condition | None) -> frozenset[str]:
    """The live values that say whether it holds."""
    match condition:
        case All(parts) | AnyOf(parts):
            return frozenset().union(*map(values_of, parts))
        case Not(part):
            return values_of(part)
        case ValueIs():
            return frozenset({condition.of, condition.same_as} - {""})
        case Predicts(label):
            return frozenset({f"prediction.{label}"})
        case PredictsFirst(label):
            return frozenset({"top.label", f"prediction.{label}"})
    return frozenset()


def facts_held(condition: Condition, facts: Facts) -> frozenset[str]:
    """The facts in words (`known_facts.TEXTS`) that it asks for and that are so already."""
    if isinstance(condition, All):
        return frozenset().union(*(facts_held(part, facts) for part in condition.parts))
    return frozenset({condition.fact}) if isinstance(condition, TextMatches) and condition.holds(facts) else frozenset()
