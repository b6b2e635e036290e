"""Reads a lesson from `lesson.toml`: what is not known is refused with the line and the key; nothing in it runs."""

from __future__ import annotations

import re

from explorer.core.guides.act_table import FIELDS, act_from, input_in, session_fields
from explorer.core.guides.condition_table import condition_from
from explorer.core.guides.conditions import All, Answered, Condition
from explorer.core.guides.contradictions import contradiction
from explorer.core.guides.guide import Guide, GuideStep, Start, fault_of_values
from explorer.core.guides.guide_file import check_format, steps_in
from explorer.core.guides.toml_table import TomlTable, table_of
from explorer.core.lessons.lesson import LEVELS, Lesson, LessonStep
from explorer.core.lessons.lesson_pictures import fault_of_links
from explorer.core.lessons.question_table import question_from
from explorer.core.models import ModelSpec

NAME = "lesson.toml"
KIT_SUFFIX = ".fmxlab"
REFUSED = "This lesson cannot be used."
MOST_BYTES = 1 << 20  # of lesson.toml
MOST_CHARACTERS = 8000  # of a text

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
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
        table.fail("minutes", f"is {minutes}; 1 to 600 can be")
    steps = tuple(_step(each) for each in steps_in(table))
    _check_ids(table, steps)
    start, session, weights = _start(TomlTable(table.file, ("start",), table.data.get("start")))
    title, about = lesson_text(table, "title", True), lesson_text(table, "about", False)
    guide = Guide(_id(table), title, about, minutes, start, tuple(step.guide for step in steps))
    return Lesson(
        guide,
        steps,
        _matching(table, "language", _LANGUAGE, "en", "is no language, such as en, de or pt_BR"),
        table.get("licence", str, ""),
        table.texts("authors"),
        level,
        _matching(table, "application", _VERSION, "", "is no version, such as 0.1"),
        table.texts("needs"),
        order == "gated",
        table.get("show_me", bool, True),
        session,
        weights,
    )


def _one_of(table: TomlTable, key: str, known: tuple[str, ...], default: str) -> str:
    value: str = table.get(key, str, default)
    if value not in known:
        table.fail(key, f"is {value!r}; known are {', '.join(known)}")
    return value


def _matching(table: TomlTable, key: str, pattern: re.Pattern[str], default: str, why: str) -> str:
    value: str = table.get(key, str, default)
    if value != default and not pattern.fullmatch(value):
        table.fail(key, f"{value!r} {why}")
    return value


def _id(table: TomlTable) -> str:
    value: str = table.get("id", str)
    if not _ID.fullmatch(value):
        table.fail("id", f"{value!r} is no id: lower-case letters, digits and hyphens, at most 60")
    return value


def lesson_text(table: TomlTable, key: str, needed: bool) -> str:
    """A text in Markdown: its values exist, its pictures lie in the lesson, it leads nowhere else."""
    text: str = table.get(key, str, None if needed else "")
    check_text(table, key, text)
    return text


def check_text(table: TomlTable, key: str, text: str) -> None:
    """Raises ExplorerError for a text that cannot be shown."""
    if len(text) > MOST_CHARACTERS:
        table.fail(key, f"has {len(text):,} characters; {MOST_CHARACTERS:,} can be shown")
    if why := fault_of_values(text) or fault_of_links(text):
        table.fail(key, why)


def _start(table: TomlTable) -> tuple[Start, str, str]:
    table.only("model", "weights", "untrained", "input", "session", *FIELDS)
    own = ("model", "weights", "untrained", "input", "session")
    fields = {key: value for key, value in table.data.items() if key not in own}
    spec = ModelSpec(table.get("model", str), untrained=table.get("untrained", bool, False))
    start = Start(spec, input_in(table, "input"), session_fields(TomlTable(table.file, table.path, fields)))
    return start, table.get("session", str, ""), table.get("weights", str, "")


def _step(table: TomlTable) -> LessonStep:
    table.only("id", "title", "text", "then", "hint", "point", "done", "show", "marks", "hold", "ask")
    name = _id(table)
    questions = tuple(question_from(each) for each in table.tables("ask", []))
    if len({question.id for question in questions}) < len(questions):
        table.fail("ask", "two questions of this step have the same id")
    done, reading = _done(table, name, tuple(question.id for question in questions))
    if why := contradiction(done):
        table.fail("done", f"can never hold: {why}")
    acts = tuple(act_from(each) for each in table.tables("show", []))
    if not acts and not reading and not isinstance(table.data.get("done"), str):
        table.fail("show", 'is missing: say what does this step for a person, or done = "answer" or done = "read"')
    hints = table.texts("hint")
    for hint in hints:
        check_text(table, "hint", hint)
    guide = GuideStep(
        name,
        lesson_text(table, "title", True),
        lesson_text(table, "text", True),
        done,
        acts,
        table.texts("point"),
        hints,
        lesson_text(table, "then", False),
    )
    marks = float(table.get("marks", (int, float), 0.0))
    if not 0 <= marks <= 1000:
        table.fail("marks", f"is {marks:g}; 0 to 1000 can be")
    return LessonStep(guide, questions, marks, table.get("hold", str, "").strip(), reading)


def _done(table: TomlTable, step: str, questions: tuple[str, ...]) -> tuple[Condition, bool]:
    """(when a step is done, whether it is only read)."""
    answered = tuple(Answered(f"{step}/{name}") for name in questions)
    value = table.get("done", (str, dict))
    if value == "answer":
        if not questions:
            table.fail("done", "is “answer”, and the step has no [[step.ask]]")
        return All(answered), False
    if value == "read":
        return All(answered), not answered
    if isinstance(value, str):
        table.fail("done", f'is {value!r}; it is a table of conditions, "answer" or "read"')
    held = condition_from(table.table("done"))
    return (All((held, *answered)) if answered else held), False


def _check_ids(table: TomlTable, steps: tuple[LessonStep, ...]) -> None:
    seen: set[str] = set()
    for at, step in enumerate(steps):
        if step.guide.id in seen:
            table.file.fail(("step", at, "id"), f"{step.guide.id!r} is the id of an earlier step too")
        seen.add(step.guide.id)
