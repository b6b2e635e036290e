"""What the panel of a lesson says of a step and of answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from explorer.core.errors import ExplorerError
from explorer.core.guides.conditions import facts_held, missing
from explorer.core.guides.guide import plain_words, values_named, with_values
from explorer.core.guides.known_facts import Facts
from explorer.core.lessons.lesson import Lesson, LessonStep, question_key
from explorer.core.lessons.lesson_record import GivenAnswer, LessonRecord
from explorer.core.lessons.questions import Question
from explorer.core.translation import tr
from explorer.engine.lessons.class_file import last_step

_PREDICTION = "prediction"
_LONGEST = 50  # letters of a question that is named
_LEADS = {  # a thing that is pointed at -> the fact that it changes
    "toolbar.model": "model",
    "toolbar.input": "input",
    "strip": "tap",
    "transfer.strip": "tap",
    "tab": "page",
    "workspace": "workspace",
    "transfer.data": "data",
}


def questions_of_step(step: LessonStep) -> frozenset[str]:
    """Under what the answers to its questions are kept."""
    return frozenset(question_key(step, question) for question in step.questions)


def then_of(step: LessonStep, answered: Collection[str]) -> str:
    """What is said once the step is done; "" as long as it would tell a value that a question of the step still asks for."""
    named = {_topic(name) for name in values_named(step.guide.then)}
    open_questions = (each for each in step.questions if question_key(step, each) not in answered)
    return "" if any(named & {_topic(value) for value in each.values} for each in open_questions) else step.guide.then


def _topic(value: str) -> str:
    """What a live value is about, of whatever layer; the prediction as a whole: each class tells of the others."""
    return _PREDICTION if value.startswith(("prediction.", "top.")) else re.split(r"[@\[]", value)[0]


def pointed(step: LessonStep, acted: bool, done: bool) -> bool:
    """Whether something is framed: until it is done, and what a text is about that asks for no act as long as it is read."""
    return not acted if step.guide.show else step.reading or not done


def points_of(step: LessonStep, facts: Facts) -> tuple[str, ...]:
    """What can be framed: of its names those that do not only lead to what is there already."""
    held = facts_held(step.guide.done, facts)
    return tuple(name for name in step.guide.point if _LEADS.get(name, _LEADS.get(name.partition(".")[0])) not in held)


def held_words(lesson: Lesson, at: int, class_text: str) -> tuple[str, str]:
    """Of what the class file says: why a class waits at a step, from 0, and what is wrong with the file; "" each where there is nothing."""
    try:
        last = last_step(class_text, [step.guide.id for step in lesson.steps])
    except ExplorerError as error:
        return "", error.why
    waits = last is not None and last <= at < len(lesson.steps) - 1
    return (tr("The class waits here, until the teacher lets it go on."), "") if waits else ("", "")


def closed_why(lesson: Lesson, step: LessonStep, record: LessonRecord, class_text: str) -> str:
    """Why the step cannot be left forward; "" where it can."""
    known = record.step(step.guide.id)
    held, _ = held_words(lesson, record.at, class_text)
    if held:
        return held
    if step.hold and not known.passed:
        return tr("The teacher has not said the word yet.")
    if lesson.gated and not known.done:
        return tr("First do what the step says; Check says what is missing.")
    return ""


def missing_words(step: LessonStep, record: LessonRecord, facts: Facts, answered: Collection[str]) -> tuple[str, ...]:
    """What of a step is still to be done, a sentence each."""
    if step.reading:
        return ()
    asked = tuple(
        tr("the question “{short}” is not answered", short=_short(question.text))
        for question in step.questions
        if question_key(step, question) not in answered
    )
    if record.step(step.guide.id).done:
        return asked
    return (*missing(step.guide.done, replace(facts, answered=questions_of_step(step))), *asked)


def note_words(hints: Sequence[str], missing: Sequence[str], hint_asked: bool, checked: bool, wrong_word: str) -> str:
    """What stands in the frame at the end: hints; what is missing, where that was asked for; that a word was not the teacher's."""
    words, listed = list(hints), "; ".join(missing)
    if checked:
        words.append(tr("Not yet: {list}.", list=listed) if missing else tr("Everything of this step is done."))
    elif hint_asked and missing and not hints:
        words.append(tr("What is missing: {list}.", list=listed))
    return "\n".join((*words, *([wrong_word] if wrong_word else ())))


def verdict_words(question: Question, given: GivenAnswer | None, facts: Facts, test: bool) -> tuple[str, bool, str]:
    """(what is said of the last answer, whether it is the last, the marks). In a test an answer is kept and not judged aloud."""
    marks = f"{question.marks:g} {(tr('mark') if question.marks == 1 else tr('marks'))}" if question.marks else ""
    if given is None:
        return "", False, marks
    if test:
        return tr("Your answer is kept."), True, marks
    if given.right is None:
        return tr("It is kept for the teacher."), False, marks
    if not given.right:
        return tr("That is not right. Try it again."), False, marks
    explained = plain_words(with_values(question.explain, facts))
    return (
        tr("Right. {explained}", explained=explained).strip(),
        True,
        tr("{marks:g} of {marks2:g}", marks=given.marks, marks2=question.marks) if question.marks else "",
    )


def _short(text: str) -> str:
    plain = plain_words(text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 2]}…"
