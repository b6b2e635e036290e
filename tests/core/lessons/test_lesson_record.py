"""Records of a lesson: marks, results as a page, files of them; and steps recorded from two sessions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.lessons.lesson_file import lesson_from
from explorer.core.lessons.lesson_record import (
    LessonRecord,
    marks_of,
    record_from,
    record_json,
    result_rows,
    with_answer,
)
from explorer.core.lessons.lesson_result_page import result_html
from explorer.core.lessons.questions import Answer
from explorer.core.lessons.recorded_step import WindowState, free_name, inserted, recorded_step
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session
from tests.support.lesson_files import SMALL

LESSON = lesson_from(SMALL)
DEEPER = LESSON.steps[1]
NUMBER, CHOICE = DEEPER.questions
EMPTY = LessonRecord("small", "Small", "d" * 64, "en", begun="2026-01-02T10:00:00")


def given(record: LessonRecord, text: str, right: bool | None) -> LessonRecord:
    return with_answer(record, DEEPER, NUMBER, Answer(text), right, "32")


def test_the_first_try_counts_whole_and_the_second_half() -> None:
    assert given(EMPTY, "32", True).answers["deeper/channels"].marks == 1.0
    once = given(EMPTY, "31", False)
    assert given(once, "32", True).answers["deeper/channels"].marks == 0.5
    assert given(given(once, "30", False), "32", True).answers["deeper/channels"].marks == 0.0
    right = given(EMPTY, "32", True)
    assert given(right, "5", False) is right  # what was right stays
    assert once.answered() == frozenset()
    assert once.answered(test=True) == right.answered() == {"deeper/channels"}


def test_a_step_that_was_shown_gives_no_marks() -> None:
    assert marks_of(LESSON, EMPTY.with_step("deeper", done=True)) == 2.0
    assert marks_of(LESSON, EMPTY.with_step("deeper", done=True, shown=True)) == 0.0


def test_a_result_has_a_row_for_each_step_and_question() -> None:
    record = given(EMPTY.with_step("look", seconds=3.0).with_step("deeper", seconds=60.0), "<31>", False)
    rows = result_rows(LESSON, record)
    assert [row.state for row in rows] == ["read", "skipped", "wrong", "not answered"]
    assert (rows[2].answer, rows[2].truth) == ("<31>", "32")
    page = result_html(LESSON, replace(record, person="<b>Ada</b>"))
    assert "&lt;31&gt;" in page
    assert "(right: 32)" in page
    assert rows[2].wrong
    assert "<b>Ada" not in page
    assert "0 of 4" in page
    assert "63 s" in page


def test_a_record_comes_back_from_its_file() -> None:
    record = given(EMPTY.with_step("look", done=True, seconds=1.5), "ä 32", None)
    assert record_from(record_json(record)) == record


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": 9}', '{"format": 1, "steps": []}', '{"format": 1, "answers": {"a": {"right": 2}}}'],
)
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(ExplorerError, match="This is no record of a lesson"):
        record_from(text)


# --- steps recorded by doing them

BEFORE = WindowState(Session(ModelSpec("demo:shapes-cnn"), InputRef("sample", "cat"), "stem.2", page="values"))


def recorded(labelled: str = "", computed: frozenset[str] = frozenset(), **fields: object) -> str:
    after = WindowState(replace(BEFORE.session, **fields), labelled, computed)  # type: ignore[arg-type]
    step = recorded_step("step-3", BEFORE, after)
    lesson = lesson_from(inserted(SMALL, step, 0))
    assert [each.guide.id for each in lesson.steps] == ["look", "step-3", "deeper"]
    return step


@pytest.mark.parametrize(
    ("fields", "done", "show"),
    [
        (
            {"tap": "stage1.0", "channel": 4},
            'tap = "stage1.0", channel = 4',
            '{ set = { tap = "stage1.0", channel = 4 } }',
        ),
        ({"cell": (1, 2)}, "cell = [1, 2]", "{ set = { cell = [1, 2] } }"),
        ({"page": "health"}, 'page = "health"', '{ set = { page = "health" } }'),
        ({"shows": "components"}, 'shows = "components"', '{ set = { shows = "components" } }'),
        ({"input": InputRef("text", 'a "b"')}, 'input = "text:a \\"b\\""', '{ input = "text:a \\"b\\"" }'),
        ({"model": ModelSpec("demo:shapes-vit")}, 'model = "demo:shapes-vit"', '{ model = "demo:shapes-vit" }'),
        ({"labelled": "star"}, 'class = "star"', '{ class = "star" }'),
        ({"computed": frozenset(["health"])}, 'computed = "health"', '{ run = "health" }'),
        (
            {"edits": (Edit("stem.2", (3,)), Edit("stem.2", (5,)))},
            'edits = { tap = "stem.2", at_least = 2 }',
            '{ zero = { tap = "stem.2", channels = [3, 5] } }',
        ),
    ],
)
def test_what_was_done_becomes_conditions_and_acts(fields: dict[str, object], done: str, show: str) -> None:
    step = recorded(**fields)  # type: ignore[arg-type]
    assert f"done = {{ {done} }}" in step
    assert f"show = [{show}]" in step


def test_cleared_edits_are_a_step() -> None:
    edited = WindowState(replace(BEFORE.session, edits=(Edit("stem.2", (3,)),)))
    step = recorded_step("s", edited, BEFORE)
    assert "done = { edits = { at_least = 0 } }" in step
    assert "show = [{ zero = { count = 0 } }]" in step


def test_nothing_is_no_step() -> None:
    with pytest.raises(ExplorerError, match="There is no step to record"):
        recorded_step("s", BEFORE, BEFORE)


def test_a_step_goes_to_the_end_behind_the_last_one() -> None:
    text = inserted(SMALL, "[[step]]\nid = 'x'\ntitle = 't'\ntext = 't'\ndone = 'read'\n", 1)
    assert [step.guide.id for step in lesson_from(text).steps] == ["look", "deeper", "x"]
    assert free_name(["step-3", "a"]) == "step-4"
