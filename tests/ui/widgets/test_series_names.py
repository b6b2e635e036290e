"""Names of what a plot shows give way where there is little room."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.widgets.series_names import DASHED, LINE, SeriesNames


def test_names_stand_beneath_each_other_where_there_is_no_room(qtbot: Any) -> None:
    names = SeriesNames()
    qtbot.addWidget(names)
    names.set_entries([(LINE, "accent", "deletion, area 0.543"), (DASHED, "warm", "insertion, area 0.594")])
    one = names.fontMetrics().horizontalAdvance("insertion, area 0.594")
    assert names.minimumSizeHint().width() < 1.5 * one
    assert names.heightForWidth(round(1.4 * one)) > 1.5 * names.heightForWidth(5 * one)


def test_a_page_keeps_no_room_for_a_plot_as_it_was_before(qtbot: Any) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column, plot = QVBoxLayout(page), CurvePlot("curve")
    column.addWidget(plot)
    plot.set_curves([CurveData(np.arange(3.0), np.arange(3.0), "one")])
    plot.view.resize(640, 480)  # as it was before
    plot.updateGeometry()
    column.activate()
    assert page.heightForWidth(300) < plot.sizeHint().height() + 60
