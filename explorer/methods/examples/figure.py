"""The figure of a channel's examples: the parts of the pictures that the cells see, with their values."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_index import ChannelTop
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import FigureDescription, FigurePart, TablePart, TilesPart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.render import overlay
from explorer.core.translation import tr

_SIDE = 192  # px of a tile


def figure(found: ChannelTop, about: FigureSubject) -> FigureDescription:
    """`about.pictures`: a crop (h, w, 3) uint8 of each entry, None where there is none; without any only the table."""
    crops: tuple[Array | None, ...] = tuple(about.pictures or ())
    there = [(n, crop) for n, crop in enumerate(crops[: len(found.entries)]) if crop is not None and crop.size]
    rows: list[tuple[FigurePart, ...]] = []
    if there:
        values = tuple((found.entries[n].value,) for n, _ in there)
        labels = tuple(written(found.entries[n].value, 3) for n, _ in there)
        tiles = tuple(_square(crop) for _, crop in there)
        rows.append((TilesPart("", tiles, labels, None, (tr("value"),), values, columns=3, numbers=False),))
    header = (tr("input"), tr("class"), tr("cell"), tr("value"))
    table = tuple(
        (
            e.words or e.picture.name,
            e.picture.label or "–",
            "–" if e.cell is None else f"{e.cell[0]}, {e.cell[1]}",
            written(e.value),
        )
        for e in found.entries
    )
    rows.append((TablePart("", header, table),))
    which = {"top": tr("highest"), "least": tr("lowest")}.get(found.order, tr("random, above half of the maximum"))
    title = tr("Examples of channel {channel} of {tap}: {which}", channel=found.channel, tap=found.tap, which=which)
    of = tr(
        "{count} of {pictures:,} inputs{label}",
        count=len(found.entries),
        pictures=found.pictures,
        label=tr(" of class {label}", label=found.label) if found.label else "",
    )
    return FigureDescription(
        title, tuple(rows), about.caption(of), file_name(found.tap, str(found.channel), "examples", found.order)
    )


def _square(crop: Array) -> Array:
    """Centred on a grey square, so that all tiles are of one size."""
    height, width = crop.shape[:2]
    side = max(height, width)
    scale = _SIDE / side
    small = overlay.as_rgb(crop, (max(round(height * scale), 1), max(round(width * scale), 1)))
    square = np.full((_SIDE, _SIDE, 3), 128, np.uint8)
    y, x = (_SIDE - small.shape[0]) // 2, (_SIDE - small.shape[1]) // 2
    square[y : y + small.shape[0], x : x + small.shape[1]] = small
    return square
