"""Signed maps have the diverging colours of the paper, whatever window they come from; a colour map that was chosen stays."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from figure_samples import WideRuler

from explorer.core import render
from explorer.core.activations import Kind, Layout, Tap
from explorer.core.arrays import Array
from explorer.core.figure.figure_drawing import ImageItem
from explorer.core.figure.figure_layout import lay_out
from explorer.core.figure.figure_parts import FigureDescription, FigurePart, FigureStyle
from explorer.core.figure.layer_figures import channel_part, tiles_of
from explorer.core.render import colormaps
from explorer.core.session.display import Display, display
from explorer.core.session.session import Session

_VALUES = np.random.default_rng(0).normal(size=(3, 16, 16)).astype(np.float32)
_VALUES[1, 2, 3] = np.nan
_TAP = Tap("a", "a", 0, "Conv2d", Kind.CONV, shape=(1, 3, 16, 16), layout=Layout.NCHW)


def _shown(dark: bool, colormap: str = "magma") -> Display:
    return display(_TAP, _VALUES, Session(colormap=colormap), dark)


def _pictures(part: FigurePart, theme: Literal["light", "dark"]) -> list[Array]:
    drawing = lay_out(FigureDescription("", ((part,),)), FigureStyle(theme=theme), WideRuler())
    return [item.rgb for item in drawing.items if isinstance(item, ImageItem)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("window_is_dark", [False, True])
def test_the_paper_decides_the_colours_of_signed_maps(window_is_dark: bool, theme: Literal["light", "dark"]) -> None:
    shown = _shown(window_is_dark)
    assert shown.maps is not None
    assert shown.limits is not None
    expected = render.rgb_of(render.colorize(shown.maps, shown.limits, colormaps.diverging_for(theme == "dark")))
    *tiles, bar = _pictures(tiles_of(shown), theme)
    np.testing.assert_array_equal(np.stack(tiles), expected)
    np.testing.assert_array_equal(bar[0], colormaps.table(colormaps.diverging_for(theme == "dark")))
    np.testing.assert_array_equal(_pictures(channel_part(shown, 1), theme)[0], expected[1])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", colormaps.DIVERGING)
def test_a_diverging_colour_map_that_was_chosen_stays(name: str, theme: Literal["light", "dark"]) -> None:
    for part in (tiles_of(_shown(True, name)), channel_part(_shown(False, name), 0)):
        bar = _pictures(part, theme)[-1]
        np.testing.assert_array_equal(bar[0], colormaps.table(name))


def test_maps_without_a_sign_stay_as_they_are() -> None:
    shown = display(_TAP, np.abs(_VALUES), Session(colormap="viridis"), True)
    for theme in ("light", "dark"):
        np.testing.assert_array_equal(_pictures(tiles_of(shown), theme)[-1][0], colormaps.table("viridis"))
