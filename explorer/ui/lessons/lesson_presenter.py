"""Runs a lesson in the real window: opens its start, points, looks whether a step is done, shows it when asked, takes answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from explorer.core.errors import ExplorerError, Failure
from explorer.core.guides.guide import plain_words, with_values
from explorer.core.guides.known_facts import Facts
from explorer.core.lessons.lesson import Lesson, LessonStep, question_key
from explorer.core.lessons.lesson_names import expected_place, missing_in
from explorer.core.lessons.lesson_record import LessonRecord, marks_of, with_answer
from explorer.core.lessons.lesson_result_page import marks_words
from explorer.core.lessons.questions import Answer, QuestionKind, fault_of_answer, is_right, solution
from explorer.core.lessons.recorded_step import WindowState
from explorer.core.translation import tr
from explorer.engine.lessons.class_file import ClassFile, class_file
from explorer.engine.lessons.kept_records import KeptRecords
from explorer.engine.lessons.lesson_source import OpenedLesson
from explorer.engine.lessons.lesson_start import session_at_start
from explorer.ui.controller import Controller
from explorer.ui.guide.highlight import Highlight
from explorer.ui.guide.performing import Performer, at_rest
from explorer.ui.guide.spots import spot
from explorer.ui.guide.window_facts import window_facts, window_state
from explorer.ui.lessons.lesson_panel import LessonPanel
from explorer.ui.lessons.lesson_words import (
    closed_why,
    held_words,
    missing_words,
    note_words,
    pointed,
    points_of,
    questions_of_step,
    then_of,
    verdict_words,
)
from explorer.ui.notices import failure_of

_EVERY = 400  # ms: for what no signal tells
_HINT_S = 20  # after which the first hint is shown
_KEEP_S = 5


class LessonPresenter(QObject):
    """`finished`: the last step was left; `closed`: the lesson was left, and goes on from there the next time."""

    finished = Signal()
    closed = Signal()

    def __init__(self, controller: Controller, panel: LessonPanel, kept: KeptRecords) -> None:
        super().__init__(controller)
        self._c, self.panel, self._kept = controller, panel, kept
        page = controller.window.centralWidget()
        assert page is not None
        self.highlight = Highlight(page)
        self.opened: OpenedLesson | None = None
        self.record = LessonRecord("")
        self.begun = False  # whether its start has come
        self._class: ClassFile | None = None  # how far the class may go
        self.at_turn: WindowState | None = None  # when the step in front was come to, for an author
        self.faults: tuple[str, ...] = ()  # what the model does not have that the lesson names
        self._hints = 0  # that are shown
        self._checked = False  # whether what is missing was asked for
        self._wrong_word = ""  # what is said of a word that is not the teacher's
        self._verdicts: dict[str, str] = {}
        self._since = QElapsedTimer()
        self._counted_ms = 0  # of this step, in the record already
        self._performer = Performer(controller, self.look)
        self._timer, self._soon, self._keeping = QTimer(self), QTimer(self), QTimer(self)
        self._timer.setInterval(_EVERY)
        self._soon.setInterval(0)
        self._soon.setSingleShot(True)
        self._keeping.setInterval(_KEEP_S * 1000)
        self._timer.timeout.connect(self.look)
        self._soon.timeout.connect(self.look)
        self._keeping.timeout.connect(self.keep)
        for told in (controller.state.changed, controller.state.history_changed, controller.captured):
            told.connect(self._look_soon)
        panel.back.connect(self.back)
        panel.next.connect(self.next)
        panel.show_me.connect(self.show_me)
        panel.hint_asked.connect(self.hint)
        panel.checked.connect(self.check)
        panel.closed.connect(self.close)
        panel.answered.connect(self.answer)
        panel.held.connect(self.release)

    # --- the way through it

    @property
    def lesson(self) -> Lesson | None:
        """The one that runs."""
        return self.opened.lesson if self.opened is not None else None

    @property
    def step(self) -> LessonStep | None:
        """The step that is shown; None while no lesson runs."""
        lesson = self.lesson
        return lesson.steps[self.record.at] if lesson is not None else None

    @property
    def showing(self) -> bool:
        """Whether a step is being shown."""
        return self._performer.busy

    @property
    def _answered(self) -> frozenset[str]:
        return self.record.answered(self.lesson is not None and not self.lesson.show_me)

    @property
    def _class_text(self) -> str:
        return self._class.text if self._class is not None else ""

    def begin(self, opened: OpenedLesson, anew: bool = False) -> None:
        """Opens what it starts from, or goes on where it was left. Raises ExplorerError."""
        start = session_at_start(opened)
        self._performer.stop()
        self._c.live.stop()
        self._class = ClassFile(class_file(opened))
        known = None if anew else self._kept.get(opened.lesson.id, opened.digest)
        self.opened, self.begun, self.faults = opened, False, ()
        if known is not None and not known[0].ended:
            self.record, session = known
            at = min(self.record.at, len(opened.lesson.steps) - 1)
            self.record = replace(self.record, at=at, language=opened.language)
            self._c.restore(session if session is not None else start)
        else:
            now = datetime.now().isoformat(timespec="seconds")
            lesson = opened.lesson
            self.record = LessonRecord(lesson.id, lesson.title, opened.digest, opened.language, begun=now)
            self._kept.drop(self.record)  # so that no older session is found beside it
            self._c.restore(start)
        self.panel.set_folder(opened.folder)
        self._turn()
        self._timer.start()
        self._keeping.start()

    def reload(self, opened: OpenedLesson) -> None:
        """Another text of the lesson that runs: the same step stays in front."""
        self._count()
        step, before, at_turn = self.step, self.record, self.at_turn
        self.opened = opened
        names = [each.guide.id for each in opened.lesson.steps]
        at = names.index(step.guide.id) if step is not None and step.guide.id in names else self.record.at
        self.record = replace(
            self.record,
            at=min(at, len(names) - 1),
            title=opened.lesson.title,
            digest=opened.digest,
            language=opened.language,
        )
        if opened.digest != before.digest:  # what is kept is found by it
            self._kept.drop(before)
            self.keep()
        self.panel.set_folder(opened.folder)
        self._turn()
        self.at_turn = at_turn  # an author has still to record what was done since

    def next(self) -> None:
        """The next step, or the end."""
        lesson, step = self.lesson, self.step
        if lesson is None or step is None or closed_why(lesson, step, self.record, self._class_text):
            return
        self._performer.stop()
        self._count()
        if self.record.at + 1 < len(lesson.steps):
            self.record = replace(self.record, at=self.record.at + 1)
            self._turn()
            self.keep()
            return
        self.record = replace(self.record, ended=datetime.now().isoformat(timespec="seconds"))
        self.highlight.frame(None)
        self.keep()
        self._rest()
        self.finished.emit()

    def back(self) -> None:
        """The step before."""
        self.go_to(self.record.at - 1)

    def go_to(self, at: int) -> None:
        """One of the steps, from 0."""
        lesson = self.lesson
        if lesson is not None and 0 <= at < len(lesson.steps):
            self._performer.stop()
            self._count()
            self.record = replace(self.record, at=at, ended="")
            self._turn()
            self._timer.start()
            self._keeping.start()

    def show_me(self) -> None:
        """Does the step."""
        lesson, step = self.lesson, self.step
        if lesson is None or step is None or self.showing or not lesson.show_me:
            return
        if not self.record.step(step.guide.id).done:
            self.record = self.record.with_step(step.guide.id, shown=True)
        self._return(lesson)
        self._performer.perform(step.guide.show)
        self.look()

    def _return(self, lesson: Lesson) -> None:
        """To where the step begins, when something else was looked at."""
        place, now = expected_place(lesson, self.record.at), self._c.session
        if now.model != place.model:
            assert self.opened is not None
            start = session_at_start(self.opened)
            self._c.restore(replace(start, model=place.model, input=place.input, workspace=place.workspace))
        elif now.workspace != place.workspace:
            self._c.show_workspace(place.workspace)

    def close(self) -> None:
        """Leaves it; what was done is kept."""
        if self.opened is None:
            return
        self._count()
        if not self.record.ended:
            self.keep()
        self._performer.stop()
        self._rest()
        self.opened = None
        self.closed.emit()

    def _rest(self) -> None:
        self._timer.stop()
        self._keeping.stop()
        self.highlight.frame(None)

    def keep(self) -> None:
        """On disk, with the session."""
        if self.opened is None:
            return
        self._count()
        try:
            self._kept.put(self.record, self._c.whole_session() if self.begun and not self._c.on_its_way else None)
        except ExplorerError as error:
            self._keeping.stop()
            self._c.fail(failure_of(error))

    def set_person(self, name: str) -> None:
        """Who does the lesson."""
        self.record = replace(self.record, person=name.strip()[:100])

    def _count(self) -> None:
        """The time of the step in front."""
        step = self.step
        if step is not None and self._since.isValid() and not self.record.ended:
            spent = self._since.elapsed() - self._counted_ms
            self._counted_ms += spent
            known = self.record.step(step.guide.id)
            self.record = self.record.with_step(step.guide.id, seconds=known.seconds + spent / 1000)

    # --- answers

    def answer(self, number: int, text: str) -> None:
        """To a question of the step in front, from 0."""
        step = self.step
        if step is None:
            return
        question, session, facts = step.questions[number], self._c.session, self.facts()
        cell = session.cell if question.kind is QuestionKind.POINT else None
        if cell is not None:
            text = tr("row {cell}, column {cell2}", cell=cell[0], cell2=cell[1])
        given = Answer(text, cell, session.channel, session.tap)
        key = question_key(step, question)
        if fault := fault_of_answer(question, given):
            self._verdicts[key] = fault
        else:
            right = is_right(question, given, facts)
            if right is None and question.judged:
                self._verdicts[key] = tr("That cannot be said yet: do the step first, then answer.")
            else:
                self._verdicts.pop(key, None)
                truth = solution(question, facts)
                asked = plain_words(with_values(question.text, facts))
                words = (
                    plain_words(with_values(question.options[int(text) - 1].text, facts)) if question.options else ""
                )
                self.record = with_answer(self.record, step, question, given, right, truth, words, asked)
                self.keep()
        self.look()

    def release(self, word: str) -> None:
        """The word that the teacher has said aloud."""
        step = self.step
        if step is None or not step.hold:
            return
        if " ".join(word.casefold().split()) == " ".join(step.hold.casefold().split()):
            self.record = self.record.with_step(step.guide.id, passed=True)
            self._wrong_word = ""
        else:
            self._wrong_word = tr("That is not the word: wait until the teacher says it.")
        self.look()

    def hint(self) -> None:
        """One more hint."""
        step = self.step
        if step is not None:
            self._hints = min(self._hints + 1, max(len(step.guide.hint), 1))
            self.look()

    def check(self) -> None:
        """Says what of the step is missing, until nothing is."""
        self._checked = True
        self.look()

    # --- what is seen

    def facts(self) -> Facts:
        """Of the window, now."""
        return window_facts(self._c, self._answered)

    def _turn(self) -> None:
        """Another step stands in the panel."""
        lesson, step = self.lesson, self.step
        assert lesson is not None
        assert step is not None
        self._hints, self._checked, self._wrong_word, self._counted_ms = 0, False, "", 0
        self._verdicts.clear()
        self._c.notices.outdated()
        self._since.start()
        self.at_turn = window_state(self._c) if self.begun else None
        self.panel.set_step(lesson.title, self.record.at, len(lesson.steps), step)
        for view, question in zip(self.panel.questions, step.questions, strict=True):
            given = self.record.answers.get(question_key(step, question))
            if given is not None:
                view.fill(given.text)
        self.look()

    def _look_soon(self, *_: object) -> None:
        if self.opened is not None and not self.record.ended:
            self._soon.start()

    def look(self) -> None:
        """Whether the step is done, and where to point."""
        lesson, step = self.lesson, self.step
        if lesson is None or step is None or self.record.ended:
            return
        facts = self.facts()
        every = questions_of_step(step)
        done = self.record.step(step.guide.id).done
        acted = done or step.guide.done.holds(replace(facts, answered=every))  # what a person has done stays done
        if not self.begun:
            self._wait_for_start(lesson)
        elif acted and not done and not self.showing and every <= self._answered:
            done = True
            self.record = self.record.with_step(step.guide.id, done=True)
        self._say(lesson, step, facts, done or (self.begun and acted and not self.showing))
        target = spot(self._c.window, points_of(step, facts)) if self.begun and pointed(step, acted, done) else None
        self.highlight.frame(target)
        self.highlight.raise_()

    def _wait_for_start(self, lesson: Lesson) -> None:
        card, capture = self._c.card, self._c.capture
        self.begun = at_rest(self._c) and capture is not None and self._c.session.model is not None
        if self.begun:
            self.at_turn = window_state(self._c)
        if self.begun and card is not None and capture is not None:
            here = card.spec == lesson.guide.start.model
            self.faults = missing_in(lesson, card, capture) if here else ()
            if self.faults:
                what = tr("The lesson “{lesson_title}” does not fit this model.", lesson_title=lesson.title)
                self._c.fail(
                    Failure(what, " ".join(self.faults[:4]), tr("Tell who has made it; some steps cannot be done."))
                )

    def _say(self, lesson: Lesson, step: LessonStep, facts: Facts, acted: bool) -> None:
        """`acted`: what is to be done in the window is done; its questions may still be open."""
        panel, known = self.panel, self.record.step(step.guide.id)
        if not self.begun:
            panel.set_words(tr("*Opening {id} …*", id=lesson.guide.start.model.id), "")
        else:
            then = with_values(then_of(step, self._answered), facts) if acted else ""
            panel.set_words(with_values(step.guide.text, facts), then)
        for view, question in zip(panel.questions, step.questions, strict=True):
            view.setVisible(self.begun and (acted or step.reading or not step.guide.show))
            view.set_words(
                with_values(question.text, facts),
                tuple(plain_words(with_values(o.text, facts)) for o in question.options),
            )
            key = question_key(step, question)
            state = verdict_words(question, self.record.answers.get(key), facts, not lesson.show_me)
            fault = self._verdicts.get(key)
            view.set_state(*((fault, False, state[2]) if fault else state))
        panel.say(self._note(step, facts, known.done, acted))
        panel.marks.setText(marks_words(marks_of(lesson, self.record), lesson.most))
        panel.set_hold(
            "" if known.passed or not step.hold else tr("The class goes on together, when the teacher says a word.")
        )
        self._set_buttons(lesson, step)

    def _note(self, step: LessonStep, facts: Facts, done: bool, acted: bool) -> str:
        if not self.begun or self.showing:
            return ""
        shown = max(self._hints, 1 if self._since.elapsed() > 1000 * _HINT_S and not step.reading else 0)
        over = done or (acted and bool(step.guide.show))  # hints say how the act is done
        hints = [] if over else [plain_words(with_values(hint, facts)) for hint in step.guide.hint[:shown]]
        missing = missing_words(step, self.record, facts, self._answered)
        held, fault = held_words(self.lesson, self.record.at, self._class_text) if self.lesson is not None else ("", "")
        said = self._wrong_word or fault or (held if done or step.reading else "")
        return note_words(hints, missing, self._hints > 0, self._checked, said)

    def _set_buttons(self, lesson: Lesson, step: LessonStep) -> None:
        known, last = self.record.step(step.guide.id), self.record.at + 1 == len(lesson.steps)
        free = known.done or step.reading
        going = tr("Finish") if last else tr("Next") if free else tr("Skip")
        can_show = lesson.show_me and bool(step.guide.show) and not known.done and self.begun
        helps = (self.begun and not free, self.begun and not step.reading, can_show)
        self.panel.set_buttons(
            going, closed_why(lesson, step, self.record, self._class_text), free, self.showing, helps
        )
