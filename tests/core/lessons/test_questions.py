"""An answer is held against the open model: with another model another answer is right."""

from __future__ import annotations

import pytest

from explorer.core.guides.conditions import Predicts, ValueIs
from explorer.core.lessons.questions import (
    Answer,
    AnswerOption,
    Question,
    QuestionKind,
    fault_of_answer,
    is_right,
    numbers_from,
    solution,
    true_answer,
    wrong_answer,
)
from tests.support.lesson_files import facts

SURE = Question("q", QuestionKind.NUMBER, "How sure?", of="prediction.star", unit="%", tolerance=1)
WHICH = Question(
    "q", QuestionKind.CHOICE, "Which?", of="top.label", options=(AnswerOption("cross"), AnswerOption("*star*"))
)
WHEN = Question(
    "q",
    QuestionKind.CHOICE,
    "What now?",
    options=(AnswerOption("low", Predicts("star", below=0.5)), AnswerOption("high", Predicts("star", at_least=0.5))),
)
BRIGHT = Question("q", QuestionKind.POINT, "Where?", of="map.max")
ZERO = Question("q", QuestionKind.POINT, "Where?", when=ValueIs("value", equals=0.0))
NAME = Question("q", QuestionKind.TEXT, "What?", of="top.label")
WORDS = Question("q", QuestionKind.TEXT, "What?", accept=("a star*", "star"))
FREE = Question("q", QuestionKind.TEXT, "What do you think?")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("94", (94.0,)),
        ("94,5 %", (94.5,)),
        (" 0,345", (0.345,)),
        ("1,234", (1.234, 1234.0)),
        ("10.838.016", (10838016.0,)),
        ("10,838,016", (10838016.0,)),
        ("−3", (-3.0,)),
        ("-1e-3", (-0.001,)),
        ("many", ()),
        ("nan", ()),
        ("1e999", ()),
        ("", ()),
    ],
)
def test_numbers_are_read_with_point_and_comma(text: str, numbers: tuple[float, ...]) -> None:
    assert numbers_from(text) == numbers


@pytest.mark.parametrize(
    ("question", "answer", "right"),
    [
        (SURE, "94", True),
        (SURE, "93,1", True),
        (SURE, "92", False),
        (SURE, "0.94", False),
        (WHICH, "2", True),
        (WHICH, "1", False),
        (WHICH, "3", False),
        (WHEN, "2", True),
        (NAME, " Star ", True),
        (NAME, "cross", False),
        (WORDS, "A  star of five", True),
        (WORDS, "a cross", False),
        (FREE, "I do not know", None),
    ],
)
def test_an_answer_is_right_or_not(question: Question, answer: str, right: bool | None) -> None:
    assert is_right(question, Answer(answer), facts()) is right


def test_another_model_has_other_right_answers() -> None:
    other = facts(star=0.2)
    assert is_right(SURE, Answer("20"), other) is True
    assert is_right(SURE, Answer("94"), other) is False
    assert is_right(WHEN, Answer("1"), other) is True


def test_a_cell_is_right_by_its_value() -> None:
    assert is_right(BRIGHT, Answer("", (2, 3), 1, "conv"), facts()) is True
    assert is_right(BRIGHT, Answer("", (2, 2), 1, "conv"), facts()) is False
    near = Question("q", QuestionKind.POINT, "Where?", of="map.max", within=1)
    assert is_right(near, Answer("", (2, 2), 1, "conv"), facts()) is True
    assert is_right(near, Answer("", (0, 0), 1, "conv"), facts()) is False
    assert is_right(ZERO, Answer("", (1, 1), 0, "conv"), facts(channel=0)) is True  # value 5 - 5


@pytest.mark.parametrize("question", [SURE, WHICH, WHEN, BRIGHT, NAME, WORDS], ids=lambda each: each.of or each.kind)
def test_the_true_answer_is_taken_and_a_wrong_one_refused(question: Question) -> None:
    right, wrong = true_answer(question, facts()), wrong_answer(question, facts())
    assert right is not None
    assert wrong is not None
    assert is_right(question, right, facts()) is True
    assert is_right(question, wrong, facts()) is False
    assert solution(question, facts())


def test_what_is_no_answer_says_so() -> None:
    assert fault_of_answer(SURE, Answer("many")) == "That is no number."
    assert fault_of_answer(WHICH, Answer("7")) == "Choose one of the answers."
    assert fault_of_answer(BRIGHT, Answer("")) == "Select a cell of the large map first."
    assert fault_of_answer(FREE, Answer(" ")) == "Nothing is written."
    assert fault_of_answer(SURE, Answer("3")) == ""


def test_a_question_about_what_is_not_known_has_no_answer() -> None:
    ring = Question("q", QuestionKind.NUMBER, "?", of="prediction.ring")
    assert true_answer(ring, facts()) is None
    assert is_right(ring, Answer("3"), facts()) is None


def test_a_point_may_be_far_within_and_a_token_before_the_grid_is_none() -> None:
    far = Question("q", QuestionKind.POINT, "Where?", of="map.max", within=10**9)
    assert is_right(far, Answer("", (0, 0), 1, "conv"), facts()) is True
    assert wrong_answer(far, facts()) is None
    assert is_right(BRIGHT, Answer("", (-1, 3), 1, "conv"), facts()) is False
    low = Question("q", QuestionKind.POINT, "Where?", of="map.min")
    found = true_answer(low, facts())
    assert found is not None
    assert found.cell == (0, 0)
