"""What the panel says of a step, from plain values."""

from __future__ import annotations

from explorer.core.lessons.lesson import LessonStep
from explorer.core.lessons.lesson_file import lesson_from
from explorer.ui.lessons.lesson_words import points_of, then_of
from tests.support.lesson_files import SMALL, facts

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
