"""A lesson: a guide, and what a class needs beside it."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.guides.guide import Guide, GuideStep
from explorer.core.lessons.questions import Question

LEVELS = ("school", "course", "research")


@dataclass(frozen=True, slots=True)
class LessonStep:
    """`hold`: a word that the teacher says aloud before the step may be left. `reading`: there is nothing to do but to read."""

    guide: GuideStep
    questions: tuple[Question, ...] = ()
    marks: float = 0.0
    hold: str = ""
    reading: bool = False

    @property
    def most(self) -> float:
        """Marks that can be had."""
        return self.marks + sum(question.marks for question in self.questions)


@dataclass(frozen=True, slots=True)
class Lesson:
    """`gated`: a step is left only when it is done and answered. `show_me`: whether the program may do a step for a person.
    `number`: its place among the lessons inside. `needs`: models and inputs that must be there beside those of the start.
    `session`: a file in the lesson that the start opens."""

    guide: Guide
    steps: tuple[LessonStep, ...]
    language: str = "en"
    licence: str = ""
    authors: tuple[str, ...] = ()
    level: str = "school"
    application: str = ""  # the first version that it works with
    needs: tuple[str, ...] = ()
    gated: bool = False
    show_me: bool = True
    session: str = ""
    weights: str = ""
    number: int = 0

    @property
    def id(self) -> str:
        """Tells it from other lessons."""
        return self.guide.id

    @property
    def title(self) -> str:
        return self.guide.title

    @property
    def most(self) -> float:
        """Marks that can be had."""
        return sum(step.most for step in self.steps)

    def step(self, name: str) -> LessonStep:
        """Raises KeyError where there is none."""
        for step in self.steps:
            if step.guide.id == name:
                return step
        raise KeyError(name)


def question_key(step: LessonStep, question: Question) -> str:
    """What answers are kept under: "STEP/QUESTION"."""
    return f"{step.guide.id}/{question.id}"
