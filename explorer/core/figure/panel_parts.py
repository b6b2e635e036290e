"""Parts of figures for single panels: matrices of weights, of values and of layers, sequences, small pictures. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import ColourScale, MatrixPart, PicturePart, TilesPart, scale_of
from explorer.core.render import colormaps
from explorer.core.render.matrix import cell_colours
from explorer.core.representations import Cka
from explorer.core.session.cka_path import by_path
from explorer.core.translation import tr

ATTENTION = "inferno"  # the colour map of weights
_MOST_STEPS = 600  # of a sequence that are drawn one by one
_WRITTEN = 12  # rows and columns up to which the numbers stand in the cells
_PIXELS = 48  # of a tile's side at least, where maps of several sizes stand together


def weights_part(
    values: Array, queries: Sequence[str], keys: Sequence[str], title: str = "", steps: tuple[int, int] = (1, 1)
) -> MatrixPart:
    """Attention weights (queries, keys) from 0 to the largest. `steps`: a cell is the largest weight of so many queries and keys."""
    top = float(np.nanmax(values, initial=0.0)) or 1.0
    table = colormaps.table(ATTENTION)
    rgb = colormaps.looked_up(table, values / top, np.isfinite(values))
    note = (
        ""
        if steps == (1, 1)
        else tr("A cell is the largest weight of {steps} queries and {steps2} keys", steps=steps[0], steps2=steps[1])
    )
    scale = ColourScale(table, 0.0, top, tr("attention weight"))
    return MatrixPart(title, values, rgb, tuple(queries), tuple(keys), tr("query"), tr("key"), scale, note=note)


def blocks_part(rows: Sequence[tuple[int, Array]]) -> TilesPart | None:
    """(number of a block, its (heads, h, w) weights): every head of every block from 0 to its own maximum; None: there are none."""
    if not rows:
        return None
    side = max(_PIXELS, *(max(maps.shape[1:]) for _, maps in rows))
    tiles, labels, measures = [], [], []
    for number, maps in rows:
        rgb = render.rgb_of(render.colorize(maps, render.limits(maps, render.ScaleMode.PER_MAP), ATTENTION))
        for head, tile in enumerate(rgb):
            tiles.append(resized(tile, side, side))
            labels.append(f"{number}.{head}")
            measures.append((float(maps[head].sum()), float(maps[head].max(initial=0.0))))
    heads = {len(maps) for _, maps in rows}
    scale = ColourScale(
        colormaps.table(ATTENTION), 0.0, 1.0, tr("attention weight"), "", ("0", tr("largest of each head"))
    )
    return TilesPart(
        "",
        tuple(tiles),
        tuple(labels),
        scale,
        (tr("sum over patches"), tr("largest")),
        tuple(measures),
        columns=heads.pop() if len(heads) == 1 else 0,
        numbers=False,
        note=tr("block.head"),
    )


def cka_part(found: Cka, rows: str = "", columns: str = "") -> MatrixPart:
    """Layer similarity from 0 to 1 with the names of the layers and the best monotonic path; `rows`, `columns`: the models."""
    rgb = cell_colours(found.values, found.known, "viridis", found.weak)
    path = tuple(enumerate(by_path(found.values)))
    texts = tuple(
        tuple(f"{v:.2f}" if known else "–" for v, known in zip(values, mask, strict=True))
        for values, mask in zip(found.values, found.known, strict=True)
    )
    scale = ColourScale(colormaps.table("viridis"), 0.0, 1.0, tr("debiased linear CKA"))
    written_in = texts if max(rgb.shape[:2]) <= _WRITTEN else ()
    return MatrixPart("", found.values, rgb, found.rows, found.columns, rows, columns, scale, path, written_in)


def values_part(
    values: Array,
    limits: render.Limits,
    colormap: str,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    axes: tuple[str, str] = ("", ""),
) -> MatrixPart:
    """A (rows, columns) table of numbers in colours, with the numbers where they are few. Without names: their places."""
    rgb = render.rgb_of(render.colorize(np.asarray(values, np.float32)[None], limits, colormap)[0])
    down, across = (
        tuple(names) or tuple(map(str, range(count)))
        for names, count in zip((rows, columns), values.shape, strict=True)
    )
    few = max(values.shape) <= _WRITTEN
    texts = tuple(tuple(written(float(value), 2) for value in row) for row in values) if few else ()
    return MatrixPart("", values, rgb, down, across, *axes, scale_of(limits, colormap), (), texts)


def sequence_part(
    values: Array,
    limits: render.Limits,
    colormap: str,
    names: Sequence[str] = (),
    across: str = tr("step"),
    scale: ColourScale | None = None,
    title: str = "",
) -> MatrixPart:
    """(channels, steps): channels down, steps across; of a long one the value of largest size of each piece."""
    values, steps, note = np.asarray(values), values.shape[1], ""
    named = tuple(names) if len(names) == steps else tuple(str(at) for at in range(steps))
    if steps > _MOST_STEPS:
        edges = np.linspace(0, steps, _MOST_STEPS + 1).astype(int)
        values, named = _largest(values, edges), tuple(str(int(at)) for at in edges[:-1])
        note = tr(
            "{steps:,} steps, each column the value of largest size among about {steps2}",
            steps=steps,
            steps2=steps // _MOST_STEPS,
        )
    rgb = render.rgb_of(render.colorize(values[None], limits, colormap)[0])
    rows = tuple(str(at) for at in range(len(values)))
    return MatrixPart(
        title, values, rgb, rows, named, tr("channel"), across, scale or scale_of(limits, colormap), note=note
    )


def _largest(values: Array, edges: Array) -> Array:
    low, high = np.minimum.reduceat(values, edges[:-1], axis=1), np.maximum.reduceat(values, edges[:-1], axis=1)
    found: Array = np.where(-low > high, low, high)
    return found


def pictures_part(pictures: Mapping[str, Array]) -> PicturePart | TilesPart | None:
    """Pictures (h, w, 3) uint8 of any sizes, by name: one alone large, several as tiles in the size of the first; None: none."""
    if not pictures:
        return None
    (height, width), there = next(iter(pictures.values())).shape[:2], tuple(pictures.values())
    if len(there) == 1:
        return PicturePart("", there[0])
    return TilesPart("", tuple(resized(each, height, width) for each in there), tuple(pictures), numbers=False)


def resized(rgb: Array, rows: int, columns: int) -> Array:
    """The nearest pixels."""
    if rgb.shape[:2] == (rows, columns):
        return rgb
    y, x = np.arange(rows) * rgb.shape[0] // rows, np.arange(columns) * rgb.shape[1] // columns
    found: Array = rgb[y][:, x]
    return found
