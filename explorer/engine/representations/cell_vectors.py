"""The cells of any tap as vectors in one coordinate system: that of the original picture."""

from __future__ import annotations

import numpy as np

from explorer.core.activations import Capture, Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import input_affine
from explorer.core.geometry.cells import columns, extent
from explorer.core.models import AnyPreprocess
from explorer.core.representations import Vectors
from explorer.core.translation import tr


def vectors_of(capture: Capture, name: str, pre: AnyPreprocess) -> Vectors:
    """The cells of a tap that a capture holds. Raises ExplorerError when it has no channels or is not held."""
    if name not in capture.values:
        raise ExplorerError(tr("The values of {name} are not in memory.", name=name), "", tr("Recompute them."))
    tap = capture.tap(name)
    if tap.receptive is None and extent(tap) != (1, 1) and tap.layout in (Layout.NCT, Layout.NCDHW):
        what = tr("The positions of the cells of {name} on the picture are unknown.", name=name)
        raise ExplorerError(what, tap.reason, tr("Choose another layer."))
    across = len(capture.text.tokens) if capture.text is not None else None
    return vectors(capture.values[name], tap, capture.picture.size, pre, across)


def vectors(values: Array, tap: Tap, size: tuple[int, int], pre: AnyPreprocess, across: int | None = None) -> Vectors:
    """Values of a tap without their batch dimension, for an input of `size` (height, width) prepared by `pre`; `across`: tokens
    of a text, of which `pre` knows only the most.

    Cells stand at the centre of their receptive field, or evenly over the input where none is known exactly.
    Raises ExplorerError when the tap has no channels.
    """
    cells = columns(values, tap).T.astype(np.float64)
    height, width = extent(tap)
    if height * width != len(cells):  # a vector without a batch dimension, tokens in several dimensions
        height, width = 1, len(cells)
    affine, seen, wide = input_affine(size, pre), tap.receptive, across or pre.width
    if seen is None:
        y, x = _even(height, pre.height), _even(width, wide)
    else:
        y = _centres(height, pre.height, seen.start_y, seen.jump_y, seen.size_y, seen.exact)
        x = _centres(width, wide, seen.start_x, seen.jump_x, seen.size_x, seen.exact)
    rows, cols = (y - affine.offset_y) / affine.scale_y, (x - affine.offset_x) / affine.scale_x
    return Vectors(tap.name, cells, (height, width), rows, cols)


def _centres(count: int, side: int, start: float, jump: float, size: float, exact: bool) -> Array:
    """The middles of the boxes. An upper bound (of an enlarged map) may be wider on one side: there, evenly where that fits."""
    if not jump > 0 or (not exact and abs(count * jump - side) <= jump):
        return _even(count, side)
    return start + np.arange(count) * jump + size / 2


def _even(count: int, side: int) -> Array:
    return (np.arange(count) + 0.5) * side / count


def nearest(vectors: Vectors, y: float, x: float) -> tuple[int, int]:
    """The cell whose centre is nearest to a place of the original picture."""
    return int(np.abs(vectors.rows - y).argmin()), int(np.abs(vectors.columns - x).argmin())


def same_place(vectors: Vectors, cell: tuple[int, int], other: Vectors) -> tuple[int, int]:
    """The cell of another tap, of the same model or not, that stands where this cell stands in the picture."""
    vectors.row(cell)
    return nearest(other, float(vectors.rows[cell[0]]), float(vectors.columns[cell[1]]))


def read_at(values: Array, source: Vectors, target: Vectors) -> tuple[Array, Array]:
    """Values (cells of source, K), bilinear between its centres, at the centres of target's cells: ((cells of target, K), reached).

    `reached` (cells of target,) is False more than half a cell beyond the outermost centres: never seen by the source.
    """
    y, share_y, in_y = _weights(source.rows, target.rows)
    x, share_x, in_x = _weights(source.columns, target.columns)
    grid = values.reshape(*source.grid, -1)
    last_y, last_x = source.grid[0] - 1, source.grid[1] - 1
    below, right = np.minimum(y + 1, last_y), np.minimum(x + 1, last_x)
    lines = grid[y] * (1 - share_y)[:, None, None] + grid[below] * share_y[:, None, None]
    found = lines[:, x] * (1 - share_x)[:, None] + lines[:, right] * share_x[:, None]
    return found.reshape(-1, grid.shape[-1]), (in_y[:, None] & in_x).reshape(-1)


def _weights(centres: Array, at: Array) -> tuple[Array, Array, Array]:
    """(lower index, share of the next one, whether within half a cell) of each place along one axis."""
    count = len(centres)
    if count == 1:  # one cell stands for the whole
        return np.zeros(len(at), int), np.zeros(len(at)), np.ones(len(at), bool)
    place = (at - centres[0]) / (centres[1] - centres[0])
    inside = (place >= -0.5 - 1e-9) & (place <= count - 0.5 + 1e-9)
    place = np.clip(place, 0, count - 1)
    low = np.floor(place).astype(int)
    return low, place - low, inside
