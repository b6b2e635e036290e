"""What axes write: round numbers without needless zeros, whole numbers for cells, the ends of a range, nothing over another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from explorer.core import render
from explorer.core.token_labels import TokenLabel
from explorer.ui.graphics.axes import EndsAxis, IndexAxis, NumberAxis, StepAxis, trimmed
from explorer.ui.graphics.colour_bar import ColourBar
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.graphics.time_panel import TimePanel
from explorer.ui.graphics.token_axis import TokenAxis
from explorer.ui.graphics.vector_plot import VectorPlot


def written(axis: Any) -> list[str]:
    return [words for _, words in axis._labels]


def apart(axis: Any) -> bool:
    rects = [rect for rect, _ in axis._labels]
    return not any(one.intersects(other) for one, other in itertools.combinations(rects, 2))


@pytest.mark.parametrize(
    ("number", "short"),
    [("0.500", "0.5"), ("10.0", "10"), ("1000", "1000"), ("0", "0"), ("−2.0e−13", "−2e−13"), ("2.50", "2.5")],
)
def test_numbers_end_with_a_digit_that_says_something(number: str, short: str) -> None:
    assert trimmed(number) == short


def test_neighbouring_ticks_have_different_words(show: Any) -> None:
    plot = show(CurvePlot("curve"), 300, 130)
    for low, span in ((0.0, 1.0), (10.0, 0.2), (-0.003, 0.001), (0.0, 50.0), (99_990.0, 20.0)):
        plot.set_curves([CurveData(np.array([low, low + span]), np.array([0.0, 1.0]), "y")], from_zero=False)
        plot.grab()
        words = written(plot.view.bottom_axis)
        assert len(words) == len(set(words)) >= 2
        assert not any("." in each and each.endswith("0") for each in words)


def test_cells_are_counted_in_whole_numbers_with_what_they_are(show: Any) -> None:
    panel = show(TimePanel(), 600, 400)
    values = np.zeros((24, 254), np.float32)
    panel.set_values(values, render.limits(values[:, None, :], render.ScaleMode.PER_LAYER), "magma", "token")
    panel.grab()
    left, bottom = panel.view.left_axis, panel.view.bottom_axis
    assert (left.title, bottom.title) == ("channel", "token")
    for axis in (left, bottom):
        assert isinstance(axis, IndexAxis | StepAxis)
        assert all(words.isdigit() for words in written(axis))
        assert len(written(axis)) > 4
        assert not any(rect.intersects(axis._title_room()) for rect, _ in axis._labels)
        assert apart(axis)


def test_entries_of_a_vector_are_numbered(show: Any) -> None:
    plot = show(VectorPlot(), 500, 300)
    plot.set_values(np.arange(10.0))
    plot.grab()
    assert written(plot.bars.bottom_axis)[:3] == ["0", "1", "2"]
    assert plot.bars.bottom_axis.title == "entry"
    plot.sort.setChecked(True)
    assert plot.bars.bottom_axis.title == "rank"


@pytest.mark.parametrize(
    ("low", "high", "wide", "expected"),
    [
        (0.0, 3.8, 240, ["0", "3.80"]),
        (-7.48, 7.48, 240, ["−7.48", "7.48", "0"]),
        (-7.48, 7.48, 80, ["−7.48", "7.48"]),
        (0.0, 0.0, 240, ["0"]),
    ],
)
def test_a_colour_bar_names_its_ends(show: Any, low: float, high: float, wide: int, expected: Sequence[str]) -> None:
    bar = show(ColourBar(), wide, 26)
    bar.set_range(low, high, "magma")
    bar.grab()
    axis = bar._axis
    assert isinstance(axis, EndsAxis)
    assert written(axis) == list(expected)
    assert apart(axis)
    assert all(axis.rect().contains(rect) for rect, _ in axis._labels)


def test_an_axis_without_a_title_has_no_room_for_one() -> None:
    assert NumberAxis("left", title="count").thickness > NumberAxis("left").thickness
    assert NumberAxis("left")._title_room().isEmpty()


def test_channels_are_numbered_where_there_are_some(show: Any) -> None:
    """A few rows leave room beneath, where no channel is."""
    panel = show(TimePanel(), 600, 500)
    for count in (12, 3, 12):
        values = np.zeros((count, 24), np.float32)
        panel.set_values(values, render.limits(values[None], render.ScaleMode.PER_LAYER), "grey")
        panel.grab()
        numbers = [int(words) for words in written(panel.view.channels)]
        assert numbers
        assert max(numbers) < count
    assert numbers[-1] > 3  # those of twelve again, though the same range is seen


@pytest.mark.parametrize(("count", "length"), [(600, 160.0), (27, 140.0), (9, 400.0)])
def test_names_of_tokens_have_room_and_are_not_cut_off(qapp: object, count: int, length: float) -> None:
    axis = TokenAxis("left", 50)
    axis.set_tokens([TokenLabel("word")] * count)
    places = [at for _, at in axis.named(0, count, length)]
    assert min(np.diff(places)) >= 8  # of a font of 11 px, whose letters are 8 high
    assert places[0] >= 5
    assert places[-1] <= length - 5
