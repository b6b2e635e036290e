"""One question in the panel of a lesson: its words, the field that fits its kind, the verdict. Passive."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.lessons.questions import Question, QuestionKind
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.lessons.lesson_text import LessonText
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph
from explorer.ui.widgets.wrapping import WrapLayout


class _OptionLine(QWidget):
    """A button to choose by, and words beside it that wrap and are clicked too."""

    def __init__(self) -> None:
        super().__init__()
        self.button, self.label = QRadioButton(), paragraph()
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.label, 1)

    def set_words(self, words: str) -> None:
        if self.label.text() != words:
            self.label.setText(words)
            self.button.setAccessibleName(words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.button.isEnabled():
            self.button.click()
        event.accept()


class QuestionView(QFrame):
    """`answered` carries what was answered: the number of an option from 1, a number as it was typed, words; "" for a cell."""

    answered = Signal(str)

    def __init__(self, question: Question, folder: Path) -> None:
        super().__init__()
        self.question = question
        self.setObjectName("panel")
        self.text, self.verdict = LessonText(), paragraph()
        self.text.set_folder(folder)
        self.verdict.setObjectName("done")
        self.marks = QLabel()
        self.marks.setObjectName("dim")
        self.button = QPushButton(tr("Answer"))
        self.button.setAutoDefault(False)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.options: list[_OptionLine] = []
        self.field, self.words = QLineEdit(self), QPlainTextEdit(self)
        self.field.hide()
        self.words.hide()
        self._choice = QButtonGroup(self)
        column = QVBoxLayout(self)
        inset = theme.current().space
        column.setContentsMargins(inset, inset, inset, inset)
        column.setSpacing(theme.current().tight)
        column.addWidget(self.text)
        self._build(column)
        line = WrapLayout(theme.current().tight, last_right=True)  # long words of a button go beneath the marks
        line.addWidget(self.marks)
        line.addWidget(self.button)
        nest(column, line)
        column.addWidget(self.verdict)
        self.verdict.hide()
        self.button.clicked.connect(self._answer)
        self.field.returnPressed.connect(self._answer)

    def _build(self, column: QVBoxLayout) -> None:
        kind = self.question.kind
        if kind is QuestionKind.CHOICE:
            for at in range(len(self.question.options)):
                option = _OptionLine()
                self.options.append(option)
                self._choice.addButton(option.button, at + 1)
                column.addWidget(option)
        elif kind is QuestionKind.NUMBER or (kind is QuestionKind.TEXT and self.question.judged):
            self.field.setAccessibleName(tr("Answer"))
            self.field.show()
            units = (QLabel(self.question.unit),) if self.question.unit else ()
            nest(column, _beside(self.field, *units))
        elif kind is QuestionKind.TEXT:
            self.words.setAccessibleName(tr("Answer"))
            self.words.show()
            self.words.setTabChangesFocus(True)
            text_size.hold(self.words, "setFixedHeight", 64)
            column.addWidget(self.words)
        else:
            self.button.setText(tr("Answer with the selected cell"))

    def set_words(self, text: str, options: tuple[str, ...]) -> None:
        """The question and what can be chosen."""
        self.text.show_markdown(text)
        self.text.setAccessibleName(self.text.words)
        for option, words in zip(self.options, options, strict=True):
            option.set_words(words)

    def set_state(self, verdict: str, closed: bool, marks: str) -> None:
        """What is said of the last answer, and whether it is the last."""
        self.verdict.setText(verdict)
        self.verdict.setVisible(bool(verdict))
        self.marks.setText(marks)
        for widget in (self.button, self.field, self.words, *self.options):
            widget.setEnabled(not closed)

    def fill(self, text: str) -> None:
        """What was answered before."""
        if self.question.kind is QuestionKind.CHOICE:
            button = self._choice.button(int(text)) if text.isdecimal() else None
            if button is not None:
                button.setChecked(True)
        self.field.setText(text)
        self.words.setPlainText(text)

    @property
    def given(self) -> str:
        """What stands in the field now."""
        if self.question.kind is QuestionKind.CHOICE:
            return str(self._choice.checkedId()) if self._choice.checkedId() > 0 else ""
        if self.question.kind is QuestionKind.TEXT and not self.question.judged:
            return self.words.toPlainText()
        return self.field.text()

    def _answer(self) -> None:
        self.answered.emit(self.given)


def _beside(*parts: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    for at, part in enumerate(parts):
        line.addWidget(part, 0 if at else 1)
    return line
