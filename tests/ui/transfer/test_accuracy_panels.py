"""The panels of the probe: plot, confusion matrix, grid of pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from explorer.core.probe import ProbeParams, confusion
from explorer.ui import theme
from explorer.ui.graphics.accuracy_plot import AccuracyPoint, AccuracySeries
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.transfer.accuracy_panel import LayerAccuracyPanel, PictureAccuracyPanel
from explorer.ui.transfer.mistakes_panel import MistakesPanel
from explorer.ui.widgets.picture_grid import GridPicture, PictureGrid


@pytest.fixture
def panel(show: Any) -> LayerAccuracyPanel:
    made: LayerAccuracyPanel = show(LayerAccuracyPanel([("Save as CSV …", "One line a layer")]), 660, 520)
    made.say("")
    return made


def series() -> tuple[AccuracySeries, ...]:
    points = tuple(
        AccuracyPoint(at, value, value - 0.1, value + 0.1, f"layer {at}") for at, value in enumerate((0.2, 0.5, 0.4))
    )
    return AccuracySeries("this model", points), AccuracySeries(
        "pixels", (AccuracyPoint(0, 0.3, 0, 1, "pixels"),), "warm", True
    )


def test_an_empty_plot_says_what_to_do(panel: LayerAccuracyPanel) -> None:
    assert panel.plot.message.isVisible()
    assert "Probe all layers" in panel.plot.message.text()


def test_a_click_goes_to_the_nearest_point_and_arrows_go_on(panel: LayerAccuracyPanel) -> None:
    panel.set_series(("a", "", "b", "all layers"), series())
    assert not panel.plot.message.isVisible()
    went: list[int] = []
    panel.chosen.connect(went.append)
    panel.plot.box.clicked.emit(QPointF(1.4, 10))
    panel.set_current(1, (0.4, 0.6))
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    panel.set_current(2)
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)  # there is no point at the end yet
    QTest.keyClick(panel.plot, Qt.Key.Key_Left)
    assert went == [1, 2, 1]


def test_what_is_pointed_at_is_read_out_of_every_series(panel: LayerAccuracyPanel) -> None:
    panel.set_series(("a", "", "b", "all layers"), series())
    panel.plot.point(QPointF(1.6, 30))
    assert panel.plot.read_out.text == "layer 1\npixels"
    panel.plot.point(None)
    assert panel.plot.read_out.text == ""


def test_names_stand_inside_the_axis_and_not_over_each_other(panel: LayerAccuracyPanel) -> None:
    names = tuple("a long name of a layer" for _ in range(30))
    panel.set_series((*names, "all layers"), series())
    axis = panel.plot.names
    wide = float(axis.size().width())
    (places,) = axis.levels(0.0, 31.0, wide)
    assert 30.5 in places  # the last one has the right of way
    rooms = [axis._room((at * wide / 31), axis.words(at)) for at in places]
    assert all(axis.rect().contains(room) for room in rooms)
    assert not any(a.intersects(b) for n, a in enumerate(rooms) for b in rooms[:n])


def test_settings_and_counts(panel: LayerAccuracyPanel) -> None:
    told: list[int] = []
    panel.count_chosen.connect(told.append)
    panel.set_params(ProbeParams(method="knn", draws=7))
    assert (panel.params.method, panel.params.draws) == ("knn", 7)
    panel.set_counts((1, 5, 0), 5)
    assert panel.count.currentText() == "5 a class"
    panel.count.setCurrentIndex(2)
    panel.count.activated.emit(2)
    assert told == [0]


def test_run_becomes_cancel(panel: LayerAccuracyPanel) -> None:
    panel.set_running(0.4)
    assert panel.start.text() == "Cancel"
    assert panel.progress.value() == 40
    panel.set_running(None)
    assert panel.start.text() == "Probe all layers"
    assert panel.progress.isHidden()


def test_an_empty_matrix_takes_no_click(show: Any) -> None:
    panel = show(MistakesPanel(), 340, 600)
    panel.show_confusion(confusion(("cat", "dog"), ("a",), (0,), (1,)), "relu", 0, 1)
    panel.show_confusion(None, "", 0, 0)
    chosen: list[tuple[int, int]] = []
    panel.matrix.chosen.connect(lambda *cell: chosen.append(cell))
    panel.matrix.box.clicked.emit(QPointF(0.5, 0.5))
    assert not chosen


def test_names_and_blanks_follow_the_theme(show: Any, qapp: Any) -> None:
    panel: LayerAccuracyPanel = show(LayerAccuracyPanel(), 660, 520)
    plot: CurvePlot = show(CurvePlot("Loss"), 300, 200)
    grid: PictureGrid = show(PictureGrid("Pictures"), 300, 200)
    panel.set_series(("a",), series())
    plot.set_curves([CurveData(np.arange(3.0), np.arange(3.0), "loss <b>", "accent")])
    grid.set_pictures([GridPicture("a.png", "a")])
    theme.apply(qapp, theme.LIGHT)
    qapp.processEvents()
    for legend in (panel.legend, plot.names):
        assert theme.LIGHT.accent in legend.text()
        assert theme.DARK.accent not in legend.text()
    assert "loss&nbsp;&lt;b&gt;" in plot.names.text()
    blank = grid.model().data(grid.model().index(0, 0), Qt.ItemDataRole.DecorationRole)
    assert blank.toImage().pixelColor(0, 0).name() == theme.LIGHT.control


def test_other_epochs_are_told(show: Any) -> None:
    panel: PictureAccuracyPanel = show(PictureAccuracyPanel(), 660, 520)
    told: list[int] = []
    panel.epochs_changed.connect(lambda: told.append(panel.scratch_epochs))
    panel.epochs.setValue(3)
    assert told == [3]
    panel.say("")
    assert not panel.reading.isVisible()  # no empty line beneath the plot


def test_a_cell_of_the_matrix_is_named_chosen_and_framed(show: Any) -> None:
    panel = show(MistakesPanel(), 340, 600)
    found = confusion(("cat", "dog"), ("a", "b", "c"), (0, 0, 1), (0, 1, 1))
    chosen: list[tuple[str, str]] = []
    panel.chosen.connect(lambda *pair: chosen.append(pair))
    panel.show_confusion(found, "relu", 0, 3)
    assert panel.draw.suffix() == " of 3"
    assert panel.matrix.sentence((0, 1)) == "cat: 1 of 2 taken for dog"
    assert panel.recall.text().startswith("Lowest recall: cat, 50.0 %")
    panel.matrix.box.clicked.emit(QPointF(1.5, 0.5))
    QTest.keyClick(panel.matrix, Qt.Key.Key_Down)
    assert chosen == [("cat", "dog"), ("dog", "cat")]
    panel.show_confusion(None, "", 0, 0)
    assert panel.matrix.message.isVisibleTo(panel)
    assert panel.draw.isHidden()


def test_a_grid_asks_only_for_pictures_that_are_seen(show: Any, qapp: Any) -> None:
    grid = PictureGrid("Pictures")
    asked: list[tuple[str, ...]] = []
    grid.wanted.connect(asked.append)
    show(grid, 300, 300)
    grid.set_pictures([GridPicture(f"{n}.png", str(n)) for n in range(10_000)])
    first = asked[-1]
    assert first[0] == "0.png"
    assert len(first) < 60
    grid.set_thumbnails({path: np.full((4, 4, 3), 200, np.uint8) for path in first})
    grid.ask()
    assert asked[-1] is first  # nothing is missing
    qapp.processEvents()
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    assert asked[-1][-1] == "9999.png"
    opened: list[str] = []
    grid.opened.connect(opened.append)
    grid.clicked.emit(grid.model().index(3, 0))
    assert opened == ["3.png"]
