"""Values -> pictures: what everything that draws activations imports. Pure functions on numpy arrays.

The parts: `render_values` (layouts), `render_scale` (limits and colours), `render_mosaic` (the picture and the way back),
`render_stats` (sorting and numbers)."""

from explorer.core.layouts import as_line, as_maps, as_sequence, as_vector, prefix_tokens
from explorer.core.render.scale import BAD, Limits, ScaleMode, colorize, extremes, limits, pick, rgb_of, to_index
from explorer.core.render.statistics import (
    LayerNumbers,
    SortKey,
    dead_channels,
    histogram,
    layer_numbers,
    sort_channels,
)
from explorer.core.render.tile_mosaic import Mosaic, TileGrid, best_columns, fit_grid, mosaic, strip_of, thumbnail

__all__ = [
    "BAD",
    "LayerNumbers",
    "Limits",
    "Mosaic",
    "ScaleMode",
    "SortKey",
    "TileGrid",
    "as_line",
    "as_maps",
    "as_sequence",
    "as_vector",
    "best_columns",
    "colorize",
    "dead_channels",
    "extremes",
    "fit_grid",
    "histogram",
    "layer_numbers",
    "limits",
    "mosaic",
    "pick",
    "prefix_tokens",
    "rgb_of",
    "sort_channels",
    "strip_of",
    "thumbnail",
    "to_index",
]
