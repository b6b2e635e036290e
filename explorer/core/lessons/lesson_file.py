"""Reads a lesson from `lesson.toml`: what is not known is refused with the line and the key; nothing in it runs."""

from __future__ import annotations

import re

from explorer.core.guides.act_table import FIELDS, act_from, input_in, session_fields
from explorer.core.guides.condition_table import condition_from
from explorer.core.guides.conditions import All, Answered, Condition
from explorer.core.guides.contradictions import contradiction
from explorer.core.guides.guide import Guide, GuideStep, Start
from explorer.core.guides.guide_file import check_format, steps_in
from explorer.core.guides.toml_table import TomlTable, table_of
from explorer.core.lessons.lesson import LEVELS, Lesson, LessonStep
from explorer.core.lessons.lesson_fields import check_text, id_in, marks_in, text_in
from explorer.core.lessons.question_table import question_from
from explorer.core.models import ModelSpec
from explorer.core.translation import tr

NAME = "lesson.toml"
KIT_SUFFIX = ".fmxlab"
REFUSED = tr("This lesson cannot be used.")
MOST_BYTES = 1 << 20  # of lesson.toml

_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_VERSION = re.compile(r"\d+(\.\d+){0,2}")
_HEAD = (
    "format",
    "id",
    "title",
    "about",
    "language",
    "licence",
    "authors",
    "level",
    "minutes",
    "number",
    "application",
    "needs",
    "order",
    "show_me",
    "start",
    "step",
)
_ORDERS = ("free", "gated")


def lesson_from(text: str, name: str = NAME) -> Lesson:
    """Raises ExplorerError for what is no lesson, with where and why."""
    table = table_of(text, name, REFUSED)
    table.only(*_HEAD)
    check_format(table)
    level, order = _one_of(table, "level", LEVELS, "school"), _one_of(table, "order", _ORDERS, "free")
    minutes = table.get("minutes", int)
    if not 0 < minutes <= 600:
        table.fail("minutes", tr("is {minutes}; 1 to 600 can be", minutes=minutes))
    steps = tuple(_step(each) for each in steps_in(table))
    _check_ids(table, steps)
    start, session, weights = _start(TomlTable(table.file, ("start",), table.data.get("start")))
    title, about = text_in(table, "title", True), text_in(table, "about", False)
    guide = Guide(id_in(table), title, about, minutes, start, tuple(step.guide for step in steps))
    return Lesson(
        guide,
        steps,
        _matching(table, "language", _LANGUAGE, "en", tr("is no language, such as en, de or pt_BR")),
        table.get("licence", str, ""),
        table.texts("authors"),
        level,
        _matching(table, "application", _VERSION, "", tr("is no version, such as 0.1")),
        table.texts("needs"),
        order == "gated",
        table.get("show_me", bool, True),
        session,
        weights,
        table.get("number", int, 0),
    )


def _one_of(table: TomlTable, key: str, known: tuple[str, ...], default: str) -> str:
    value: str = table.get(key, str, default)
    if value not in known:
        table.fail(key, tr("is {value!r}; known are {list}", value=value, list=", ".join(known)))
    return value


def _matching(table: TomlTable, key: str, pattern: re.Pattern[str], default: str, why: str) -> str:
    value: str = table.get(key, str, default)
    if value != default and not pattern.fullmatch(value):
        table.fail(key, f"{value!r} {why}")
    return value


def _start(table: TomlTable) -> tuple[Start, str, str]:
    table.only("model", "weights", "untrained", "input", "session", *FIELDS)
    own = ("model", "weights", "untrained", "input", "session")
    fields = {key: value for key, value in table.data.items() if key not in own}
    spec = ModelSpec(table.get("model", str), untrained=table.get("untrained", bool, False))
    start = Start(spec, input_in(table, "input"), session_fields(TomlTable(table.file, table.path, fields)))
    return start, table.get("session", str, ""), table.get("weights", str, "")


def _step(table: TomlTable) -> LessonStep:
    table.only("id", "title", "text", "then", "hint", "point", "done", "show", "marks", "hold", "ask")
    name = id_in(table)
    questions = tuple(question_from(each) for each in table.tables("ask", []))
    if len({question.id for question in questions}) < len(questions):
        table.fail("ask", tr("two questions of this step have the same id"))
    done, reading = _done(table, name, tuple(question.id for question in questions))
    if why := contradiction(done):
        table.fail("done", tr("can never hold: {why}", why=why))
    acts = tuple(act_from(each) for each in table.tables("show", []))
    if not acts and not reading and not isinstance(table.data.get("done"), str):
        table.fail("show", tr('is missing: say what does this step for a person, or done = "answer" or done = "read"'))
    hints = table.texts("hint")
    for hint in hints:
        check_text(table, "hint", hint)
    guide = GuideStep(
        name,
        text_in(table, "title", True),
        text_in(table, "text", True),
        done,
        acts,
        table.texts("point"),
        hints,
        text_in(table, "then", False),
    )
    return LessonStep(guide, questions, marks_in(table, 0.0), table.get("hold", str, "").strip(), reading)


def _done(table: TomlTable, step: str, questions: tuple[str, ...]) -> tuple[Condition, bool]:
    """(when a step is done, whether it is only read)."""
    answered = tuple(Answered(f"{step}/{name}") for name in questions)
    value = table.get("done", (str, dict))
    if value == "answer":
        if not questions:
            table.fail("done", tr("is “answer”, and the step has no [[step.ask]]"))
        return All(answered), False
    if value == "read":
        return All(answered), not answered
    if isinstance(value, str):
        table.fail("done", tr('is {value!r}; it is a table of conditions, "answer" or "read"', value=value))
    held = condition_from(table.table("done"))
    return (All((held, *answered)) if answered else held), False


def _check_ids(table: TomlTable, steps: tuple[LessonStep, ...]) -> None:
    seen: set[str] = set()
    for at, step in enumerate(steps):
        if step.guide.id in seen:
            table.file.fail(("step", at, "id"), tr("{id!r} is the id of an earlier step too", id=step.guide.id))
        seen.add(step.guide.id)
