"""What the panel of a lesson says, and when it would tell too much."""

from __future__ import annotations

import pytest

from explorer.core.lessons.lesson import Lesson
from explorer.core.lessons.lesson_file import lesson_from
from explorer.ui.lessons.lesson_words import note_words, then_of
from tests.support.lesson_files import SMALL


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
