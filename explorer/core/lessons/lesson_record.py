"""What a person has done in a lesson: answers, marks, times. Frozen; kept while the lesson runs, handed in at its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.guides.guide import plain_words
from explorer.core.lessons.lesson import Lesson, LessonStep, question_key
from explorer.core.lessons.questions import Answer, Question
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed

FORMAT = 1
_LONGEST = 4000  # characters of an answer


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """The last answer to a question. `right` None: a teacher has to read it. `truth`: what was right of the model then; `words`: the
    answer as it is read, of a choice the option."""

    text: str
    right: bool | None
    marks: float = 0.0
    tries: int = 1
    truth: str = ""
    words: str = ""
    asked: str = ""  # the question as it was read

    @property
    def read(self) -> str:
        """For a person."""
        return self.words or self.text


@dataclass(frozen=True, slots=True)
class StepRecord:
    """`shown`: the program did it. `seconds`: that the step was in front."""

    done: bool = False
    shown: bool = False
    passed: bool = False  # the teacher's word was given
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LessonRecord:
    """`digest`: of lesson.toml, so that a teacher sees whether it was the same lesson. `answers` by "STEP/QUESTION"."""

    lesson: str
    title: str = ""
    digest: str = ""
    language: str = ""
    person: str = ""
    begun: str = ""  # ISO 8601, of this machine
    ended: str = ""
    at: int = 0  # the step in front, from 0
    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    answers: Mapping[str, GivenAnswer] = field(default_factory=dict)

    def step(self, name: str) -> StepRecord:
        """What is known of a step."""
        return self.steps.get(name, StepRecord())

    def with_step(self, name: str, **fields: Any) -> LessonRecord:
        """With some fields of a step changed."""
        return replace(self, steps={**self.steps, name: replace(self.step(name), **fields)})

    @property
    def seconds(self) -> float:
        """Of all steps."""
        return sum(step.seconds for step in self.steps.values())

    def answered(self, test: bool = False) -> frozenset[str]:
        """The questions that have an answer which may stay: right ones, and those that a teacher reads; in a test every one."""
        return frozenset(key for key, given in self.answers.items() if test or given.right is not False)


def with_answer(
    record: LessonRecord,
    step: LessonStep,
    question: Question,
    answer: Answer,
    right: bool | None,
    truth: str = "",
    words: str = "",
    asked: str = "",
) -> LessonRecord:
    """With one more answer: full marks for the first try, half for the second, none later; a right answer stays."""
    key = question_key(step, question)
    before = record.answers.get(key)
    if before is not None and before.right:
        return record
    tries = 1 if before is None else before.tries + 1
    marks = question.marks * {1: 1.0, 2: 0.5}.get(tries, 0.0) if right else 0.0
    given = GivenAnswer(answer.text[:_LONGEST], right, marks, tries, truth, words[:_LONGEST], asked[:_LONGEST])
    return replace(record, answers={**record.answers, key: given})


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line of a result: a step, or a question of it. `state`: in words."""

    title: str
    state: str
    marks: float
    most: float
    answer: str = ""
    truth: str = ""
    question: bool = False
    wrong: bool = False


def result_rows(lesson: Lesson, record: LessonRecord) -> tuple[ResultRow, ...]:
    """Of all steps and questions, in their order."""
    rows: list[ResultRow] = []
    for step in lesson.steps:
        known = record.step(step.guide.id)
        rows.append(ResultRow(plain_words(step.guide.title), _state(step, known), step_marks(step, known), step.marks))
        for question in step.questions:
            rows.append(_question_row(question, record.answers.get(question_key(step, question))))
    return tuple(rows)


def _state(step: LessonStep, known: StepRecord) -> str:
    if step.reading:
        return tr("read") if known.seconds else tr("not opened")
    if known.shown:
        return tr("shown")
    if known.done:
        return tr("done")
    return tr("skipped") if known.seconds else tr("not opened")


def _question_row(question: Question, given: GivenAnswer | None) -> ResultRow:
    if given is None:
        return ResultRow(plain_words(question.text), tr("not answered"), 0.0, question.marks, question=True)
    tries = "" if given.tries == 1 else tr(", {tries} tries", tries=given.tries)
    state = (
        tr("to be read")
        if given.right is None
        else tr("right{tries}", tries=tries)
        if given.right
        else tr("wrong{tries}", tries=tries)
    )
    asked = plain_words(given.asked or question.text)
    return ResultRow(asked, state, given.marks, question.marks, given.read, given.truth, True, given.right is False)


def step_marks(step: LessonStep, known: StepRecord) -> float:
    """For doing it oneself."""
    return step.marks if known.done and not known.shown else 0.0


def marks_of(lesson: Lesson, record: LessonRecord) -> float:
    """All marks so far."""
    return sum(row.marks for row in result_rows(lesson, record))


def record_json(record: LessonRecord) -> str:
    """For a file."""
    return json.dumps({"format": FORMAT, **asdict(record)}, indent=1, ensure_ascii=False)


def record_from(text: str | bytes) -> LessonRecord:
    """Raises ExplorerError for what is no record."""
    try:
        data = parsed(text)
        if data.get("format") != FORMAT:
            raise ValueError(
                tr("it is of format {data!r}, and {format} is read", data=data.get("format"), format=FORMAT)
            )
        known = {key: value for key, value in data.items() if key in LessonRecord.__dataclass_fields__}
        known["steps"] = {str(key): _step_from(value) for key, value in known.get("steps", {}).items()}
        known["answers"] = {str(key): _answer_from(value) for key, value in known.get("answers", {}).items()}
        for name in ("lesson", "title", "digest", "language", "person", "begun", "ended"):
            known[name] = str(known.get(name, ""))
        known["at"] = max(int(known.get("at", 0)), 0)
        return LessonRecord(**known)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise ExplorerError(tr("This is no record of a lesson."), f"{error}.") from None


def _step_from(data: Any) -> StepRecord:
    return StepRecord(
        bool(data.get("done")), bool(data.get("shown")), bool(data.get("passed")), float(data.get("seconds", 0))
    )


def _answer_from(data: Any) -> GivenAnswer:
    right = data.get("right")
    if right not in (True, False, None):
        raise ValueError(tr("an answer is neither right nor wrong"))
    text, truth = str(data.get("text", ""))[:_LONGEST], str(data.get("truth", ""))[:_LONGEST]
    words, asked = str(data.get("words", ""))[:_LONGEST], str(data.get("asked", ""))[:_LONGEST]
    return GivenAnswer(text, right, float(data.get("marks", 0)), int(data.get("tries", 1)), truth, words, asked)
