from __future__ import annotations

import gc

import shiboken6
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QLayoutItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.nesting import nest


def test_a_filled_layout_goes_in_and_no_item_of_it_is_remembered(qtbot: QtBot) -> None:
    """Such a wrapper outlives the item that Qt deletes with its widget."""
    holder, row, within = QWidget(), QHBoxLayout(), QHBoxLayout()
    qtbot.addWidget(holder)
    parts = [QLabel(text) for text in "abc"]
    column = QVBoxLayout(holder)
    row.addWidget(parts[0])
    row.addStretch(1)
    within.addWidget(parts[1])
    within.addWidget(parts[2])
    nest(row, within, 2)
    nest(column, row, 1)
    gc.collect()
    every = [each for each in shiboken6.getAllValidWrappers() if isinstance(each, QLayoutItem)]
    assert not [each for each in every if not isinstance(each, QLayout) and not shiboken6.createdByPython(each)]
    assert (column.stretch(0), row.stretch(2), column.count(), row.count(), within.count()) == (1, 2, 1, 3, 2)
    assert all(part.parentWidget() is holder for part in parts)
    row.removeWidget(parts[0])
    parts[1].setParent(None)
    assert (row.count(), within.count()) == (2, 1)
