"""Plays a lesson from start to end in a window that nobody sees, and says of every step whether it can be done, shown and answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.api.qt_start import quiet_qt, unseen_without_display
from explorer.cli.screenshot import ask_nobody
from explorer.cli.waits import await_capture, await_rest
from explorer.core.errors import ExplorerError, Failure
from explorer.core.guides.conditions import missing
from explorer.core.guides.guide import values_named
from explorer.core.guides.known_facts import Facts
from explorer.core.guides.live_values import live
from explorer.core.lessons.lesson import LessonStep, question_key
from explorer.core.lessons.lesson_names import missing_in, models_of
from explorer.core.lessons.lesson_texts import faults_of
from explorer.core.lessons.questions import Question, fault_of_answer, is_right, true_answer, wrong_answer
from explorer.core.translation import tr
from explorer.engine.lessons.lesson_source import OpenedLesson, missing_of, open_lesson

if TYPE_CHECKING:
    from explorer.app import Application
    from explorer.ui.guide.performing import Performer

_SIZE = (1280, 800)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LessonReport:
    """`faults`: in words, none where the lesson is whole."""

    id: str
    title: str
    languages: tuple[str, ...]
    steps: int
    questions: int
    seconds: float
    faults: tuple[str, ...]


def check_lesson(path: Path, say: Say, trust_code: bool = False, step_s: float = 60.0) -> LessonReport:
    """Raises ExplorerError where it is no lesson at all; everything else is a fault."""
    begun = time.perf_counter()
    opened = open_lesson(path)
    opened = opened.within(opened.source.language)
    lesson = opened.lesson
    faults = [*missing_of(opened)]
    for language, entries in opened.entries.items():
        faults += faults_of(opened.source, f"po/{language}.po", entries)
    if not faults:
        for spec in models_of(lesson) if not trust_code else ():
            ask_nobody(spec)
        faults += _play(opened, say, trust_code, step_s)
    questions = sum(len(step.questions) for step in lesson.steps)
    seconds = time.perf_counter() - begun
    return LessonReport(
        lesson.id, lesson.title, opened.languages, len(lesson.steps), questions, seconds, tuple(dict.fromkeys(faults))
    )


def _play(opened: OpenedLesson, say: Say, trust_code: bool, step_s: float) -> list[str]:
    from explorer.app import Application
    from explorer.ui.settings import Settings

    unseen_without_display()
    with quiet_qt():
        app = Application("dark", trust_code, settings=Settings(lasting=False))
        try:
            if trust_code:
                app.controller.trust(*models_of(opened.lesson))
            app.window.resize(*_SIZE)
            app.window.show()
            return list(_Play(app, opened, say, step_s).faults())
        finally:
            app.window.close()
            app.window.deleteLater()


class _Play:
    """One lesson in one window."""

    def __init__(self, app: Application, opened: OpenedLesson, say: Say, step_s: float) -> None:
        from explorer.ui.guide.performing import Performer

        self._app, self._opened, self._say, self._step_s = app, opened, say, step_s
        self._performer: Performer = Performer(app.controller, lambda: None)
        self._failures: list[Failure] = []

    def faults(self) -> Iterator[str]:
        """In the order in which they are met."""
        from explorer.engine.lessons.lesson_start import session_at_start

        app, lesson = self._app, self._opened.lesson
        start = lesson.guide.start
        try:
            app.start(start.model, start.input)
            await_capture(app)
            app.controller.restore(session_at_start(self._opened))
            await_rest(app)
        except ExplorerError as error:
            yield tr("The start cannot be opened: {error}", error=error)
            return
        app.controller.failed.connect(self._failures.append)
        card, capture = app.controller.card, app.controller.capture
        if card is None or capture is None:
            yield tr("The start shows nothing.")
            return
        if absent := missing_in(lesson, card, capture):
            yield from absent
            return
        for at, step in enumerate(lesson.steps, 1):
            begun, count = time.perf_counter(), 0
            for count, fault in enumerate(self._step(step), 1):  # noqa: B007 - it is used below
                yield tr("Step {at}, {id}: {fault}", at=at, id=step.guide.id, fault=fault)
            self._say(
                tr(
                    "{ok:<8} step {at}, {id}, {perf_counter:.1f} s",
                    ok=tr("ok") if not count else "FAILED",
                    at=at,
                    id=step.guide.id,
                    perf_counter=time.perf_counter() - begun,
                )
            )

    def _step(self, step: LessonStep) -> Iterator[str]:
        from explorer.ui.guide.spots import known

        for name in step.guide.point:
            if not known(self._app.window, name):
                yield tr("point names {name!r}, and nothing in the window is called so.", name=name)
        before = self._facts(())
        yield from _unknown("text", step.guide.text, before)
        if not step.reading and step.guide.done.holds(before):
            yield tr("it is done before anybody has done anything, so that it teaches nothing.")
        yield from self._show(step)
        after = self._facts(())
        keys = []
        for question in step.questions:
            yield from _told(step, question)
            yield from _question(question, after)
            keys.append(question_key(step, question))
        facts = self._facts(keys)
        if not step.guide.done.holds(facts):
            yield tr("after “Show me” it is not done: {list}.", list="; ".join(missing(step.guide.done, facts)))
        for name, text in (
            ("then", step.guide.then),
            *((tr("hint {at}", at=at), hint) for at, hint in enumerate(step.guide.hint, 1)),
        ):
            yield from _unknown(name, text, facts)

    def _show(self, step: LessonStep) -> Iterator[str]:
        if not step.guide.show:
            return
        self._failures.clear()
        self._performer.perform(step.guide.show)
        deadline = time.monotonic() + self._step_s
        while self._performer.busy and time.monotonic() < deadline:
            self._app.qt.processEvents()
            time.sleep(0.002)
        if self._performer.busy:
            self._performer.stop()
            yield tr("“Show me” has not come to its end within {step_s:.0f} s.", step_s=self._step_s)
            return
        await_rest(self._app)
        for failure in self._failures:
            yield tr("“Show me” fails: {failure_text}", failure_text=failure.text)

    def _facts(self, answered: tuple[str, ...] | list[str]) -> Facts:
        from explorer.ui.guide.window_facts import window_facts

        return window_facts(self._app.controller, frozenset(answered))


def _unknown(where: str, text: str, facts: Facts) -> Iterator[str]:
    for name in values_named(text):
        if not live(name, facts):
            yield tr("{where} shows {{{name}}}, which is not known there.", where=where, name=name)


def _told(step: LessonStep, question: Question) -> Iterator[str]:
    """The answer must not stand in the panel before it is given; `then` waits for the answers."""
    shown = {name for text in (step.guide.text, *step.guide.hint, question.text) for name in values_named(text)}
    for name in sorted(question.values & shown):
        yield tr("{{{name}}} is shown before the question {id} asks for it.", name=name, id=question.id)


def _question(question: Question, facts: Facts) -> Iterator[str]:
    """It takes the answer that is right of the open model, and refuses one that is not."""
    if question.id and not question.judged:
        return
    for text in (question.text, question.explain, *(option.text for option in question.options)):
        yield from _unknown(tr("the question {id}", id=question.id), text, facts)
    right, wrong = true_answer(question, facts), wrong_answer(question, facts)
    asked = tr("the question {id}", id=question.id)
    if right is None:
        what = tr("{of} is not known then", of=question.of) if question.of else tr("no answer would be right then")
        yield tr("{asked} has no right answer after the step is shown: {what}.", asked=asked, what=what)
    elif fault_of_answer(question, right) or is_right(question, right, facts) is not True:
        yield tr("{asked} refuses the true answer {right_text!r}.", asked=asked, right_text=right.text)
    if wrong is None:
        yield tr("{asked} has no wrong answer.", asked=asked)
    elif is_right(question, wrong, facts) is not False:
        yield tr("{asked} takes the wrong answer {wrong_text!r}.", asked=asked, wrong_text=wrong.text)
