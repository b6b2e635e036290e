from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hands import drag, pixels_of, point, surface, turn
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from explorer.core import render
from explorer.ui import theme
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.graphics.histogram_plot import HistogramPlot

Key = Qt.Key


def fill(view: FeatureMapPanel, values: np.ndarray, cell: tuple[int, int] | None = None) -> None:
    limits = render.limits(values[None], render.ScaleMode.PER_MAP)
    view.set_map(values, limits, "grey", cell)


@pytest.fixture
def view(show: Callable[..., FeatureMapPanel]) -> FeatureMapPanel:
    out = show(FeatureMapPanel(), 260, 320)
    fill(out, np.arange(12, dtype=np.float32).reshape(3, 4))
    return out


def at(view: FeatureMapPanel, y: int, x: int, rows: int = 3, columns: int = 4) -> QPoint:
    place = view.picture
    return QPoint(
        int(place.left() + (x + 0.5) * place.width() / columns), int(place.top() + (y + 0.5) * place.height() / rows)
    )


def test_every_cell_can_be_hovered_and_clicked(view: FeatureMapPanel, qtbot: QtBot) -> None:
    for y, x in np.ndindex(3, 4):
        with qtbot.waitSignal(view.hovered) as told:
            point(view, at(view, y, x))
        assert told.args == [y, x]
        with qtbot.waitSignal(view.selected) as told:
            qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=at(view, y, x))
        assert told.args == [y, x]
    view.grab()
    with qtbot.waitSignal(view.left):
        point(view, QPoint(2, 315))


def test_arrows_move_the_cell_and_stay_inside(view: FeatureMapPanel, qtbot: QtBot) -> None:
    view.set_cell((0, 0))
    walked: list[tuple[int, int]] = []
    view.selected.connect(lambda y, x: walked.append((y, x)))
    for key in (Key.Key_Up, Key.Key_Right, Key.Key_Down, Key.Key_Left, Key.Key_Left):
        qtbot.keyClick(view.view, key)
    assert walked == [(0, 0), (0, 1), (1, 1), (1, 0), (1, 0)]


def test_the_numbers_are_those_of_the_map(view: FeatureMapPanel) -> None:
    assert view.accessibleDescription() == "max 11.0 at (2, 3)   min 0\nmean 5.50   zero 8.3 %"


def test_broken_values_are_named_and_shown(view: FeatureMapPanel) -> None:
    fill(view, np.array([[1.0, np.nan], [np.inf, 2.0]]))
    assert view.accessibleDescription().endswith("2 not finite")
    assert "max 2.00 at (1, 1)" in view.accessibleDescription()
    assert "#ff00ff" in pixels_of(view)
    fill(view, np.full((2, 2), np.nan))
    assert view.accessibleDescription() == "no finite value"


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (224, 224)])
def test_any_map_fits(show: Callable[..., FeatureMapPanel], shape: tuple[int, int], looks: theme.Theme) -> None:
    view = show(FeatureMapPanel(), 260, 320)
    fill(view, np.random.default_rng(0).standard_normal(shape), (0, 0))
    assert len(pixels_of(view)) > 3
    assert view.rect().toRectF().contains(view.picture)


def test_the_wheel_is_left_to_what_the_map_stands_in(view: FeatureMapPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.view.box.scrubbed):
        turn(view, 1)
    assert view.view.box.zoom == 1


def test_an_empty_view_says_what_to_do(view: FeatureMapPanel, qtbot: QtBot) -> None:
    view.clear("Click a map.")
    with qtbot.assertNotEmitted(view.selected):
        qtbot.keyClick(view.view, Key.Key_Right)
        qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert len(pixels_of(view)) > 2


def test_a_smaller_map_forgets_a_hovered_cell_outside(view: FeatureMapPanel) -> None:
    view.set_hover((2, 3))
    assert theme.current().warm in pixels_of(view)
    fill(view, np.ones((1, 1)))
    assert theme.current().warm not in pixels_of(view)


def test_the_histogram_shows_its_counts(show: Callable[..., HistogramPlot], qtbot: QtBot, looks: theme.Theme) -> None:
    view = show(HistogramPlot(), 240, 76)
    assert theme.current().accent not in pixels_of(view)
    view.set_counts(*render.histogram(np.random.default_rng(0).standard_normal(500), 20))
    assert theme.current().accent in pixels_of(view)
    assert "500 values" in view.accessibleDescription()
    point(view, QPoint(120, 30))
    assert theme.current().warm in pixels_of(view)
    view.clear()
    assert theme.current().accent not in pixels_of(view)


def test_the_view_is_as_high_as_its_map_needs(view: FeatureMapPanel) -> None:
    fill(view, np.ones((8, 8)))
    square = view.heightForWidth(260)
    fill(view, np.ones((4, 8)))
    assert view.heightForWidth(260) == square - 130
    fill(view, np.ones((80, 8)))
    assert view.heightForWidth(260) == square


def test_a_region_is_drawn_by_dragging_in_any_direction_and_given_up_by_a_click(
    view: FeatureMapPanel, qtbot: QtBot
) -> None:
    view.set_banding(True)
    told: list[object] = []
    view.banded.connect(told.append)
    drag(view, at(view, 2, 1), at(view, 1, 3))
    drag(view, at(view, 0, 1), at(view, 0, 0))
    drag(view, at(view, 1, 1), QPoint(259, 1))  # beyond the edge
    assert [region for region in told if region is not None] == [(1, 1, 3, 4), (0, 0, 1, 2), (0, 1, 2, 4)]
    qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=at(view, 2, 0))
    assert told[-1] is None
    assert view.band is None


def test_a_region_is_moved_by_dragging_it(view: FeatureMapPanel) -> None:
    view.set_banding(True)
    drag(view, at(view, 0, 0), at(view, 1, 1))
    told: list[object] = []
    view.banded.connect(told.append)
    drag(view, at(view, 0, 0), at(view, 1, 2))
    assert told == [(1, 2, 3, 4)]
    assert view.band == (1, 2, 3, 4)


def test_a_region_is_drawn_by_keyboard(view: FeatureMapPanel, qtbot: QtBot) -> None:
    view.set_banding(True)
    view.set_cell((1, 1))
    told: list[object] = []
    view.banded.connect(told.append)
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Down):
        qtbot.keyClick(view.view, key, Qt.KeyboardModifier.ShiftModifier)
    assert told == [(1, 1, 2, 3), (1, 1, 3, 3), (1, 1, 3, 3)]
    qtbot.keyClick(view.view, Key.Key_Left)
    assert view.band is None


def test_no_region_where_none_is_asked_for_or_on_another_map(view: FeatureMapPanel, qtbot: QtBot) -> None:
    drag(view, at(view, 0, 0), at(view, 2, 2))
    assert view.band is None
    view.set_banding(True)
    drag(view, at(view, 0, 0), at(view, 2, 2))
    assert view.band == (0, 0, 3, 3)
    fill(view, np.ones((2, 2), np.float32))
    assert view.band is None


@pytest.mark.parametrize("levels", [True, False])
def test_levels_are_dragged_only_where_somebody_takes_them(show: Callable[..., FeatureMapPanel], levels: bool) -> None:
    out = show(FeatureMapPanel(levels=levels), 260, 320)
    fill(out, np.arange(12, dtype=np.float32).reshape(3, 4))
    assert out.bar.movable is levels
