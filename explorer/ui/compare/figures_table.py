"""What was measured of the models in the columns: a row a figure, a number a column. Passive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets.fold import Fold
from explorer.ui.widgets.page_frame import paragraph

_VALUE = 36  # px of a column of values at least
_LEAST = 3  # rows that are seen where there is little room; the others by scrolling
_TIP = tr("From the model cards, measured on held-out pictures. Point at a row for details")


@dataclass(frozen=True, slots=True)
class FigureRow:
    name: str
    unit: str  # "" where there is none
    values: tuple[str, ...]  # one a column
    tip: str  # what it is and how it was measured

    @property
    def label(self) -> str:
        return f"{self.name}, {self.unit}" if self.unit else self.name


class FiguresTable(QTableWidget):
    """The letters of the columns above, a row a figure beneath; all of it where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("numbers")
        self.shown: tuple[tuple[str, ...], tuple[FigureRow, ...]] = (), ()
        self.setAccessibleName(tr("Measured figures"))
        self.verticalHeader().hide()
        text_size.hold(self.verticalHeader(), "setDefaultSectionSize", theme.DARK.row - theme.DARK.tight)
        self.verticalHeader().setMinimumSectionSize(1)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)

    @property
    def line_height(self) -> int:
        """px of a line."""
        return theme.current().row - theme.current().tight

    def set_rows(self, letters: Sequence[str], rows: Sequence[FigureRow]) -> None:
        """A row for each figure, a value for each letter."""
        self.shown = tuple(letters), tuple(rows)
        self.setColumnCount(1 + len(letters))
        self.setRowCount(len(rows))
        self.setHorizontalHeaderLabels(["", *letters])
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for at, row in enumerate(rows):
            for column, words in enumerate((row.label, *row.values)):
                item = QTableWidgetItem(words)
                item.setToolTip(row.tip)
                if column:
                    item.setTextAlignment(right)
                self.setItem(at, column, item)
        header = self.horizontalHeader()
        header.setDefaultAlignment(right)
        header.setMinimumSectionSize(_VALUE)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if letters:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        said = ("  ".join(map(" ".join, zip(letters, row.values, strict=True))) for row in rows)
        self.setAccessibleDescription("; ".join(f"{row.label}: {one}" for row, one in zip(rows, said, strict=True)))
        self.setMinimumHeight(min(self.sizeHint().height(), (1 + _LEAST) * self.line_height))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(220, self.horizontalHeader().sizeHint().height() + self.rowCount() * self.line_height + 2)


class FiguresSection(Fold):
    """The table, or words in its place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Measured figures"), _TIP, parent)
        self.table, self.message = FiguresTable(), paragraph(True)
        for widget in (self.table, self.message):
            self.body.addWidget(widget)
        self.column.setSpacing(0)  # the line of letters is room enough
        self.set_open(True)
        self.set_figures((), (), "")

    def set_figures(self, letters: Sequence[str], rows: Sequence[FigureRow], message: str) -> None:
        """A row for each figure, a value for each letter; `message` where there are none."""
        self.table.set_rows(letters, rows)
        self.table.setVisible(bool(rows))
        self.message.setText(message)
        self.message.setVisible(bool(message))
