"""The heads of a block as a table that can be sorted by what tells them apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from explorer.core.attention import HeadSummary
from explorer.ui import theme
from explorer.ui.widgets import text

Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """One number a head; NaN comes last whichever way it is sorted."""

    title: str
    tip: str
    values: tuple[float, ...]
    share: bool = False

    def says(self, head: int) -> str:
        value = self.values[head]
        if math.isnan(value):
            return "–"
        if self.title == "head":
            return str(head)
        return text.percent(value) if self.share else text.number(value)


def columns_of(found: HeadSummary, prefix: tuple[str, ...], scale: float, unit: str) -> tuple[Column, ...]:
    """`scale`: pixels of `unit` for one of the model's input."""
    heads = range(len(found.entropy))
    told = [
        Column("head", "Number of the head", tuple(float(h) for h in heads)),
        Column(
            "bits",
            "Entropy, mean −Σ a log₂ a over all queries: 0 looks at one token, the logarithm of their number at all alike",
            tuple(float(v) / math.log(2) for v in found.entropy),
        ),
        Column(
            "px",
            f"Mean distance from a patch to what it looks at, in pixels of {unit} (Dosovitskiy et al. 2021)",
            tuple(float(v) * scale for v in found.distance),
        ),
    ]
    first = "CLS" if prefix and prefix[0] == "CLS" else ""
    if first:
        tip = "Mean weight on the class token, over all queries"
        told.append(Column("CLS", tip, tuple(float(v) for v in found.prefix[:, 0]), share=True))
    others = found.prefix[:, bool(first) :].sum(1)
    if found.prefix.shape[1] > bool(first):
        tip = "Mean weight on the other tokens before the grid (registers), over all queries"
        told.append(Column("reg", tip, tuple(float(v) for v in others), share=True))
    return tuple(told)


class _Rows(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.order: list[int] = []
        self._by, self._descending = 0, False

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        self.beginResetModel()
        self.columns = columns
        self.order = list(range(len(columns[0].values))) if columns else []
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._by, self._descending = max(column, 0), order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        if not self.columns:
            return
        values = self.columns[self._by if self._by < len(self.columns) else 0].values
        sign = -1 if self._descending else 1

        def place(head: int) -> tuple[bool, float, int]:
            value = values[head]
            return math.isnan(value), 0.0 if math.isnan(value) else sign * value, head

        self.order.sort(key=place)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[index.column()].says(self.order[index.row()])
        return int(_RIGHT) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"{self.columns[section].tip}. Click to sort."
        return None


class HeadTable(QTableView):
    """`chosen` carries the head that was clicked or walked to, `ordered` says that the order has changed."""

    chosen = Signal(int)
    ordered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Heads: entropy, distance, weight on the tokens before the grid")
        self.rows = _Rows()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.current().row)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self._following = False
        self.selectionModel().currentRowChanged.connect(self._walked)
        self.rows.layoutChanged.connect(self.ordered)

    @property
    def order(self) -> tuple[int, ...]:
        """The heads from the top."""
        return tuple(self.rows.order)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Another block; the sorting stays."""
        self._following = True
        self.rows.set_columns(columns)
        self._following = False
        self.setFixedHeight((len(self.rows.order) + 1) * theme.current().row + 8)

    def set_head(self, head: int | None) -> None:
        """Marks a head's row; emits nothing."""
        self._following = True
        if head is None or head not in self.rows.order:
            self.clearSelection()
        else:
            flags = QItemSelectionModel.SelectionFlag
            index = self.rows.index(self.rows.order.index(head), 0)
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._following = False

    def _walked(self, now: QModelIndex) -> None:
        if now.isValid() and not self._following:
            self.chosen.emit(self.rows.order[now.row()])
