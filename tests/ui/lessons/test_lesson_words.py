"""What the panel of a lesson says, and when it would tell too much."""

from __future__ import annotations

import pytest

from explorer.core.lessons.lesson import Lesson, LessonStep
from explorer.core.lessons.lesson_file import lesson_from
from explorer.ui.lessons.lesson_words import note_words, points_of, then_of
from tests.support.lesson_files import SMALL, facts


def lesson(then: str, question: str) -> Lesson:
    text = SMALL[: SMALL.index("[[step.ask]]")].replace(
        'then = "{layer.channels@stage1.0.conv1} channels"', f'then = "{then}"'
    )
    return lesson_from(f'{text}[[step.ask]]\nid = "one"\ntext = "Which?"\n{question}\n')


NUMBER = 'kind = "number"\nof = "layer.width@stage1.0.conv1"'
FIRST = 'kind = "choice"\noptions = ["star", "disc"]\nof = "top.label"'
FALLS = """kind = "choice"
options = [
  { text = "It falls", when = { prediction = { label = "star", below = 0.5 } } },
  { text = "It stays", when = { prediction = { label = "star", at_least = 0.5 } } },
]"""
LARGE = """kind = "choice"
options = [
  { text = "Yes", when = { measured = { of = "layer.receptive@stem.2", at_least = 9 } } },
  { text = "No", when = { measured = { of = "layer.receptive@stem.2", below = 9 } } },
]"""


@pytest.mark.parametrize(
    ("then", "question", "told"),
    [
        ("{layer.channels} maps", NUMBER, True),
        ("{layer.height} × {layer.width}", NUMBER, False),  # the shown layer may be the one that is asked about
        ("{prediction.disc}", FIRST, False),  # one class tells of the others
        ("{top.label} now", FALLS, False),
        ("{map.max} now", FALLS, True),
        ("{layer.receptive}", LARGE, False),
    ],
)
def test_what_a_question_asks_for_is_not_told_before(then: str, question: str, told: bool) -> None:
    step = lesson(then, question).steps[1]
    assert then_of(step, ()) == (then if told else "")
    assert then_of(step, ("deeper/one",)) == then


def test_what_is_missing_is_said_until_nothing_is() -> None:
    assert note_words(["A hint."], ["this"], False, False, "") == "A hint."
    assert note_words(["A hint."], ["this", "that"], True, True, "") == "A hint.\nNot yet: this; that."
    assert note_words([], [], True, True, "") == "Everything of this step is done."
    assert note_words([], ["the question"], True, False, "") == "What is missing: the question."
    assert note_words([], ["the question"], False, False, "") == ""
    assert note_words([], [], False, False, "No.") == "No."


CHOICE = """[[step.ask]]
id = "falls"
kind = "choice"
text = "What happens?"
options = [
  { text = "It falls", when = { all = [{ prediction = { label = "star", below = 0.5 } }] } },
  { text = "It stays", when = { not = { measured = { of = "value", below = 0.5 } } } },
]
"""


def step_of(text: str) -> LessonStep:
    return lesson_from(text).steps[1]


def test_then_waits_for_a_choice_that_it_would_give_away() -> None:
    for told in ("{prediction.star}", "{value:.2f}"):
        step = step_of(SMALL.replace("{layer.channels@stage1.0.conv1} channels", f"It is {told}") + CHOICE)
        assert then_of(step, ("deeper/channels", "deeper/why")) == ""
        assert then_of(step, ("deeper/falls",)) == f"It is {told}"


def test_then_waits_for_the_place_that_a_point_asks_for() -> None:
    point = SMALL.replace(
        'kind = "number"\ntext = "How many?"\nof = "layer.channels@stage1.0.conv1"',
        'kind = "point"\ntext = "?"\nof = "map.max"',
    )
    step = step_of(point.replace("{layer.channels@stage1.0.conv1} channels", "In column {map.column}"))
    assert then_of(step, ()) == ""
    assert then_of(step, ("deeper/channels",)) == "In column {map.column}"


def test_what_leads_to_something_that_is_there_is_not_pointed_at() -> None:
    text = SMALL.replace('point = ["strip"]', 'point = ["toolbar.model", "strip", "map"]')
    text = text.replace('done = { tap = "stage1.*" }', 'done = { model = "demo:m", tap = "stage1.*" }')
    assert points_of(step_of(text), facts()) == ("strip", "map")
    assert points_of(step_of(text.replace('tap = "stage1.*"', 'tap = "conv"')), facts()) == ("map",)
