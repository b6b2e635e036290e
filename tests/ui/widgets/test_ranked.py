"""A table of numbered rows: what is not known comes last, what is marked stays marked."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QModelIndex, Qt

from explorer.ui.widgets.ranked import RankedTable, TableColumn

VALUES = {3: 0.5, 4: math.nan, 7: -1.0, 8: 2.0}
COLUMNS: tuple[TableColumn[int], ...] = (
    TableColumn("n", "Number", float, str),
    TableColumn("value", "How much", VALUES.__getitem__, lambda n: f"{VALUES[n]:.1f}"),
)


def table(qtbot: Any) -> RankedTable[int]:
    made: RankedTable[int] = RankedTable("Things", int)
    qtbot.addWidget(made)
    made.set_rows(COLUMNS, (8, 3, 4, 7))
    return made


def test_rows_are_sorted_by_any_column_and_what_is_not_known_comes_last(qtbot: Any) -> None:
    made = table(qtbot)
    assert (made.order, made.by) == ((3, 4, 7, 8), "n ↑")
    made.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert (made.order, made.by) == ((7, 3, 8, 4), "value ↑")
    made.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert (made.order, made.by) == ((8, 3, 7, 4), "value ↓")
    made.set_rows(COLUMNS, (3, 4))  # others in the same order
    assert made.order == (3, 4)
    made.set_rows((), ())
    assert (made.order, made.by) == ((), "")


def test_a_marked_row_is_found_again_and_only_a_hand_chooses(qtbot: Any) -> None:
    made, chosen = table(qtbot), []
    made.chosen.connect(chosen.append)
    made.mark(7)
    assert made.currentIndex().row() == 2
    made.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert made.currentIndex().row() == 0
    made.set_rows(COLUMNS, (3, 7, 8))
    made.mark(7)
    made.mark(99)
    assert not made.selectionModel().hasSelection()
    assert chosen == []
    made.selectRow(2)
    assert chosen == [8]


def test_what_a_cell_says(qtbot: Any) -> None:
    made = table(qtbot)
    rows = made.rows
    assert [rows.data(rows.index(0, at)) for at in range(2)] == ["3", "0.5"]
    assert rows.headerData(1, Qt.Orientation.Horizontal) == "value"
    assert "Click to sort" in rows.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert rows.rowCount(rows.index(0, 0)) == rows.columnCount(rows.index(0, 0)) == 0
    assert rows.rowCount(QModelIndex()) == 4
