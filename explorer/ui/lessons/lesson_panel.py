"""The panel of a lesson beside the workspace: which step, what to do, questions, what is missing, the buttons. Passive."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.lessons.lesson import LessonStep
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.lessons.lesson_text import LessonText
from explorer.ui.lessons.question_view import QuestionView
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph

WIDTH = 330  # px: lines of some 50 letters
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LessonPanel(QWidget):
    """`answered` carries the number of a question and what was answered; `held` a word of the teacher; `linked` an address of the
    glossary."""

    back = Signal()
    next = Signal()
    show_me = Signal()
    hint_asked = Signal()
    checked = Signal()
    closed = Signal()
    answered = Signal(int, str)
    held = Signal(str)
    linked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Lesson"))
        self.caption, self.marks, self.title = Caption(tr("Lesson")), QLabel(), QLabel()
        self.lesson = paragraph(True)
        self.progress = QProgressBar()
        self.close_button = QToolButton()
        self.text, self.then = LessonText(), LessonText("done")
        self.note = paragraph()
        self.questions: list[QuestionView] = []
        self.hold_words, self.hold = paragraph(True), QLineEdit()
        self.hint_button, self.check_button = QPushButton(tr("Hint")), QPushButton(tr("Check"))
        self.show_button, self.back_button, self.next_button = (
            QPushButton(tr("Show me")),
            QPushButton(tr("Back")),
            QPushButton(tr("Next")),
        )
        self._folder = Path()
        self._build()
        for signal, button in (
            (self.back, self.back_button),
            (self.next, self.next_button),
            (self.show_me, self.show_button),
            (self.hint_asked, self.hint_button),
            (self.checked, self.check_button),
            (self.closed, self.close_button),
        ):
            button.clicked.connect(signal)
            button.installEventFilter(self)
        self.hold.returnPressed.connect(self._hold)
        for text in (self.text, self.then):
            text.anchorClicked.connect(self._follow)

    def _build(self) -> None:
        scale = theme.current()
        self.title.setObjectName("title")
        self.title.setWordWrap(True)
        self.marks.setObjectName("dim")
        self.note.setObjectName("warm")
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(5)
        self.close_button.setText("×")
        self.close_button.setToolTip(tr("Close the lesson; it goes on from here when it is opened again"))
        self.close_button.setAccessibleName(tr("Close the lesson"))
        self.hint_button.setToolTip(tr("How this step is done"))
        self.check_button.setToolTip(tr("What of this step is missing"))
        self.show_button.setToolTip(tr("Does this step for you, in the window; it gives no marks then"))
        self.hold.setPlaceholderText(tr("Word of the teacher"))
        self.hold.setAccessibleName(tr("Word of the teacher"))
        self.head = QWidget()  # stands in the place of the title of the dock, and moves it
        head = QHBoxLayout(self.head)
        head.setContentsMargins(scale.space, scale.tight, scale.space, 0)
        head.addWidget(self.caption, 1)
        head.addWidget(self.marks)
        head.addWidget(self.close_button)
        holder = QWidget()
        self._body = QVBoxLayout(holder)
        self._body.setContentsMargins(0, 0, scale.tight, 0)
        self._body.setSpacing(scale.space)
        for part in (self.text, self.then):
            self._body.addWidget(part)
        self._asked = QVBoxLayout()
        self._asked.setSpacing(scale.space)
        nest(self._body, self._asked)
        for other in (self.note, self.hold_words, self.hold):
            self._body.addWidget(other)
            other.hide()
        self._body.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(holder)
        self.area.setAccessibleName(tr("The step"))
        helping, going = QHBoxLayout(), QHBoxLayout()
        for button in (self.hint_button, self.check_button, self.show_button):
            helping.addWidget(button)
        going.addWidget(self.back_button)
        going.addStretch(1)
        going.addWidget(self.next_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(scale.space, scale.tight, scale.space, scale.space)
        column.setSpacing(scale.space)
        column.addWidget(self.lesson)
        column.addWidget(self.progress)
        column.addWidget(self.title)
        column.addWidget(self.area, 1)
        nest(column, helping)
        nest(column, going)
        text_size.hold(self, "setMinimumWidth", 260)

    def set_folder(self, folder: Path) -> None:
        """Where the pictures of the lesson lie."""
        self._folder = folder
        for text in (self.text, self.then):
            text.set_folder(folder)

    def set_step(self, lesson: str, at: int, count: int, step: LessonStep) -> None:
        """Another step, counted from 0."""
        name = tr("Step {at} of {count}", at=at + 1, count=count)
        self.caption.setText(name.upper())
        self.caption.setAccessibleName(name)
        self.lesson.setText(lesson)
        self.title.setText(step.guide.title)
        self.progress.setRange(0, count)
        self.progress.setValue(at)
        self.progress.setAccessibleName(name)
        self.setAccessibleName(f"{lesson}, {name.lower()}: {step.guide.title}")
        self.back_button.setEnabled(at > 0)
        for view in self.questions:
            self._asked.removeWidget(view)
            view.hide()
            view.deleteLater()
        self.questions = [QuestionView(question, self._folder) for question in step.questions]
        for number, view in enumerate(self.questions):
            view.answered.connect(partial(self.answered.emit, number))
            view.text.anchorClicked.connect(self._follow)
            view.button.installEventFilter(self)
            self._asked.addWidget(view)
        self.area.verticalScrollBar().setValue(0)

    def set_words(self, text: str, then: str) -> None:
        """What to do, and what has come of it."""
        self.text.show_markdown(text)
        self.then.show_markdown(then)
        self.setAccessibleDescription(self.then.words or self.text.words)

    def say(self, note: str) -> None:
        """A hint, or what is missing; "" for nothing."""
        if self.note.text() != note:
            self.note.setText(note)
        self.note.setVisible(bool(note))

    def set_hold(self, words: str) -> None:
        """Asks for the word of the teacher; "" does not."""
        self.hold_words.setText(words)
        for part in (self.hold_words, self.hold):
            part.setVisible(bool(words))

    def set_buttons(self, going: str, why_not: str, main: bool, showing: bool, helps: tuple[bool, bool, bool]) -> None:
        """`going`: what the way on is called; `why_not`: why it is closed; `helps`: whether hint, check and “Show me” can be asked."""
        self.next_button.setText(going)
        self.next_button.setEnabled(not why_not)
        self.next_button.setToolTip(why_not)
        if self.next_button.property("main") is not main:
            self.next_button.setProperty("main", main)
            self.next_button.style().unpolish(self.next_button)
            self.next_button.style().polish(self.next_button)
        self.show_button.setText(tr("Showing …") if showing else tr("Show me"))
        for button, on in zip((self.hint_button, self.check_button, self.show_button), helps, strict=True):
            button.setEnabled(on and not (showing and button is self.show_button))

    def _hold(self) -> None:
        self.held.emit(self.hold.text())

    def _follow(self, link: QUrl) -> None:
        self.linked.emit(link.toString())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space and Enter press a button that has the focus, though Space is a command of the window."""
        if isinstance(event, QKeyEvent) and isinstance(watched, (QPushButton, QToolButton)):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() in (Qt.Key.Key_Space, *_ENTER):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() in _ENTER:
                watched.click()
                return True
        return super().eventFilter(watched, event)


class LessonDock(QDockWidget):
    """Holds the panel at a side of the window; it can be moved to the other side, made wider, or stand beside the window."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(tr("Lesson"), window)
        self.setObjectName("lesson dock")
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self)
        window.resizeDocks([self], [text_size.px(WIDTH)], Qt.Orientation.Horizontal)
        self.hide()
