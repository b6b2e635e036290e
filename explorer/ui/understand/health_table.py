"""The channels of a layer as a table that can be sorted by any measure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from explorer.core.health import ChannelHealth, Health
from explorer.ui import theme
from explorer.ui.widgets import text

Index = QModelIndex | QPersistentModelIndex
_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.TextAlignmentRole)
_MEASURED, _PADDING = 32, 16  # rows whose words say how wide a column is; px beside them
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is what rows are sorted by, largest last; NaN comes last either way."""

    title: str
    tip: str
    key: Callable[[ChannelHealth], float]
    says: Callable[[ChannelHealth], str]


def state_of(row: ChannelHealth) -> str:
    """What is wrong with a channel, "" where nothing is."""
    said = ["dead"] * row.dead + ["always on"] * row.always_on
    said += [f"= {row.duplicate_of}"] * (row.duplicate_of >= 0)
    return ", ".join(said) + (f" {row.not_finite:,} not finite" if row.not_finite else "")


def _ailing(row: ChannelHealth) -> float:
    return 4 * row.dead + 2 * row.always_on + (row.duplicate_of >= 0) + 8 * (row.not_finite > 0)


_COLUMNS = (
    Column("ch", "Number of the channel", lambda r: r.channel, lambda r: str(r.channel)),
    Column(
        "state", "dead: above 0 nowhere.  always on: above 0 everywhere.  = 12: repeats channel 12", _ailing, state_of
    ),
    Column("zeros", "Share of cells that are not above 0", lambda r: r.sparsity, lambda r: text.percent(r.sparsity)),
    Column("mean", "Mean over all cells of all inputs", lambda r: r.mean, lambda r: text.number(r.mean)),
    Column("std", "Standard deviation over all cells of all inputs", lambda r: r.std, lambda r: text.number(r.std)),
    Column("max", "Largest value", lambda r: r.maximum, lambda r: text.number(r.maximum)),
    Column(
        "inputs", "Inputs with at least one cell above 0", lambda r: r.inputs_active, lambda r: str(r.inputs_active)
    ),
    Column(
        "alike",
        "Correlation with the channel most like it, whose number stands behind; above 0.95 it is a duplicate",
        lambda r: r.correlation,
        lambda r: f"{text.number(r.correlation, 2)} · {r.most_like}" if r.most_like >= 0 else "",
    ),
)
_STATE = 1  # column; hidden where there is nothing to say
_CLASSES = (
    Column(
        "selective",
        "(highest class mean − mean of the others) / (highest + mean of the others): 0 answers all classes alike, "
        "1 one class alone (Morcos et al. 2018)",
        lambda r: r.selectivity,
        lambda r: "" if math.isnan(r.selectivity) else text.number(r.selectivity, 2),
    ),
    Column("class", "The class with the highest mean", lambda r: r.selectivity, lambda r: r.prefers),
)


class _Rows(QAbstractTableModel):
    """Rows in the order they are shown; `order` holds their channels."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = _COLUMNS
        self.rows: list[ChannelHealth] = []
        self._by, self._descending = 0, False

    def set_health(self, found: Health | None) -> bool:
        """Whether the table has another shape now: a stream of the same layer's only has other values."""
        columns = (*_COLUMNS, *_CLASSES) if found is not None and len(found.classes) > 1 else _COLUMNS
        rows = list(found.channels) if found is not None else []
        same = (len(rows), len(columns)) == (len(self.rows), len(self.columns))
        if not same:
            self.beginResetModel()
        self.columns, self.rows = columns, rows
        self._order()
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))
        return not same

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._by, self._descending = max(column, 0), order == Qt.SortOrder.DescendingOrder
        self._order()
        self.layoutChanged.emit()

    def _order(self) -> None:
        key = self.columns[self._by].key if self._by < len(self.columns) else self.columns[0].key
        sign = -1 if self._descending else 1

        def place(row: ChannelHealth) -> tuple[bool, float, int]:
            value = key(row)
            return math.isnan(value), 0.0 if math.isnan(value) else sign * value, row.channel

        self.rows.sort(key=place)

    @property
    def by(self) -> str:
        """What the rows are sorted by: "zeros ↓" has the largest on top."""
        title = self.columns[self._by].title if self._by < len(self.columns) else self.columns[0].title
        return f"{title} {'↓' if self._descending else '↑'}"

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES:
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return None if column.title in ("state", "class") else int(_RIGHT)
        said = column.says(self.rows[index.row()])
        return text.tip(said) if role == Qt.ItemDataRole.ToolTipRole else said

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"{self.columns[section].tip}. Click to sort."
        return None


class HealthTable(QTableView):
    """`chosen` carries the channel that was clicked or walked to."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Channels and their health")
        self.rows = _Rows()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.current().row)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.horizontalHeader()
        # Qt's own way to fit the columns asks for thousands of cells at every answer
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setMinimumSectionSize(_PADDING)
        head.setHighlightSections(False)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self._channel = -1
        self._following = False  # the selection is being put where the session says, not by a hand
        self.selectionModel().currentRowChanged.connect(self._walked)

    def set_health(self, found: Health | None) -> None:
        """Another measurement; sorting, place and selection stay."""
        down = self.verticalScrollBar().value()
        self._following = True
        other = self.rows.set_health(found)
        self._following = False
        states = set(map(state_of, self.rows.rows))
        hidden = states <= {""}
        if hidden != self.isColumnHidden(_STATE):
            self.setColumnHidden(_STATE, hidden)
        self._fit(other or (found is not None and found.final), states)
        self.verticalScrollBar().setValue(down)
        self.set_channel(self._channel)

    def _fit(self, afresh: bool, states: set[str]) -> None:
        """Columns as wide as their words; of a stream they only grow until its end, so that nothing jumps."""
        rows = self.rows.rows
        some = [*rows[:: max(len(rows) // _MEASURED, 1)], *rows[:1]]
        cells, titles = self.fontMetrics(), self.horizontalHeader().fontMetrics()
        for at, column in enumerate(self.rows.columns):
            words = states if at == _STATE else {column.says(row) for row in some}
            wide = max([titles.horizontalAdvance(f"{column.title} ↓"), *map(cells.horizontalAdvance, words)]) + _PADDING
            if afresh or wide > self.columnWidth(at):
                self.setColumnWidth(at, wide)

    def set_channel(self, channel: int) -> None:
        """Marks a channel's row; emits nothing."""
        self._channel = channel
        at = next((at for at, row in enumerate(self.rows.rows) if row.channel == channel), -1)
        self._following = True
        if at < 0:
            self.clearSelection()
        elif at != self.currentIndex().row() or not self.selectionModel().hasSelection():
            flags = QItemSelectionModel.SelectionFlag
            index = self.rows.index(at, max(self.currentIndex().column(), 0))
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._following = False

    @property
    def by(self) -> str:
        """What the rows are sorted by."""
        return self.rows.by

    @property
    def order(self) -> tuple[int, ...]:
        """The channels from the top."""
        return tuple(row.channel for row in self.rows.rows)

    def _walked(self, now: QModelIndex) -> None:
        if now.isValid() and not self._following:
            self._channel = self.rows.rows[now.row()].channel
            self.chosen.emit(self._channel)
