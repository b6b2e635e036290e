"""A table whose rows stand for numbered things (channels, heads) and can be sorted by any column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets import text

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.TextAlignmentRole)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class TableColumn(Generic[Row]):
    """`key` is what rows are sorted by, largest last; NaN comes last either way. `wordy`: words, not numbers."""

    title: str
    tip: str
    key: Callable[[Row], float]
    says: Callable[[Row], str]
    wordy: bool = False


class Ranked(QAbstractTableModel, Generic[Row]):
    """Rows in the order they are shown; `number` says what each stands for."""

    def __init__(self, number: Callable[[Row], int]) -> None:
        super().__init__()
        self.columns: tuple[TableColumn[Row], ...] = ()
        self.rows: list[Row] = []
        self.number = number
        self._by, self._descending = 0, False

    def set_rows(self, columns: tuple[TableColumn[Row], ...], rows: Sequence[Row]) -> bool:
        """Whether the table has another shape now: a stream of the same rows only has other values."""
        same = (len(rows), len(columns)) == (len(self.rows), len(self.columns))
        if not same:
            self.beginResetModel()
        heads = [column.title for column in columns] != [column.title for column in self.columns]
        self.columns, self.rows = columns, list(rows)
        self._order()
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))
            if heads:
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)
        return not same

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._by, self._descending = max(column, 0), order == Qt.SortOrder.DescendingOrder
        self._order()
        self.layoutChanged.emit()

    @property
    def sorted_at(self) -> int:
        """The column that rows are sorted by."""
        return self._by if self._by < len(self.columns) else 0

    @property
    def _sorted_by(self) -> TableColumn[Row]:
        return self.columns[self.sorted_at]

    def _order(self) -> None:
        if not self.columns:
            return
        key, sign = self._sorted_by.key, -1 if self._descending else 1

        def place(row: Row) -> tuple[bool, float, int]:
            value = key(row)
            return math.isnan(value), 0.0 if math.isnan(value) else sign * value, self.number(row)

        self.rows.sort(key=place)

    @property
    def by(self) -> str:
        """What the rows are sorted by: "zeros ↓" has the largest on top."""
        return f"{self._sorted_by.title} {'↓' if self._descending else '↑'}" if self.columns else ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in _ROLES:
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return None if column.wordy else int(_RIGHT)
        said = column.says(self.rows[index.row()])
        return text.tip(said) if role == Qt.ItemDataRole.ToolTipRole else said

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            if role == Qt.ItemDataRole.ToolTipRole:
                tip = tr("{tip}. Click to sort.", tip=self.columns[section].tip)
                return "\n".join(part for part in (tip, text.explained(tip)) if part)
        return None


class RankedTable(QTableView, Generic[Row]):
    """`chosen` carries the number of the row that was clicked or walked to, `ordered` says that the order has changed."""

    chosen = Signal(int)
    ordered = Signal()

    def __init__(self, name: str, number: Callable[[Row], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.rows: Ranked[Row] = Ranked(number)
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        text_size.hold(self.verticalHeader(), "setDefaultSectionSize", theme.DARK.row)
        self.horizontalHeader().setHighlightSections(False)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self._following = False  # the selection is being put where the session says, not by a hand
        self.selectionModel().currentRowChanged.connect(self._walked)
        self._number: int | None = None  # of the row that is marked
        self.rows.layoutChanged.connect(self._sorted)

    @property
    def by(self) -> str:
        """What the rows are sorted by."""
        return self.rows.by

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers from the top."""
        return tuple(map(self.rows.number, self.rows.rows))

    def set_rows(self, columns: tuple[TableColumn[Row], ...], rows: Sequence[Row]) -> bool:
        """As the model's; sorting stays, nothing is chosen by it."""
        self._following = True
        other = self.rows.set_rows(columns, rows)
        self._following = False
        return other

    def mark(self, number: int | None) -> None:
        """Marks a row; emits nothing."""
        self._number = number
        at = next((at for at, each in enumerate(self.order) if each == number), -1)
        self._following = True
        if at < 0:
            self.clearSelection()
        elif at != self.currentIndex().row() or not self.selectionModel().hasSelection():
            flags = QItemSelectionModel.SelectionFlag
            index = self.rows.index(at, max(self.currentIndex().column(), 0))
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._following = False

    def _sorted(self) -> None:
        self.mark(self._number)
        self.ordered.emit()

    def _walked(self, now: QModelIndex) -> None:
        if now.isValid() and not self._following:
            self._number = self.rows.number(self.rows.rows[now.row()])
            self.chosen.emit(self._number)
