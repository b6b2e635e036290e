"""A drop-down in a narrow place."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.choice import choice

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_what_has_no_room_is_shortened_not_cut_off(qtbot: QtBot) -> None:
    box = choice("Sort", "Order of the maps", [("Sort  effect on Egyptian cat", 0), ("Sort  index", 1)])
    qtbot.addWidget(box)
    box.resize(110, 30)
    box.show()
    assert box.seen().endswith("…")
    assert box.fontMetrics().horizontalAdvance(box.seen()) < 110
    box.setCurrentIndex(1)
    assert box.seen() == "Sort  index"
