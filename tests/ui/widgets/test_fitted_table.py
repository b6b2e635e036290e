"""A table shows as many columns as it has room for, and a menu brings the others."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from explorer.ui.widgets.fitted_table import FittedTable
from explorer.ui.widgets.ranked import TableColumn

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

TITLES = ("layer", "first", "second", "third", "fourth")
COLUMNS: tuple[TableColumn[int], ...] = (
    TableColumn("layer", "", float, lambda n: "a.name.of.a.layer.that.is.long" * 4 + str(n), wordy=True),
    *(TableColumn(title, "", float, lambda n: f"{n}.25 ms") for title in TITLES[1:]),
    TableColumn("nothing", "", float, lambda n: ""),
)


def table(qtbot: Any, width: int) -> FittedTable[int]:
    made: FittedTable[int] = FittedTable("Things", int)
    qtbot.addWidget(made)
    made.resize(width, 200)
    made.show()
    made.set_rows(COLUMNS, range(30))
    made.fit()
    return made


def beyond(made: FittedTable[int]) -> int:
    return made.horizontalHeader().length() - made.viewport().width()


def test_no_width_scrolls_sideways_or_cuts_a_number(qtbot: Any) -> None:
    made = table(qtbot, 300)
    for width in (200, 300, 420, 900):
        made.resize(width, 200)
        assert beyond(made) <= 0, width
        for at, title in enumerate(TITLES[1:], 1):
            if title in made.shown:
                assert made.columnWidth(at) >= made.fontMetrics().horizontalAdvance("29.25 ms")
        assert made.more.isVisible() == (made.shown != TITLES), width
    assert made.shown == TITLES  # what no row says anything in is never seen


def test_what_is_sorted_by_or_chosen_is_seen_first(qtbot: Any) -> None:
    made = table(qtbot, 300)
    assert "fourth" not in made.shown
    made.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert "fourth" in made.shown
    made.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    made._fill_menu()
    entries = {action.text(): action for action in made.menu.actions()}
    assert list(entries) == list(TITLES[1:])
    assert not entries["third"].isChecked()
    entries["third"].trigger()
    assert "third" in made.shown
    made.choose_column("first", False)
    assert "first" not in made.shown
    made.resize(900, 200)
    assert made.shown == ("layer", "second", "third", "fourth")


def test_a_table_without_columns_can_be_shown(qtbot: Any) -> None:
    made: FittedTable[int] = FittedTable("Things", int)
    qtbot.addWidget(made)
    made.show()
    made.fit()
    assert made.shown == ()
