"""Questions of a lesson, and whether an answer is right: held against the open model when it is given, never against the file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

import numpy as np

from explorer.core.arrays import Array
from explorer.core.guides.conditions import Condition, values_of
from explorer.core.guides.guide import with_values
from explorer.core.guides.known_facts import Facts
from explorer.core.guides.live_values import Value, live_name, live_number, live_one, map_of, written_value
from explorer.core.translation import tr

_MOST_CELLS = 40_000  # that are looked through for a right and a wrong cell
_PARTED = re.compile(r"^-?[1-9]\d{0,2}(?:,\d{3})+$|^-?[1-9]\d{0,2}(?:\.\d{3})+$")  # 1,234 and 1.234.567


class QuestionKind(StrEnum):
    """How it is answered."""

    CHOICE = "choice"
    NUMBER = "number"
    POINT = "point"  # by selecting a cell of the map
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One of those to choose from. `when`: it is right while this holds."""

    text: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """`of`: the live value that is asked for; of a choice the text of the right option; of a point "map.max" or "map.min".
    `right`: the number of the right option, from 1, where it follows from no model. `tolerance`: in the unit of the answer, or in
    percent of the true value. `accept`: patterns of right texts, in lower case; none: the teacher reads it. `explain`: said of a
    right answer."""

    id: str
    kind: QuestionKind
    text: str
    marks: float = 1.0
    of: str = ""
    unit: str = ""
    tolerance: float = 0.0
    percent: float = 0.0
    options: tuple[AnswerOption, ...] = ()
    right: int = 0
    within: int = 0  # cells
    when: Condition | None = None  # of a point
    accept: tuple[str, ...] = ()
    explain: str = ""

    @property
    def judged(self) -> bool:
        """Whether the program can say that an answer is right."""
        return self.kind is not QuestionKind.TEXT or bool(self.accept or self.of)

    @property
    def values(self) -> frozenset[str]:
        """The live values that give its answer away."""
        where = {"map.row", "map.column"} if self.kind is QuestionKind.POINT else set()
        return frozenset({self.of} - {""}).union(
            where, values_of(self.when), *(values_of(option.when) for option in self.options)
        )

    @property
    def factor(self) -> float:
        """Of the live value to what is typed: probabilities are answered in %."""
        return 100.0 if self.unit == "%" and _is_share(self.of) else 1.0


def _is_share(name: str) -> bool:
    return name.startswith(
        ("prediction.", "top.probability", "layer.zeros", "map.zeros", "attention.before", "probe.", "probe-pictures.")
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the number of an option from 1, a number, words, or where was pointed at, as text."""

    text: str
    cell: tuple[int, int] | None = None
    channel: int = 0
    tap: str = ""


def numbers_from(text: str) -> tuple[float, ...]:
    """What was typed as a number, with a point or a comma; two where the sign may also part thousands, as in 1,234. () for none."""
    plain = text.strip().removesuffix("%").strip().replace("\u2212", "-").replace(" ", "")
    readings = dict.fromkeys((plain.replace(",", "."), *(re.sub(r"[.,]", "", plain) for _ in _PARTED.findall(plain))))
    found = []
    for reading in readings:
        try:
            value = float(reading)
        except ValueError:
            continue
        if math.isfinite(value):
            found.append(value)
    return tuple(found)


def fault_of_answer(question: Question, answer: Answer) -> str:
    """Why this is no answer; "" where it is one."""
    if question.kind is QuestionKind.NUMBER and not numbers_from(answer.text):
        return tr("That is no number.")
    if question.kind is QuestionKind.CHOICE and not (
        answer.text.isdigit() and 1 <= int(answer.text) <= len(question.options)
    ):
        return tr("Choose one of the answers.")
    if question.kind is QuestionKind.POINT and answer.cell is None:
        return tr("Select a cell of the large map first.")
    return "" if answer.text.strip() or answer.cell is not None else tr("Nothing is written.")


def is_right(question: Question, answer: Answer, facts: Facts) -> bool | None:
    """Whether an answer is right of the model as it is now. None: a teacher has to read it, or what is asked for is not known."""
    if not question.judged:
        return None
    if fault_of_answer(question, answer):
        return False
    if question.kind is QuestionKind.CHOICE:
        rights = right_options(question, facts)
        return None if not rights else int(answer.text) in rights
    if question.kind is QuestionKind.NUMBER:
        true = live_number(question.of, facts)
        if true is None:
            return None
        wanted = question.factor * true
        reach = max(question.tolerance, question.percent / 100 * abs(wanted)) + 1e-9 * abs(wanted)
        return any(abs(given - wanted) <= reach for given in numbers_from(answer.text))
    if question.kind is QuestionKind.POINT:
        assert answer.cell is not None
        there = replace(facts, cell=answer.cell, channel=answer.channel)
        return _points_right(question, there)
    said = " ".join(answer.text.casefold().split())
    if question.of:
        true_text = live_one(question.of, facts)
        return None if true_text is None else said == str(true_text).casefold()
    return any(fnmatchcase(said, pattern.casefold()) for pattern in question.accept)


def right_options(question: Question, facts: Facts) -> tuple[int, ...]:
    """Numbers of the right options, from 1."""
    if question.right:
        return (question.right,)
    if question.of:
        true = live_one(question.of, facts)
        texts = (with_values(option.text, facts) for option in question.options)
        return tuple(at for at, text in enumerate(texts, 1) if true is not None and _same_text(text, true))
    return tuple(at for at, each in enumerate(question.options, 1) if each.when is not None and each.when.holds(facts))


def _same_text(text: str, value: Value) -> bool:
    if isinstance(value, str):
        return text.strip().strip("*_`“”").casefold() == value.casefold()
    return any(abs(given - value) <= 1e-6 * max(abs(value), 1) for given in numbers_from(text))


_BEST: dict[str, Callable[[Array], float]] = {"map.max": np.nanmax, "map.min": np.nanmin}


def _hits(question: Question, facts: Facts) -> Array | None:
    """(H, W): True at the cells of the shown map that have the value asked for; None where it is not known."""
    values = map_of(facts)
    return None if values is None or np.isnan(values).all() else values == _BEST[question.of](values)


def _points_right(question: Question, there: Facts) -> bool | None:
    if question.when is not None:
        return question.when.holds(there)
    hits = _hits(question, there)
    return None if hits is None or there.cell is None else _is_near(hits, there.cell, question.within)


def _is_near(hits: Array, cell: tuple[int, int], within: int) -> bool:
    (y, x), (height, width) = cell, hits.shape
    inside = 0 <= y < height and 0 <= x < width
    return inside and bool(hits[max(y - within, 0) : y + within + 1, max(x - within, 0) : x + within + 1].any())


# --- what the check of a lesson tries


def true_answer(question: Question, facts: Facts) -> Answer | None:
    """An answer that must be taken for right; None where what is asked for is not known."""
    if question.kind is QuestionKind.CHOICE:
        rights = right_options(question, facts)
        return Answer(str(rights[0])) if rights else None
    if question.kind is QuestionKind.NUMBER:
        true = live_number(question.of, facts)
        return None if true is None else Answer(repr(question.factor * true))
    if question.kind is QuestionKind.POINT:
        return next(_cells(question, facts, True), None)
    if question.of:
        found = live_one(question.of, facts)
        return None if found is None else Answer(str(found))
    return Answer(question.accept[0].replace("*", "").replace("?", "x")) if question.accept else None


def wrong_answer(question: Question, facts: Facts) -> Answer | None:
    """An answer that must be refused; None where none can be found."""
    if question.kind is QuestionKind.CHOICE:
        rights = right_options(question, facts)
        return next((Answer(str(at)) for at in range(1, len(question.options) + 1) if at not in rights), None)
    if question.kind is QuestionKind.NUMBER:
        true = live_number(question.of, facts)
        if true is None:
            return None
        wanted = question.factor * true
        return Answer(repr(wanted + 2 * max(question.tolerance, question.percent / 100 * abs(wanted)) + 1))
    if question.kind is QuestionKind.POINT:
        return next(_cells(question, facts, False), None)
    return Answer("~ no such answer ~")


def _cells(question: Question, facts: Facts, right: bool) -> Iterator[Answer]:
    """Cells of the shown map that are right, or that are wrong."""
    values = map_of(facts)
    if values is None or values.size > _MOST_CELLS:
        return
    hits = _hits(question, facts) if question.when is None else None
    for y, x in np.ndindex(values.shape):
        if question.when is not None:
            found = question.when.holds(replace(facts, cell=(y, x)))
        elif hits is not None:
            found = bool(hits[y, x]) if right else _is_near(hits, (y, x), question.within)
        else:
            return
        if found is right:
            yield Answer(f"{y},{x}", (y, x), facts.channel, facts.texts.get("tap", ""))


def solution(question: Question, facts: Facts) -> str:
    """The right answer in words, for the result page; "" where there is none that the program knows."""
    found = true_answer(question, facts)
    if found is None or not question.judged:
        return ""
    if question.kind is QuestionKind.CHOICE:
        return tr(" or ").join(
            with_values(question.options[at - 1].text, facts) for at in right_options(question, facts)
        )
    if question.kind is QuestionKind.POINT and found.cell is not None:
        return tr("row {cell}, column {cell2}", cell=found.cell[0], cell2=found.cell[1])
    if question.kind is QuestionKind.NUMBER:
        number = question.factor * (live_number(question.of, facts) or 0.0)
        return f"{written_value(int(number) if number.is_integer() else number)} {question.unit}".rstrip()
    return found.text


def names_in(question: Question) -> tuple[str, ...]:
    """The live values that a question is about."""
    return (live_name(question.of).text,) if question.of else ()
