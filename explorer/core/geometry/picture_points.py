"""A point of the original picture and the cells of a tap, both ways. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.geometry import affine as geometry
from explorer.core.geometry import token_grid
from explorer.core.geometry.cells import Cell
from explorer.core.models import AnyPreprocess
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class Pointed:
    """What stands at a point of the picture. `field` is the cell's receptive field in original pixels, None without a cell; of one
    that sees the whole input what it stands over."""

    seen: bool  # False: the point lies outside what the model is given of the picture
    cell: Cell | None = None
    field: Box | None = None
    exact: bool = False  # False: the field is a bound, or the cell depends on the whole input


def point_at(tap: Tap | None, size: tuple[int, int], pre: AnyPreprocess, at: tuple[float, float]) -> Pointed:
    """The cell whose middle is nearest to a point (y, x) in pixels of a picture of `size` (height, width)."""
    there = geometry.point_seen(size, pre, at)
    if there is None:
        return Pointed(seen=False)
    if tap is None or tap.receptive is None or tap.grid is None:
        return Pointed(seen=True)
    return of_cell(tap, size, pre, token_grid.nearest_cell(tap.receptive, tap.grid, there))


def of_cell(tap: Tap, size: tuple[int, int], pre: AnyPreprocess, cell: Cell) -> Pointed:
    """A cell with its receptive field on a picture of `size`; without one for a tap whose cells stand nowhere on the input."""
    f = tap.receptive
    if f is None:
        return Pointed(True, cell)
    field = geometry.original_box(size, pre, f.seen(*cell) or f.box(*cell))
    if f.whole and f.causal:
        field = field.cut(Box(0.0, 0.0, float(size[0]), float(size[1])))
    return Pointed(True, cell, field, f.exact and not f.whole)


def middle_of(tap: Tap, size: tuple[int, int], pre: AnyPreprocess, cell: Cell) -> tuple[float, float] | None:
    """The point (y, x) of the original picture that a cell stands over; None for a tap without cells over the input."""
    if tap.receptive is None:
        return None
    box = geometry.original_box(size, pre, tap.receptive.box(*cell))
    return (box.y0 + box.y1) / 2, (box.x0 + box.x1) / 2


def beneath(
    tap: Tap, pre: AnyPreprocess, other: Tap, other_pre: AnyPreprocess, size: tuple[int, int]
) -> tuple[Array, Array]:
    """Rows (H,) and columns (W,) of another model's tap over the same pixels of one picture as those of `tap`; -1 for none.

    Raises ValueError where one of them has no cells over the input.
    """
    if tap.grid is None or tap.receptive is None or other.grid is None or other.receptive is None:
        raise ValueError(tr("both taps need cells that stand over the input"))
    height, width = tap.grid
    middles = [middle_of(tap, size, pre, (i if i < height else 0, i if i < width else 0)) for i in range(max(tap.grid))]
    points = [middle for middle in middles if middle is not None]
    inside = geometry.crop_box(size, other_pre)
    y, x = (inside.y0 + inside.y1) / 2, (inside.x0 + inside.x1) / 2
    rows = [point_at(other, size, other_pre, (points[i][0], x)).cell for i in range(height)]
    columns = [point_at(other, size, other_pre, (y, points[i][1])).cell for i in range(width)]
    none = (-1, -1)
    return np.array([(cell or none)[0] for cell in rows]), np.array([(cell or none)[1] for cell in columns])
