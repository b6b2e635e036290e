"""What the panel of a lesson says of a step and of answers. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from explorer.core.guides.conditions import missing
from explorer.core.guides.guide import plain_words, with_values
from explorer.core.guides.known_facts import Facts
from explorer.core.lessons.lesson import LessonStep, question_key
from explorer.core.lessons.lesson_record import GivenAnswer, LessonRecord
from explorer.core.lessons.questions import Question

_LONGEST = 50  # letters of a question that is named


def questions_of_step(step: LessonStep) -> frozenset[str]:
    """Under what the answers to its questions are kept."""
    return frozenset(question_key(step, question) for question in step.questions)


def missing_words(step: LessonStep, record: LessonRecord, facts: Facts, answered: Collection[str]) -> tuple[str, ...]:
    """What of a step is still to be done, a sentence each."""
    if step.reading:
        return ()
    asked = tuple(
        f"the question “{_short(question.text)}” is not answered"
        for question in step.questions
        if question_key(step, question) not in answered
    )
    if record.step(step.guide.id).done:
        return asked
    return (*missing(step.guide.done, replace(facts, answered=questions_of_step(step))), *asked)


def verdict_words(question: Question, given: GivenAnswer | None, facts: Facts, test: bool) -> tuple[str, bool, str]:
    """(what is said of the last answer, whether it is the last, the marks). In a test an answer is kept and not judged aloud."""
    marks = f"{question.marks:g} {'mark' if question.marks == 1 else 'marks'}" if question.marks else ""
    if given is None:
        return "", False, marks
    if test:
        return "Your answer is kept.", True, marks
    if given.right is None:
        return "It is kept for the teacher.", False, marks
    if not given.right:
        return "That is not right. Try it again.", False, marks
    explained = plain_words(with_values(question.explain, facts))
    return f"Right. {explained}".strip(), True, f"{given.marks:g} of {question.marks:g}" if question.marks else ""


def _short(text: str) -> str:
    plain = plain_words(text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 2]}…"
