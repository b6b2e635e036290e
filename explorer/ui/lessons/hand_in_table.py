"""A folder of hand-ins as a table, with the answers of the one that is selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.core.lessons.lesson_record import LessonRecord
from explorer.core.lessons.lesson_result_page import marks_words, minutes_words
from explorer.core.translation import tr
from explorer.engine.lessons.hand_in import HandInRow, questions_of
from explorer.ui.dialogs.parts import room_for
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph

_HEAD = (tr("Name"), tr("Marks"), tr("Time"), tr("Ended"), tr("Answers right"), tr("To be read"), tr("File"))


class HandInTable(QDialog):
    """`opened` is called with the row whose session is to be opened, `saved` for the table as CSV."""

    def __init__(
        self,
        rows: Sequence[HandInRow],
        parent: QWidget | None,
        opened: Callable[[HandInRow], None],
        saved: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Hand-ins"))
        self.rows = tuple(rows)
        self.titles = questions_of(self.rows)
        self.table, self.answers = QTableWidget(len(self.rows), len(_HEAD)), QTableWidget(0, 3)
        self.about = paragraph(True)
        open_button, save_button, close_button = (
            QPushButton(tr("Open its session")),
            QPushButton(tr("Save as CSV …")),
            QPushButton(tr("Close")),
        )
        self.open_button = open_button
        self.table.setAccessibleName(tr("Hand-ins"))
        self.answers.setAccessibleName(tr("Answers"))
        self._fill()
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.table)
        split.addWidget(self.answers)
        line = QHBoxLayout()
        line.addWidget(self.about, 1)
        for button in (open_button, save_button, close_button):
            button.setAutoDefault(False)
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(QLabel(self._head()))
        column.addWidget(split, 1)
        nest(column, line)
        self._opened = opened
        self.table.currentCellChanged.connect(self.show_row)
        open_button.clicked.connect(self._open)
        save_button.clicked.connect(saved)
        close_button.clicked.connect(self.accept)
        self.resize(QSize(900, 560).boundedTo(room_for(self)))
        self.table.setCurrentCell(0, 0)

    def _head(self) -> str:
        known = [row.hand_in for row in self.rows if row.hand_in is not None]
        lessons = {f"“{each.record.title}”" for each in known}
        return tr(
            "{count} hand-ins of {list}", count=len(self.rows), list=", ".join(sorted(lessons)) or tr("no lesson")
        )

    def _fill(self) -> None:
        for table, head in ((self.table, _HEAD), (self.answers, (tr("Question"), tr("Answer"), tr("Result")))):
            table.setHorizontalHeaderLabels(list(head))
            table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
            table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
            table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
            table.verticalHeader().hide()
            table.setWordWrap(True)
        for at, row in enumerate(self.rows):
            for column, text in enumerate(self._cells(row)):
                item = QTableWidgetItem(text)
                if column in (1, 2, 4, 5):
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(at, column, item)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.answers.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def _cells(self, row: HandInRow) -> tuple[str, ...]:
        if row.hand_in is None:
            return ("—", "", "", "", "", "", f"{row.file.name}: {row.fault}")
        record = row.hand_in.record
        given = record.answers.values()
        right, read = sum(each.right is True for each in given), sum(each.right is None for each in given)
        marks = marks_words(row.hand_in.marks, row.hand_in.most)
        ended = record.ended.replace("T", " ")
        counts = tr("{right} of {count}", right=right, count=len(self.titles)), str(read) if read else ""
        return record.person or "—", marks, minutes_words(record.seconds), ended, *counts, row.file.name

    def _open(self) -> None:
        self._opened(self.rows[self.table.currentRow()])

    def show_row(self, number: int, *_: int) -> None:
        """The answers of one of them."""
        row = self.rows[number] if 0 <= number < len(self.rows) else None
        record = row.hand_in.record if row is not None and row.hand_in is not None else None
        self.open_button.setEnabled(record is not None)
        self.about.setText("" if record is None else f"{record.lesson}, {record.language}, {record.digest[:12]}")
        self.answers.setRowCount(len(self.titles) if record is not None else 0)
        for at, (key, title) in enumerate(self.titles.items() if record is not None else ()):
            assert record is not None
            for column, text in enumerate((title, *_answer(record, key))):
                self.answers.setItem(at, column, QTableWidgetItem(text))
        self.answers.resizeRowsToContents()


def _answer(record: LessonRecord, key: str) -> tuple[str, str]:
    given = record.answers.get(key)
    if given is None:
        return "", tr("not answered")
    state = {
        True: tr("right{tries}", tries=""),
        False: tr("wrong; right was {truth}", truth=given.truth),
        None: tr("to be read"),
    }[given.right]
    return given.read, state if given.tries == 1 else tr("{state}, {tries} tries", state=state, tries=given.tries)
