"""Prediction, numbers, vectors, tokens and sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hands import pixels_of, point, surface
from PySide6.QtCore import QPoint, QRect, Qt
from pytestqt.qtbot import QtBot

from explorer.core import render
from explorer.core.interventions import Shift
from explorer.core.model_output import Guess
from explorer.ui import theme
from explorer.ui.graphics.bar_plot import bars_picture
from explorer.ui.graphics.time_panel import TimePanel
from explorer.ui.graphics.token_rows import TokenRows, token_names
from explorer.ui.graphics.vector_plot import VectorPlot
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.prediction import PredictionBars

Show = Callable[..., Any]
INK, BAD, GROUND = 1, 2, 0


def guesses(*shares: float) -> list[Guess]:
    return [Guess(at, f"label {at}", 0.0, share) for at, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"), (1.16, "1.16"), (-0.01234, "−0.0123"), (123.456, "123"), (12.3456, "12.3"), (2.3e-5, "2.3e−5"),
        (-4.5e9, "−4.5e9"), (float("nan"), "NaN"), (float("inf"), "∞"), (float("-inf"), "−∞"), (99999.0, "99999"),
    ],
)  # fmt: skip
def test_numbers_are_written_short(value: float, written: str) -> None:
    assert text.number(value) == written


def test_shares_counts_and_signs_are_written_alike() -> None:
    assert text.percent(0.749) == "74.9 %"
    assert text.percent(0.0) == "0.0 %"
    assert text.percent(1e-9) == "<0.1 %"
    assert [text.points(v) for v in (4.52, -0.31, 0.0, -0.001)] == ["+4.5", "−0.3", "0.0", "−<0.1"]
    assert (text.count(999), text.count(3_504_872)) == ("999", "3.5 M")
    assert (text.signed(0.5), text.signed(-0.5), text.signed(0.0)) == ("+0.50", "−0.50", "0")


def test_prediction_keeps_its_height_whatever_it_says(show: Show, looks: theme.Theme) -> None:
    view = show(PredictionBars(), 240, 200)
    height = view.sizeHint().height()
    view.set_guesses(guesses(0.7, 0.2, 0.1))
    assert theme.current().accent in pixels_of(view)
    assert view.accessibleDescription() == "label 0 70.0 %"
    view.set_guesses(guesses(*[0.1] * 10), untrained="untrained, seed 0", labelled=False)
    assert view.sizeHint().height() == height


def test_prediction_says_what_is_missing(show: Show) -> None:
    view = show(PredictionBars(), 240, 200)
    view.set_guesses([])
    assert view.accessibleDescription() == "No class predictions: the output is not a class vector."
    view.set_guesses([Guess(281, "", 1.0, float("nan"))], labelled=False)
    assert view.accessibleDescription() == "class 281 NaN"
    view.grab()


def test_numbers_are_told_and_painted(show: Show) -> None:
    view = show(NumbersTable(), 240, 100)
    view.set_rows([Row("shape", "144 × 28 × 28"), Row("not finite", "■ 3", warm=True)])
    assert view.accessibleDescription() == "shape 144 × 28 × 28, not finite ■ 3"
    assert theme.current().error in pixels_of(view)
    assert view.sizeHint().height() == 2 * theme.current().row


def test_bars_reach_as_far_as_their_values() -> None:
    picture = bars_picture(np.array([1.0, -1.0, 0.5]), 3, 101, INK, BAD, GROUND)
    tall = (picture == INK).sum(axis=0)
    assert tall.tolist() == [51, 51, 26]
    assert (picture[:50, 0] == INK).all()
    assert (picture[51:, 1] == INK).all()


def test_no_peak_is_lost_among_more_values_than_pixels() -> None:
    values = np.zeros(10_000)
    values[7777] = 5
    picture = bars_picture(values, 100, 50, INK, BAD, GROUND)
    assert (picture[:, 77] == INK).all()
    assert (picture == INK).sum() == 50 + 99


def test_broken_bars_are_marked() -> None:
    picture = bars_picture(np.array([1.0, np.nan, np.inf, 2.0]), 4, 10, INK, BAD, GROUND)
    assert (picture == BAD).all(axis=0).tolist() == [False, True, True, False]


@pytest.mark.parametrize("count", [1, 2, 1000, 100_000])
def test_a_vector_of_any_length_is_shown(show: Show, count: int, qtbot: QtBot) -> None:
    view = show(VectorPlot(), 500, 200)
    view.set_values(np.random.default_rng(0).standard_normal(count))
    assert theme.current().accent in pixels_of(view.bars)
    with qtbot.waitSignal(view.hovered) as told:
        point(view.bars, QPoint(view.bars.width() - 2, 40))
    assert told.args[0] >= count - max(count // 200, 1)


def test_a_vector_sorts_and_selects_by_index(show: Show, qtbot: QtBot) -> None:
    view = show(VectorPlot(), 500, 200)
    view.set_values(np.array([1.0, 5.0, np.nan, 3.0]), ("a", "b", "c", "d"))
    view.sort.setChecked(True)
    walked: list[int] = []
    view.selected.connect(walked.append)
    for _ in range(5):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert walked == [1, 3, 0, 2, 2]
    with qtbot.waitSignal(view.selected) as told:
        qtbot.mouseClick(surface(view.bars), Qt.MouseButton.LeftButton, pos=QPoint(int(view.bars.area.left()) + 5, 40))
    assert told.args == [1]
    view.clear("Nothing here.")
    view.grab()


def test_prefix_tokens_have_names_and_answer(show: Show, qtbot: QtBot, looks: theme.Theme) -> None:
    assert token_names(1) == ["CLS"]
    assert token_names(3) == ["CLS", "REG1", "REG2"]
    view = show(TokenRows(), 400, 70)
    view.set_values(np.random.default_rng(0).standard_normal((3, 8)))
    view.set_channel(2)
    place = view.picture
    at = QPoint(int(place.left() + place.width() * 5.5 / 8), 30)
    with qtbot.waitSignal(view.hovered) as told:
        point(view, at)
    assert told.args == [1, 5]
    assert theme.current().warm in pixels_of(view)
    with qtbot.waitSignal(view.selected) as told:
        qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == [1, 5]
    view.clear()
    assert view.sizeHint().height() == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (768, 1), (512, 77)])
def test_a_sequence_is_never_one_pixel_high(show: Show, shape: tuple[int, int], qtbot: QtBot) -> None:
    view = show(TimePanel(), 500, 300)
    values = np.random.default_rng(0).standard_normal(shape)
    limits = render.limits(values[None], render.ScaleMode.PER_LAYER)
    view.set_values(values, limits, theme.current().diverging, "token")
    assert view.picture.height() >= 20
    corner = view.picture.bottomRight().toPoint() - QPoint(1, 1)
    with qtbot.waitSignal(view.selected) as told:
        qtbot.mouseClick(surface(view), Qt.MouseButton.LeftButton, pos=corner)
    assert told.args[0] >= shape[0] * 0.98 - 1
    assert told.args[1] == shape[1] - 1
    point(view, corner)
    view.grab()


def test_a_sequence_may_have_a_scale_for_each_channel(show: Show) -> None:
    view = show(TimePanel(), 500, 300)
    values = np.array([[1.0, 2.0], [100.0, np.nan]])
    view.set_values(values, render.limits(values[:, None, :], render.ScaleMode.PER_MAP), "grey")
    shown = pixels_of(view)
    assert {"#ffffff", "#ff00ff"} <= shown
    view.clear("Nothing here.")
    view.grab()


def test_a_long_value_shortens_no_name_but_its_own(show: Show) -> None:
    alone, together = show(NumbersTable(), 150, 44), show(NumbersTable(), 150, 44)
    depth = Row("relative depth", "0.50")
    alone.set_rows([depth, Row("range", "0 … 1")])
    together.set_rows([depth, Row("range", "−6.44 … 4.56")])
    first = QRect(0, 0, 150, theme.current().row)
    assert together.grab(first).toImage() == alone.grab(first).toImage()


def test_what_is_said_over_the_classes_can_be_read_in_both_themes(show: Show, looks: theme.Theme) -> None:
    bars = show(PredictionBars(), 220, 200)
    bars.set_guesses([Guess(0, "star", 3.0, 0.9)], untrained="untrained, seed 0")
    said = []
    for edited in (False, True):
        if edited:
            bars.set_shifts([Shift(0, "star", 0.9, 0.8, 3.0, 2.0)], "1 channel edited")
        said.append(bars.note.text())
        colour = bars.note.palette().color(bars.note.foregroundRole()).name()
        assert theme.contrast(colour, looks.panel) >= 4.5
    assert said == ["untrained, seed 0: by chance", "1 channel edited · Δ in pp"]
    bars.set_guesses([Guess(0, "star", 3.0, 0.9)])
    assert not bars.note.isVisible()
