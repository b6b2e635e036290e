"""A figure for a light or a dark paper: signed maps take the diverging colours of its theme. Values and limits stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import (
    ColourScale,
    FigureDescription,
    FigurePart,
    MatrixPart,
    PicturePart,
    TilesPart,
)
from explorer.core.render import colormaps


def on_paper(figure: FigureDescription, theme: Literal["light", "dark"]) -> FigureDescription:
    """The figure whose signed maps have the diverging colour map of the theme; those of a colour map that was chosen keep it."""
    wanted = colormaps.table(colormaps.diverging_for(theme == "dark"))
    rows = tuple(tuple(_recoloured(_of_theme(part, theme), wanted) for part in row) for row in figure.rows)
    return replace(figure, rows=rows)


def _of_theme(part: FigurePart, theme: str) -> FigurePart:
    """With the tiles that were made for a dark paper, where there are such."""
    if theme == "dark" and isinstance(part, TilesPart) and part.on_dark:
        return replace(part, tiles=part.on_dark)
    return part


def _recoloured(part: FigurePart, wanted: Array) -> FigurePart:
    if not isinstance(part, PicturePart | TilesPart | MatrixPart) or part.scale is None or not part.scale.by_theme:
        return part
    scale = replace(part.scale, colours=wanted)
    if isinstance(part, TilesPart):
        return replace(part, scale=scale, tiles=tuple(_looked_up(tile, part.scale, wanted) for tile in part.tiles))
    return replace(part, scale=scale, rgb=_looked_up(part.rgb, part.scale, wanted))


def _looked_up(rgb: Array, scale: ColourScale, wanted: Array) -> Array:
    """Every colour of the old table by that of the same place in the other one: the tables hold no colour twice, so that this
    loses nothing. Other colours (no finite value, no place) stay."""
    if np.array_equal(scale.colours, wanted):
        return rgb
    old = _packed(scale.colours)
    order = np.argsort(old)
    pixels = _packed(rgb)
    at = order[np.minimum(np.searchsorted(old, pixels, sorter=order), len(old) - 1)]
    found: Array = np.where((old[at] == pixels)[..., None], wanted[at], rgb)
    return found


def _packed(rgb: Array) -> Array:
    found: Array = rgb[..., 0].astype(np.int32) << 16 | rgb[..., 1].astype(np.int32) << 8 | rgb[..., 2]
    return found
