from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.core import render
from explorer.ui.graphics.mosaic_panel import MosaicPanel
from explorer.ui.graphics.tile_strengths import strengths_of


def mosaic(show: Callable[..., MosaicPanel], mode: render.ScaleMode, order: list[int] | None = None) -> MosaicPanel:
    panel = show(MosaicPanel(), 400, 200)
    maps = np.stack([np.full((4, 4), value, np.float32) for value in (0.0227, 2.58, 1.29)])
    limits = render.limits(maps, mode)
    panel.set_maps(maps, limits=limits, colormap="magma", order=None if order is None else np.array(order))
    return panel


def test_a_bar_is_as_long_as_the_map_is_strong(show: Callable[..., MosaicPanel]) -> None:
    panel = mosaic(show, render.ScaleMode.PER_MAP, [2, 0, 1])
    tracks, bars = panel.strengths.bars()
    shares = [bar.width() / track.width() for track, bar in zip(tracks, bars, strict=True)]
    assert np.allclose(shares, [0.5, 0.0227 / 2.58, 1.0])
    for position, track in enumerate(tracks):
        tile = panel.on_screen(panel.tile(position))
        assert abs(track.left() - tile.left()) < 1
        assert abs(track.bottom() - tile.bottom()) < 1
    seen = panel.viewport().grab().toImage()
    ends = [seen.pixelColor(int(track.right()) - 3, int(track.top()) + 1).lightness() for track in tracks]
    assert ends[2] > 200  # the bar of the strongest map reaches the end of its tile
    assert ends[0] < 200


def test_one_scale_for_all_needs_no_bars(show: Callable[..., MosaicPanel]) -> None:
    panel = mosaic(show, render.ScaleMode.PER_LAYER)
    assert panel.strengths.bars() == ([], [])
    assert not panel.strengths.isVisible()


def test_signed_maps_count_by_size_and_dead_ones_as_nothing() -> None:
    maps = np.array([[[-4.0, 1.0]], [[0.0, 2.0]], [[0.0, 0.0]]])
    found = strengths_of(render.limits(maps, render.ScaleMode.PER_MAP))
    assert found is not None
    assert found.tolist() == [1.0, 0.5, 0.0]
    nothing = strengths_of(render.limits(np.zeros((2, 1, 2)), render.ScaleMode.PER_MAP))
    assert nothing is not None
    assert nothing.tolist() == [0.0, 0.0]
