"""Columns on a screen of 1920 x 1080 at 200 %, and four of them at 1024 x 700: maps are seen, nothing is scrolled or cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pictures.compare_states import compare
from tests.pictures.geometry import findings
from tests.pictures.picture_state import BARE, CNN, WORLD

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.mark.parametrize(("size", "count"), [((960, 540), 2), ((960, 540), 4), ((1024, 700), 4)])
def test_the_maps_of_every_column_are_seen_without_scrolling(
    window: Callable[..., Any], size: tuple[int, int], count: int
) -> None:
    app = window(size=size)
    app.start(CNN, WORLD)
    app.restore(compare(*(CNN, BARE, CNN, BARE)[:count]))
    app.compare.fold.setChecked(False)
    app.rest()
    for _ in range(12):  # layouts in layouts
        app.qt.processEvents()
    place = app.main_window._places["compare"]
    assert (place.horizontalScrollBar().maximum(), place.verticalScrollBar().maximum()) == (0, 0)
    for panel in (column.panel for column in app.compare.columns):
        assert panel.pages.height() >= 110
        table, cells = panel.numbers, panel.numbers.fontMetrics()
        for row in table.model().rows if table.isVisible() else ():
            assert cells.horizontalAdvance(row.label) + cells.horizontalAdvance(row.value) + 6 <= table.width()
    assert findings(app.main_window) == ()
