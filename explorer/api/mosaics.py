"""All maps of a layer as one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from explorer.api.capturing import Captured
from explorer.api.drawn_values import DrawnValues, picture_of
from explorer.core import render
from explorer.core.activations import Kind, Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


def mosaic(
    values: Captured | Array,
    name: str = "",
    *,
    width: int = 1600,
    height: int = 1200,
    scale: Literal["per-map", "per-layer"] = "per-map",
    colormap: str = "",
) -> DrawnValues:
    """All maps of a layer as one picture, as the command maps draws it.

    values: what `capture` gave, with the name of a tap; or an array (channels, height, width), (rows, columns) or (values,). width
    and height: the most that the picture takes, in pixels. scale: each map on its own scale, or all on one. colormap: one for
    values from 0 on, or for values of both signs; chosen by the values without a name.

    Raises ExplorerError for an unknown tap or colour map, and for an array of another shape.
    """
    if isinstance(values, Captured):
        array, tap = values[name], values.tap(name)
        manifest: Mapping[str, Any] = values.manifest([name])
    else:
        array, tap, manifest = np.asarray(values), _tap_of(np.asarray(values)), {}
    rgb = picture_of(array, tap, width, height, _SCALES[_known_scale(scale)], colormap)
    rgb.flags.writeable = False
    return DrawnValues(rgb, manifest)


_SCALES = {"per-map": render.ScaleMode.PER_MAP, "per-layer": render.ScaleMode.PER_LAYER}


def _known_scale(scale: str) -> str:
    if scale not in _SCALES:
        raise ExplorerError(
            tr("There is no scale “{scale}”.", scale=scale), tr("There are: {names}.", names=", ".join(_SCALES))
        )
    return scale


def _tap_of(array: Array) -> Tap:
    layouts = {3: Layout.NCHW, 1: Layout.NC}
    if array.ndim == 2:
        return _tap_of(array[None])
    if array.ndim not in layouts or not array.size or array.dtype.kind not in "fiub":
        raise ExplorerError(
            tr("An array of the shape {shape} cannot be drawn as maps.", shape=array.shape),
            tr("(channels, height, width), (rows, columns) or (values,) is wanted, without the batch dimension."),
        )
    grid = (array.shape[1], array.shape[2]) if array.ndim == 3 else None
    return Tap("array", "", 0, "array", Kind.OTHER, shape=(1, *array.shape), layout=layouts[array.ndim], grid=grid)
