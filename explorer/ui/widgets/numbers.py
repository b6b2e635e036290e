"""Numbers with their names: label on the left, value and unit on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets.text import explained

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_APART = 6  # px between a label and its value


@dataclass(frozen=True, slots=True)
class Row:
    """A number with its name; `tip` says what it means, `warm` that it should be looked at (non-finite values, say)."""

    label: str
    value: str
    tip: str = ""
    warm: bool = False


class NumbersModel(QAbstractTableModel):
    """Rows as Qt asks for them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Other rows; where their number stays only the texts that differ change."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()
            return
        before, self.rows = self.rows, tuple(rows)
        changed = [at for at, (old, new) in enumerate(zip(before, self.rows, strict=True)) if old != new]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], 1))

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, value = self.rows[index.row()], index.column() == 1
        if role == Qt.ItemDataRole.DisplayRole:
            return row.value if value else row.label
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (row.value, row.tip, explained(f"{row.label} {row.tip}")) if part)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if value else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            look = theme.current()
            return QColor(look.dim if not value else look.error if row.warm else look.text)
        return None


class _RowDelegate(QStyledItemDelegate):
    """Label and value reach to the edges of the table, and a label has all the room that its own value leaves: it is the label that is
    shortened, never a number."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if index.column():
            option.textElideMode = Qt.TextElideMode.ElideNone

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """No more than the table is wide: beyond that Qt's header keeps labels as wide as they were, and numbers are cut off."""
        table, size = self.parent(), super().sizeHint(option, index)
        assert isinstance(table, QTableView)
        return QSize(min(size.width(), max(table.viewport().width() - 2, 1)), size.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = self.parent()
        assert isinstance(table, QTableView)
        margin = table.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option, table) + 1
        if index.column():
            option.rect.adjust(0, 0, margin, 0)
        else:
            value = option.fontMetrics.horizontalAdvance(str(index.model().index(index.row(), 1).data()))
            option.rect.setRight(max(table.viewport().width() - value - _APART, option.rect.right()))
            option.rect.adjust(-margin, 0, 0, 0)
        super().paint(painter, option, index)


class NumbersTable(QTableView):
    """Rows of fixed height; a row keeps its place as long as its label stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("numbers")
        self.setAccessibleName(tr("Numbers"))
        self._model = NumbersModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_RowDelegate(self))
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        text_size.hold(self.verticalHeader(), "setDefaultSectionSize", theme.DARK.row)
        self.horizontalHeader().setMinimumSectionSize(1)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)  # gives way
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Shows other rows."""
        grown = len(rows) != len(self._model.rows)
        self._model.set_rows(rows)
        self.setAccessibleDescription(", ".join(f"{row.label} {row.value}" for row in rows))
        if grown:
            self.updateGeometry()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # all rows are seen: what the table stands in scrolls

    def sizeHint(self) -> QSize:
        return QSize(220, len(self._model.rows) * theme.current().row)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, len(self._model.rows) * theme.current().row)
