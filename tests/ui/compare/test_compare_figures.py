"""Compare as a figure: the columns as they are drawn, and the matrix between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtGui import QGuiApplication

from explorer.core import render
from explorer.core.figure.figure_parts import TilesPart
from explorer.core.session.comparison import SharedScale


def test_columns_have_their_colours_and_one_scale(compare: Callable[..., Any]) -> None:
    app = compare("one", "other")
    app.compare.set_scale(SharedScale.ALL)
    app.rest()
    figure = app.commands.figures.compare.whole()
    tiles = [part for part in figure.parts if isinstance(part, TilesPart)]
    assert [part.title[:2] for part in tiles] == ["A:", "B:"]
    scales = [(part.scale.low, part.scale.high) for part in tiles if part.scale is not None]
    assert len(scales) == 2
    assert scales[0] == scales[1]
    columns = app.compare.columns
    for part, column in zip(tiles, columns, strict=True):
        shown = column.shown
        rgb = render.rgb_of(render.colorize(shown.maps, shown.limits, shown.colormap))
        assert all(np.array_equal(tile, rgb[int(label)]) for tile, label in zip(part.tiles, part.labels, strict=True))
    assert "A: Model" in figure.caption
    assert "B: Model" in figure.caption
    assert "shared by all" in figure.caption


def test_copy_takes_compare_as_a_whole(compare: Callable[..., Any]) -> None:
    app = compare("one", "other")
    assert app.commands.figures.compare.pair("cka") is None
    app.commands.figures.copy()
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert "A: channel " in data.text()
    assert "B: channel " in data.text()


def test_heads_of_attention_stand_in_the_place_of_maps(attending: Callable[..., Any]) -> None:
    app = attending("planted", "patches")
    figure = app.commands.figures.compare.whole()
    tiles = [part for part in figure.parts if isinstance(part, TilesPart)]
    columns = app.compare.columns
    assert len(tiles) == len(columns) == 2
    for part, column in zip(tiles, columns, strict=True):
        assert part.labels == column.attention.tiles.names
        assert np.allclose(
            [row[1] for row in part.measures], column.attention.tiles.values.reshape(len(part.tiles), -1).max(1)
        )
