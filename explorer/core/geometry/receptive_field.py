"""What a cell can see of the model's input: a box, cut off at the picture, with the padding it reaches into."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import Cell, extent
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class ClippedField:
    """Boxes in pixels of the input tensor, y0 <= y < y1. `whole`: the cell may depend on the whole input, and `stands` says
    only over which pixels it stands; `causal`: on all that comes before the end of `stands`, and nothing after it.
    `padding` counts the rows and columns past the picture: top, left, bottom, right."""

    unclipped: Box
    clipped: Box  # no pixel outside it has a gradient; whole pixels
    stands: Box
    padding: tuple[int, int, int, int]
    exact: bool  # False: an upper bound
    whole: bool
    causal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class EffectiveField:
    """Mean size of the gradient: (H, W) float32 over the input, summed over its channels, after `count` inputs."""

    heat: Array
    count: int


def seen_by(tap: Tap, cell: Cell, size: tuple[int, int]) -> ClippedField:
    """The receptive field of one cell of a spatial tap, for an input of `size` (height, width).

    Raises ExplorerError when the tap has no place over the input, or no such cell.
    """
    if tap.receptive is None or tap.grid is None:
        why = tap.reason or tr("It is laid out as {layout}, not over the input.", layout=tap.layout)
        raise ExplorerError(tr("{tap} has no receptive field.", tap=tap.name), why, tr("Choose a tap with maps."))
    rows, columns = extent(tap)
    if not (0 <= cell[0] < rows and 0 <= cell[1] < columns):
        what = tr("{tap} has no cell {cell},{cell2}.", tap=tap.name, cell=cell[0], cell2=cell[1])
        raise ExplorerError(what, tr("It has {rows} × {columns} cells, counted from 0,0.", rows=rows, columns=columns))
    height, width = size
    stands, seen = tap.receptive.box(*cell), tap.receptive.seen(*cell)
    box = stands
    if tap.receptive.whole:
        end = max(float(width), box.x1) if seen is None else seen.x1
        box = Box(min(0.0, box.y0), min(0.0, box.x0), max(float(height), box.y1), end)
    clipped = Box(
        float(min(max(math.floor(box.y0), 0), height)),
        float(min(max(math.floor(box.x0), 0), width)),
        float(max(min(math.ceil(box.y1), height), 0)),
        float(max(min(math.ceil(box.x1), width), 0)),
    )
    past = (-box.y0, -box.x0, box.y1 - height, box.x1 - width)
    padding = tuple(max(0, math.ceil(n)) for n in past)
    exact = tap.receptive.exact and not tap.receptive.whole
    return ClippedField(
        box,
        clipped,
        stands,
        (padding[0], padding[1], padding[2], padding[3]),
        exact,
        whole=seen is None,
        causal=tap.receptive.whole and seen is not None,
    )
