"""What the author of a lesson does beside the real window: a new lesson, steps recorded by doing them, the text with live reload."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from explorer.core.errors import ExplorerError, Failure
from explorer.core.lessons.lesson_file import NAME, lesson_from
from explorer.core.lessons.recorded_step import free_name, inserted, recorded_step
from explorer.core.translation import tr
from explorer.engine.lessons.lesson_source import OpenedLesson, is_inside, open_lesson
from explorer.engine.lessons.new_lesson import make_lesson
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.guide.window_facts import window_state
from explorer.ui.lessons.lesson_editor import LessonEditor
from explorer.ui.lessons.lesson_presenter import LessonPresenter
from explorer.ui.notices import failure_of

_EVERY = 700  # ms
_INSIDE = tr("This lesson comes with the program and is not edited: copy its folder, and open the copy.")
_KIT = tr("A kit is not edited: open the folder that it was packed from.")


class LessonAuthor(QObject):
    """`start` starts a lesson; `reload` is called with the lesson after its files have changed."""

    def __init__(
        self,
        controller: Controller,
        runs: LessonPresenter,
        start: Callable[[Path], None],
        reload: Callable[[OpenedLesson], None],
    ) -> None:
        super().__init__(controller)
        self._c, self._runs, self._start, self._reload = controller, runs, start, reload
        self.editor: LessonEditor | None = None
        self._stamps: dict[Path, int] = {}
        self._told = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.look)

    def own_actions(self) -> tuple[Action, ...]:
        """New lesson, new step, text."""
        teaching = partial(Action, place="Lessons/Author")
        step = tr("What was done in the window since the last step becomes a step of the open lesson")
        return (
            teaching("lesson.new", tr("New lesson …"), self.choose_new),
            teaching("lesson.new_step", tr("New step from here"), self.new_step, about=step, why_not=self._why_not),
            teaching("lesson.edit", tr("Edit the lesson's text"), self.edit, why_not=self._why_not),
        )

    @property
    def file(self) -> Path | None:
        """lesson.toml of the open lesson, where it can be edited."""
        opened = self._runs.opened
        if opened is None or opened.folder not in (opened.file, opened.file.parent) or self._inside:
            return None
        return opened.folder / NAME

    def _why_not(self) -> str:
        if self._runs.opened is None:
            return tr("No lesson is open.")
        return _INSIDE if self._inside else "" if self.file is not None else _KIT

    @property
    def _inside(self) -> bool:
        """Whether the open lesson is one of the program's own, which everybody at this machine is led by."""
        opened = self._runs.opened
        return opened is not None and is_inside(opened.folder)

    # --- the files

    def opened(self) -> None:
        """A lesson was opened: its files are watched."""
        self._stamps, self._told = self._now(), ""
        if self.file is not None:
            self._timer.start()

    def closed(self) -> None:
        """It was left."""
        self._timer.stop()
        if self.editor is not None:
            self.editor.close()

    def _now(self) -> dict[Path, int]:
        file = self.file
        if file is None:
            return {}
        found = {}
        for each in (file, *sorted((file.parent / "po").glob("*.po"))):
            try:
                found[each] = each.stat().st_mtime_ns
            except OSError:
                continue
        return found

    def look(self) -> None:
        """Shows the lesson anew where its files have changed; one that cannot be read says why, and the old one stays."""
        now, opened = self._now(), self._runs.opened
        if opened is None or now == self._stamps:
            return
        self._stamps = now
        try:
            fresh = open_lesson(opened.file, opened.language)
        except ExplorerError as error:
            self._told = error.why
            if self.editor is not None:
                self.editor.say(error.why)
            else:
                self._c.fail(failure_of(error))
            return
        if self._told:
            self._told = ""
            self._c.asked_anew()
        if self.editor is not None:
            self.editor.follow()
            self.editor.say("")
        self._reload(fresh)

    # --- new ones

    def choose_new(self) -> None:
        """Asks for a folder that does not exist yet, or is empty."""
        path = QFileDialog.getExistingDirectory(self._c.window, tr("Folder of the new lesson"), "")
        if path:
            self.make(Path(path))

    def make(self, folder: Path) -> None:
        """A lesson of one step, opened."""
        try:
            make_lesson(folder)
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        self._start(folder)

    def new_step(self) -> None:
        """What was done since the last step, as a step behind the one in front."""
        file, lesson = self.file, self._runs.lesson
        if file is None or lesson is None:
            return
        from explorer.engine import export

        before = self._runs.at_turn
        try:
            if before is None:
                raise ExplorerError(tr("There is no step to record."), tr("The lesson is still being opened."))
            if self.editor is not None and self.editor.isVisible() and not self.editor.save():
                raise ExplorerError(
                    tr("There is no step to record."), tr("The lesson's text is not saved: mend it first.")
                )
            after = window_state(self._c)
            name = free_name(step.guide.id for step in lesson.steps)
            step = recorded_step(name, before, after)
            text = inserted(file.read_text(encoding="utf-8"), step, self._runs.record.at)
            lesson_from(text, NAME)
            export.write(file, text.encode())
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        except OSError as error:
            self._c.fail(Failure(tr("{file} cannot be written.", file=file), f"{error.strerror or error}."))
            return
        at = self._runs.record.at
        self.look()
        self._runs.go_to(at + 1)
        self._runs.at_turn = after
        if self.editor is not None:
            self.editor.load()
            self.editor.go_to(f'id = "{name}"')
        self._c.say(
            tr("The step {name} is recorded: give it a title and a text (Lessons › Edit the lesson's text).", name=name)
        )

    def edit(self) -> None:
        """The text beside the window."""
        file = self.file
        if file is None:
            return
        if self.editor is None or self.editor.file != file or not self.editor.isVisible():
            if self.editor is not None:
                if not self.editor.close():
                    return
                self.editor.deleteLater()
            self.editor = LessonEditor(file, self._c.window)
        step = self._runs.step
        self.editor.show()
        self.editor.activateWindow()
        if step is not None:
            self.editor.go_to(f'id = "{step.guide.id}"')
