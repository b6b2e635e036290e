"""Text stays on the paper and never lies over other text, however narrow the figure is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from figure_samples import WideRuler, every_part

from explorer.core.figure.figure_drawing import INKS, BoxItem, DotItem, Drawing, ImageItem, TextItem
from explorer.core.figure.figure_layout import lay_out
from explorer.core.figure.figure_numbers import as_tsv, tick_words, ticks, written
from explorer.core.figure.figure_parts import FigureDescription, FigureStyle, ScatterPart, TilesPart
from explorer.core.figure.figure_subject import model_words
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo

_TINY = 1e-6


def texts(drawing: Drawing) -> list[TextItem]:
    return [item for item in drawing.items if isinstance(item, TextItem)]


def overlap(one: TextItem, other: TextItem) -> bool:
    """By more than a quarter of a line: accents and descenders may touch."""
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    least = 0.25 * min(one.size, other.size)
    return wide > least and high > least


@pytest.mark.parametrize("width", [30, 60, 90, 120, 180, 400])
@pytest.mark.parametrize("font", [5.0, 8.0, 14.0])
def test_no_text_is_cut_off_or_lies_over_another(width: float, font: float) -> None:
    drawing = lay_out(every_part(), FigureStyle(width, font_pt=font), WideRuler())
    assert drawing.width == width
    for item in texts(drawing):
        assert item.x >= -_TINY, item
        assert item.x + item.width <= width + _TINY, item
        assert item.y >= 0
        assert item.y + item.height <= drawing.height + _TINY, item
    for one, other in combinations(texts(drawing), 2):
        assert not overlap(one, other), (one, other)


def test_pictures_and_frames_stay_on_the_paper() -> None:
    drawing = lay_out(every_part(), FigureStyle(60), WideRuler())
    for item in drawing.items:
        if isinstance(item, ImageItem | BoxItem):
            assert item.x >= -_TINY
            assert item.x + item.width <= 60 + _TINY


def test_every_channel_number_is_there_and_can_be_left_out() -> None:
    figure = every_part()
    tiles = figure.rows[1][0]
    assert isinstance(tiles, TilesPart)
    alone = FigureDescription("", ((tiles,),))
    with_numbers = [item.text for item in texts(lay_out(alone, FigureStyle(), WideRuler()))]
    assert set(map(str, range(70))) <= set(with_numbers)
    without = [item.text for item in texts(lay_out(alone, FigureStyle(numbers=False), WideRuler()))]
    assert len(without) < len(with_numbers) - 60


def test_numbers_that_would_be_too_small_stand_at_the_first_of_each_row() -> None:
    tile = np.zeros((2, 2, 3), np.uint8)
    part = TilesPart("", (tile,) * 2048, tuple(map(str, range(2048))))
    drawing = lay_out(FigureDescription("", ((part,),)), FigureStyle(60), WideRuler())
    shown = [int(item.text) for item in texts(drawing)]
    steps = np.diff(shown)
    assert shown[0] == 0
    assert len(set(steps.tolist())) == 1
    assert steps[0] > 10


def test_parts_can_be_left_out() -> None:
    figure = every_part()
    whole = lay_out(figure, FigureStyle(), WideRuler())
    bare = lay_out(figure, FigureStyle(colour_bar=False, caption=False), WideRuler())
    said, left = {item.text for item in texts(whole)}, {item.text for item in texts(bare)}
    assert "2.58" in said - left
    assert any("stage3.1.norm1" in text for text in said - left)
    assert bare.height < whole.height


def test_the_ends_of_a_colour_bar_are_the_limits() -> None:
    figure = FigureDescription("", (every_part().rows[0],))
    said = [item.text for item in texts(lay_out(figure, FigureStyle(), WideRuler()))]
    assert {"0", "2.58", "−1.5", "1.5"} <= set(said)


def test_pixels_are_drawn_as_they_are() -> None:
    figure = every_part()
    drawn = [item.rgb for item in lay_out(figure, FigureStyle(), WideRuler()).items if isinstance(item, ImageItem)]
    part = figure.rows[0][0]
    assert any(rgb is part.rgb for rgb in drawn)  # type: ignore[union-attr]


def test_a_table_of_all_numbers() -> None:
    figure = every_part()
    table = as_tsv(figure)
    assert "deletion, area 0.35" in table
    matrix = figure.rows[2][0]
    row = next(line for line in table.splitlines() if line.startswith(matrix.rows[3]))  # type: ignore[union-attr]
    assert np.allclose([float(cell) for cell in row.split("\t")[1:]], matrix.values[3])  # type: ignore[union-attr]
    assert all("\n" not in line for line in table.splitlines())


def test_an_empty_figure_has_a_size() -> None:
    drawing = lay_out(replace(every_part(), rows=(), caption=""), FigureStyle(), WideRuler())
    assert drawing.height > 0


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3e-7, 4e-7), (0.0, 12345.0), (-1.0, 1e9), (99.95, 100.0)])
def test_ticks_are_round_and_told_apart(low: float, high: float) -> None:
    for most in (2, 4, 7):
        places = ticks(low, high, most)
        assert 1 <= len(places) <= max(most, 2)
        assert all(low - 1e-9 * (high - low) <= place <= high + 1e-9 * (high - low) for place in places)
        assert len(set(tick_words(places))) == len(places)


def test_numbers_are_written_as_they_are() -> None:
    assert [written(v) for v in (0.0, -0.5, 1234.56, 1e-7, float("nan"), float("-inf"))] == [
        *("0", "−0.5", "1235", "1e−7", "NaN", "−∞")
    ]


def test_a_caption_names_a_file_without_its_folders() -> None:
    for path in ("/nets/of/mine/net.py", r"C:\nets\net.py"):
        card = ModelCard(ModelSpec(f"file:{path}:make"), "net", "file", WeightsInfo(True), Preprocess())
        assert "(file:net.py:make, trained)" in model_words(card)


def test_points_of_no_class_have_a_colour_of_their_own_and_a_name() -> None:
    groups, at = tuple("abcdefgh"), np.arange(9.0)
    part = ScatterPart("", at, at, np.arange(9) - 1, groups)
    drawing = lay_out(FigureDescription("Points", ((part,),), "", "points"), FigureStyle(), WideRuler())
    marks = [item.colour for item in drawing.items if isinstance(item, DotItem)]
    assert marks[: len(groups)] == list(INKS["light"].series)  # of the legend
    assert marks[len(groups)] == marks[len(groups) + 1] == INKS["light"].line
    assert marks.count(INKS["light"].line) == 2
    assert "no class" in [item.text for item in drawing.items if isinstance(item, TextItem)]
