"""Lessons in the window: the menu, the panel at the side, results and hand-ins."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QStackedWidget

from explorer.core.errors import ExplorerError, Failure
from explorer.core.glossary import linked_term
from explorer.core.guides.guide import plain_words
from explorer.core.lessons.lesson import question_key
from explorer.core.lessons.lesson_names import models_of
from explorer.core.lessons.lesson_record import marks_of, result_rows
from explorer.core.lessons.lesson_result_page import marks_words, result_html
from explorer.core.models import ModelSpec
from explorer.core.session.session import from_json, to_json
from explorer.core.translation import language, tr
from explorer.engine.lessons.hand_in import SUFFIX as HAND_IN_SUFFIX
from explorer.engine.lessons.hand_in import HandIn, HandInRow, hand_ins, results_csv, write_hand_in
from explorer.engine.lessons.kept_records import KeptRecords
from explorer.engine.lessons.kit_archive import SUFFIX
from explorer.engine.lessons.lesson_source import OpenedLesson, lessons_inside, missing_of, open_lesson, title_of
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.lessons.hand_in_table import HandInTable
from explorer.ui.lessons.lesson_author import LessonAuthor
from explorer.ui.lessons.lesson_panel import LessonDock, LessonPanel
from explorer.ui.lessons.lesson_presenter import LessonPresenter
from explorer.ui.lessons.result_view import ResultView, pdf_of, print_on
from explorer.ui.notices import failure_of
from explorer.ui.save_as import ask_path, plain_name

_NONE = tr("No lesson is open.")
_LANGUAGE, _PERSON = "lessons/language", "lessons/person"  # in the settings


class LessonDesk:
    """Lives as long as the window. `agreed`: whether a model may be opened, asking where that has to be asked; `define`: a term of the
    glossary is shown; `began`: a lesson starts, and other guides end."""

    def __init__(
        self,
        controller: Controller,
        agreed: Callable[[ModelSpec], bool],
        define: Callable[[str], None],
        began: Callable[[], None],
    ) -> None:
        self._c, self._agreed, self._began = controller, agreed, began
        self.dock = LessonDock(controller.window)
        self.panel, self.results, self._stack = LessonPanel(), ResultView(), QStackedWidget()
        self._stack.addWidget(self.panel)
        self._stack.addWidget(self.results)
        self.dock.setWidget(self._stack)
        self.dock.setTitleBarWidget(self.panel.head)
        lasting = controller.settings.lasting
        self.runs = LessonPresenter(controller, self.panel, KeptRecords.of_person() if lasting else KeptRecords(None))
        self.author = LessonAuthor(controller, self.runs, self.open, self._reload)
        self.table: HandInTable | None = None
        self._inside = [(folder, title_of(folder, language())) for folder in lessons_inside()]
        self._define = define
        self.panel.linked.connect(self._follow)
        self.runs.finished.connect(self.show_results)
        self.runs.closed.connect(self._closed)
        results = self.results
        results.back.connect(self._back)
        results.closed.connect(self.close)
        results.named.connect(self._name)
        results.saved.connect(self.save_pdf)
        results.printed.connect(self.print_results)
        results.handed_in.connect(self.hand_in)

    def own_actions(self) -> tuple[Action, ...]:
        """The lessons inside, opening others, what can be asked of the one that runs, and what a teacher does."""
        inside, opening = partial(Action, place="Lessons/Inside"), partial(Action, place="Lessons/Open")
        running, teaching = partial(Action, place="Lessons/Step"), partial(Action, place="Lessons/Teacher")
        none = self._no_lesson
        kit = tr("A lesson's folder, its lesson.toml, or a kit ({suffix})", suffix=SUFFIX)
        return (
            *(inside(f"lesson.{folder.name}", title, partial(self.open, folder)) for folder, title in self._inside),
            opening("lesson.open", tr("Open lesson …"), self.choose, about=kit),
            opening("lesson.open_folder", tr("Open a lesson's folder …"), self.choose_folder),
            running("lesson.show", tr("Show me this step"), self.runs.show_me, why_not=none),
            running("lesson.check", tr("Check this step"), self.runs.check, why_not=none),
            running(
                "lesson.language", tr("Next language of the lesson"), self.next_language, why_not=self._no_language
            ),
            running("lesson.results", tr("Result so far"), self.show_results, why_not=none),
            running("lesson.hand_in", tr("Hand in …"), self.hand_in, why_not=none),
            running("lesson.again", tr("Begin the lesson again"), self.begin_again, why_not=none),
            running("lesson.close", tr("Close the lesson"), self.close, why_not=none),
            teaching("lesson.table", tr("Hand-ins of a folder …"), self.choose_hand_ins),
            *self.author.own_actions(),
        )

    def _follow(self, link: str) -> None:
        self._define(linked_term(link))

    def _no_lesson(self) -> str:
        return "" if self.runs.opened is not None else _NONE

    def _no_language(self) -> str:
        if self.runs.opened is None:
            return _NONE
        return "" if len(self.runs.opened.languages) > 1 else tr("This lesson has one language.")

    # --- opening

    def choose(self) -> None:
        """Asks for a file."""
        kinds = tr("Lessons (*{suffix} lesson.toml);;All files (*)", suffix=SUFFIX)
        path, _ = QFileDialog.getOpenFileName(self._c.window, tr("Open lesson"), "", kinds)
        if path:
            self.open(Path(path))

    def choose_folder(self) -> None:
        """Asks for a folder."""
        path = QFileDialog.getExistingDirectory(self._c.window, tr("Open a lesson's folder"), "")
        if path:
            self.open(Path(path))

    def open(self, path: Path, anew: bool = False) -> None:
        """Starts a lesson, or goes on with it where it was left; says before it starts what is missing."""
        self._c.asked_anew()
        try:
            opened = open_lesson(path, self._c.settings.text(_LANGUAGE) or language())
            missing = missing_of(opened)
            if missing:
                raise ExplorerError(
                    tr("The lesson “{lesson_title}” cannot start.", lesson_title=opened.lesson.title),
                    " ".join(missing[:6]),
                    tr("Ask who has made it for the missing parts."),
                )
            if not all(self._agreed(spec) for spec in models_of(opened.lesson)):
                return
            self.runs.close()
            self._began()
            self.runs.begin(opened, anew)
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        self._stack.setCurrentWidget(self.panel)
        self.dock.show()
        self.author.opened()
        if self.runs.record.at:
            self._c.say(
                tr(
                    "“{lesson_title}” goes on at step {at}, where it was left.",
                    lesson_title=opened.lesson.title,
                    at=self.runs.record.at + 1,
                )
            )

    def begin_again(self) -> None:
        """From its first step, without the answers so far."""
        opened = self.runs.opened
        if opened is not None:
            self.open(opened.file, anew=True)

    def next_language(self) -> None:
        """The lesson in another of its languages."""
        opened = self.runs.opened
        if opened is not None:
            languages = opened.languages
            other = languages[(languages.index(opened.language) + 1) % len(languages)]
            self._c.settings.put(_LANGUAGE, other)
            self._reload(opened.within(other))

    def _reload(self, opened: OpenedLesson) -> None:
        self.runs.reload(opened)
        if self._stack.currentWidget() is self.results:
            self.results.text.show_html(self._page())

    def close(self) -> None:
        """Leaves the lesson."""
        self.runs.close()

    def _closed(self) -> None:
        self.author.closed()
        self.dock.hide()

    # --- results

    def show_results(self) -> None:
        """What has been done so far."""
        lesson, record = self.runs.lesson, self.runs.record
        if lesson is None:
            return
        name = record.person or self._c.settings.text(_PERSON)
        self._name(name)
        self.results.name.setText(name)
        self._stack.setCurrentWidget(self.results)

    def _page(self) -> str:
        assert self.runs.lesson is not None
        return result_html(self.runs.lesson, self.runs.record)

    def _name(self, name: str) -> None:
        self.runs.set_person(name)
        self._c.settings.put(_PERSON, name)
        self.results.text.show_html(self._page())

    def _back(self) -> None:
        self._stack.setCurrentWidget(self.panel)
        self.runs.go_to(self.runs.record.at)

    def save_pdf(self) -> None:
        """The result as a page."""
        path = self._ask(tr("Save the result"), ".pdf", tr("PDF (*.pdf)"))
        if path:
            self._c.save(path, partial(pdf_of, self._page()))

    def print_results(self) -> None:
        """The result on paper; as a file where that is what was chosen for a printer."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._c.window)
        accepted, path = dialog.exec(), printer.outputFileName()
        dialog.deleteLater()
        if not accepted:
            return
        if path:
            self._c.save(path, partial(pdf_of, self._page()))
            return
        there = printer.outputFormat() is QPrinter.OutputFormat.NativeFormat
        if there:
            print_on(printer, self._page())
        if not there or printer.printerState() is QPrinter.PrinterState.Error:
            what = tr("The result was not printed.")
            self._c.fail(
                Failure(what, tr("No printer took it."), tr("Set one up in the system, or save the result as PDF."))
            )

    def hand_in(self) -> None:
        """One file for the teacher."""
        path = self._ask(
            tr("Hand in"), HAND_IN_SUFFIX, tr("Hand-ins (*{hand_in_suffix})", hand_in_suffix=HAND_IN_SUFFIX)
        )
        if path:
            self.write_hand_in(Path(path))

    def write_hand_in(self, path: Path) -> None:
        """The file."""
        lesson, record = self.runs.lesson, self.runs.record
        if lesson is None:
            return
        titles = {
            question_key(step, question): plain_words(question.text)
            for step in lesson.steps
            for question in step.questions
        }
        session = to_json(self._c.whole_session())
        try:
            write_hand_in(path, HandIn(record, session, marks_of(lesson, record), lesson.most, titles))
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        marks = marks_words(marks_of(lesson, record), lesson.most)
        self._c.say(
            tr(
                "{path} is written: {count} lines{marks}.",
                path=path.name,
                count=len(result_rows(lesson, record)),
                marks=tr(", {marks} marks", marks=marks) if marks else "",
            )
        )

    def _ask(self, title: str, suffix: str, kinds: str) -> str:
        record = self.runs.record
        name = plain_name("-".join(part for part in (record.lesson, record.person) if part))
        return ask_path(self._c.window, self._c.settings, title, f"{name}{suffix}", kinds)

    # --- for a teacher

    def choose_hand_ins(self) -> None:
        """Asks for a folder of hand-ins."""
        path = QFileDialog.getExistingDirectory(self._c.window, tr("Hand-ins of a folder"), "")
        if path:
            self.show_hand_ins(Path(path))

    def show_hand_ins(self, folder: Path) -> None:
        """Their table."""
        try:
            rows = hand_ins(folder)
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        if self.table is not None:
            self.table.close()
            self.table.deleteLater()
        self.table = HandInTable(rows, self._c.window, self._open_session, partial(self._save_table, rows))
        self.table.show()

    def _open_session(self, row: HandInRow) -> None:
        if row.hand_in is None:
            return
        try:
            session = from_json(row.hand_in.session)
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        if session.model is None or self._agreed(session.model):
            self._c.restore(session)

    def _save_table(self, rows: tuple[HandInRow, ...]) -> None:
        path = ask_path(self._c.window, self._c.settings, tr("Save the table"), "hand-ins.csv", tr("CSV (*.csv)"))
        if path:
            self._c.save(path, lambda: results_csv(rows).encode("utf-8-sig"))
