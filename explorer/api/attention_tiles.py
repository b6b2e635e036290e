"""Attention as values (.npz) or over the picture (.png)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.core.any_input import Input, kind_of_input
from explorer.core.arrays import Array
from explorer.core.attention import Tokens, over_input
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.models import AnyPreprocess
from explorer.core.render import overlay
from explorer.core.translation import tr

_GAP = 6  # pixels between tiles


def write(path: str, arrays: dict[str, Array], manifest: dict[str, Any], draw: Callable[[], Array]) -> None:
    from explorer.engine import export
    from explorer.engine.attention import attention_export

    if path.lower().endswith(".npz"):
        export.write(path, attention_export.values_file(arrays, manifest))
    else:
        export.write(path, export.png(draw(), json.dumps(manifest)))


def tiles(maps: list[Array], tokens: Tokens, picture: Input, pre: AnyPreprocess) -> Array:
    """(H, W, 3) uint8: maps over the picture, one a tile, each on its own scale from 0 to its largest value."""
    if not isinstance(picture, Picture):
        what = tr(
            "Attention over a {kind_of_input} cannot be drawn as a picture.", kind_of_input=kind_of_input(picture)
        )
        raise ExplorerError(
            what, tr("Its tokens are no places of a picture."), tr("Name the file FILE.npz for the values.")
        )
    height, width = overlay.view_size(picture.size, pre)
    columns = int(np.ceil(np.sqrt(len(maps))))
    scale = 1 if len(maps) == 1 else min(1.0, 2400 / (columns * max(height, width)))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    rows = -(-len(maps) // columns)
    sheet = np.full((rows * (size[0] + _GAP) - _GAP, columns * (size[1] + _GAP) - _GAP, 3), 24, np.uint8)
    ground = overlay.as_rgb(picture.pixels, size)
    for number, map_ in enumerate(maps):
        y, x = number // columns * (size[0] + _GAP), number % columns * (size[1] + _GAP)
        top = float(map_.max())
        full = over_input(map_ / top if top > 0 else map_, tokens, (pre.height, pre.width)).astype(np.float32)
        values, seen = overlay.on_picture(full, picture.size, pre, size)
        sheet[y : y + size[0], x : x + size[1]] = overlay.overlay(ground, values, seen, signed=False)
    return sheet
