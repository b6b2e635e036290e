"""Reads a question from its table."""

from __future__ import annotations

from explorer.core.guides.condition_table import condition_from, live_value
from explorer.core.guides.contradictions import contradiction
from explorer.core.guides.toml_table import TomlTable
from explorer.core.lessons.lesson_fields import check_text, id_in, marks_in, text_in
from explorer.core.lessons.questions import AnswerOption, Question, QuestionKind
from explorer.core.translation import tr

_MOST_OPTIONS = 12
_OF_KIND = {
    QuestionKind.CHOICE: ("options", "right", "of"),
    QuestionKind.NUMBER: ("of", "unit", "tolerance", "percent"),
    QuestionKind.POINT: ("of", "within", "when"),
    QuestionKind.TEXT: ("of", "accept"),
}


def question_from(table: TomlTable) -> Question:
    """Raises ExplorerError for what is no question, with where and why."""
    name = table.get("kind", str)
    if name not in tuple(QuestionKind):
        table.fail("kind", tr("is {name!r}; known are {list}", name=name, list=", ".join(QuestionKind)))
    kind = QuestionKind(name)
    table.only("id", "kind", "text", "marks", "explain", *_OF_KIND[kind])
    question = Question(
        id_in(table),
        kind,
        text_in(table, "text"),
        marks_in(table, 1.0),
        live_value(table, "of") if "of" in table.data else "",
        table.get("unit", str, ""),
        _positive(table, "tolerance"),
        _positive(table, "percent"),
        _options(table) if kind is QuestionKind.CHOICE else (),
        table.count("right", 0),
        table.count("within", 0),
        condition_from(table.table("when")) if "when" in table.data else None,
        _accepted(table),
        text_in(table, "explain", False),
    )
    _check(table, question)
    return question


def _positive(table: TomlTable, key: str) -> float:
    value = table.number(key, 0.0)
    if value < 0:
        table.fail(key, tr("is {value:g}; it is 0 or more", value=value))
    return value


def _options(table: TomlTable) -> tuple[AnswerOption, ...]:
    held = table.get("options", list)
    if not 2 <= len(held) <= _MOST_OPTIONS:
        table.fail(
            "options",
            tr(
                "there are {count}; 2 to {most_options} can be chosen from", count=len(held), most_options=_MOST_OPTIONS
            ),
        )
    return tuple(_option(table, at, each) for at, each in enumerate(held))


def _accepted(table: TomlTable) -> tuple[str, ...]:
    found = table.texts("accept")
    for pattern in found:
        check_text(table, "accept", pattern)
    return found


def _option(table: TomlTable, at: int, value: object) -> AnswerOption:
    if isinstance(value, str):
        check_text(table, "options", value)
        return AnswerOption(value)
    inner = TomlTable(table.file, (*table.path, "options", at), value)
    inner.only("text", "when")
    when = condition_from(inner.table("when")) if "when" in inner.data else None
    if when is not None and (why := contradiction(when)):
        inner.fail("when", tr("can never hold: {why}", why=why))
    return AnswerOption(text_in(inner, "text"), when)


def _check(table: TomlTable, question: Question) -> None:
    """What belongs together is there, and only once."""
    if question.kind is QuestionKind.CHOICE:
        ways = (bool(question.right), bool(question.of), any(option.when for option in question.options))
        if sum(ways) != 1:
            table.fail("", tr("needs one of right (its number, from 1), of (a live value) or when in its options"))
        if question.right and not 1 <= question.right <= len(question.options):
            table.fail(
                "right",
                tr(
                    "is {right}; there are {count} options, counted from 1",
                    right=question.right,
                    count=len(question.options),
                ),
            )
    elif question.kind is QuestionKind.NUMBER:
        if not question.of:
            table.fail(
                "of", tr("is missing: the live value that is asked for, such as prediction.star or layer.channels")
            )
    elif question.kind is QuestionKind.POINT:
        if bool(question.of) == (question.when is not None):
            table.fail("", tr("needs one of: of (map.max or map.min), when (a condition on the cell)"))
        if question.of and question.of not in ("map.max", "map.min"):
            table.fail("of", tr("is {of!r}; of a point it is map.max or map.min", of=question.of))
    elif question.of and question.accept:
        table.fail("accept", tr("stands beside of: one of them says what is right"))
