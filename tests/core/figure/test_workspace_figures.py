"""Figures of Dataset and Transfer say what their tables and curves hold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from figure_samples import WideRuler

from explorer.core.data_index import ChannelHistogram, ChannelTable, Scatter
from explorer.core.data_sets import DataClass, DataSet
from explorer.core.figure.figure_drawing import BoxItem, DotItem
from explorer.core.figure.figure_layout import lay_out
from explorer.core.figure.figure_numbers import as_tsv
from explorer.core.figure.figure_parts import FigureDescription, FigureStyle, MatrixPart
from explorer.core.figure.workspace_figures import (
    classes_figure,
    confusion_figure,
    grid_figure,
    scatter_figure,
    table_figure,
    training_figure,
)
from explorer.core.probe import Confusion
from explorer.core.transfer import EpochFigures, Training


def rows(figure: FigureDescription) -> list[list[str]]:
    return [line.split("\t") for line in as_tsv(figure).splitlines()]


def test_every_channel_of_an_index_is_a_row() -> None:
    numbers = [np.array([3.0, 0.5]) + at for at in range(6)]
    table = ChannelTable("conv", *numbers, ("star", ""), np.array([1, 2]), np.array([0, 0]), 9)
    histogram = ChannelHistogram(np.array([1, 4]), np.array([0.0, 1.0, 2.0]), np.zeros((0, 2), np.int64), ())
    said = rows(table_figure(table, None, 1, histogram))
    assert ["0", "3", "4", "5", "6", "7", "8", "star"] in said
    assert ["1", "2", "4"] in said


def test_more_classes_than_colours_have_other_marks() -> None:
    labels = tuple(f"class {at:02}" for at in range(18))
    points = np.random.default_rng(0).random((18, 2)).astype(np.float32)
    figure = scatter_figure(Scatter(np.arange(18), points, (0.5, 0.2), labels), "conv", None)
    items = lay_out(figure, FigureStyle(), WideRuler()).items
    looks = [
        (type(item).__name__, getattr(item, "colour", ""), getattr(item, "fill", ""), item.line)
        for item in items
        if isinstance(item, DotItem | BoxItem)
    ]
    assert len(set(looks)) == 18
    assert len(looks) == 36  # in the plot and in the legend
    assert {row[2] for row in rows(figure) if len(row) == 3} >= set(labels)


def test_every_class_is_a_row_with_its_pictures() -> None:
    pictures = tuple(cast("Any", SimpleNamespace(path=str(at))) for at in range(3))
    data = DataSet(
        "cups", "", (DataClass("red", pictures), DataClass("blue", (), "has no picture")), (), (("a", "no"),)
    )
    figure = classes_figure(data)
    assert ["red", "3"] in [row[:2] for row in rows(figure)]
    assert ["blue", "0", "has no picture"] in rows(figure)
    assert "1 of the files cannot be read" in figure.caption


def test_a_confusion_matrix_has_its_counts() -> None:
    found = Confusion(("star", "bar"), np.array([[7, 1], [2, 4]]), {})
    figure = confusion_figure(found, "draw 0")
    part = figure.parts[0]
    assert isinstance(part, MatrixPart)
    assert np.array_equal(part.values, found.counts)
    assert part.texts == (("7", "1"), ("2", "4"))
    assert "draw 0" in figure.caption


def test_a_training_has_its_curves() -> None:
    epochs = tuple(EpochFigures(at, 2.0 - at, 2.5 - at, 0.2 * at) for at in range(3))
    told: Any = SimpleNamespace(
        ends=np.array([0.5, 1.0]), losses=np.array([2.0, 1.5]), epochs=epochs, counts=(8, 2, 2), best=2, notes=()
    )
    figure = training_figure(cast("Training", told), "net")
    assert ["2", "40"] in rows(figure)
    assert ["1", "1.5"] in rows(figure)


def test_pictures_that_have_not_come_are_left_out() -> None:
    assert grid_figure("Pictures", (("a", None),), None) is None
    figure = grid_figure("Pictures", (("a", None), ("b", np.zeros((4, 6, 3), np.uint8))), None)
    assert figure is not None
    assert figure.parts[0].labels == ("b",)  # type: ignore[union-attr]
