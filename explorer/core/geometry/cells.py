"""Which element of a tap's tensor a channel and a cell name, whatever the layout."""

from __future__ import annotations

import re

import numpy as np

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.layouts import as_maps, as_sequence, as_vector
from explorer.core.slices import slices_of
from explorer.core.translation import tr

Cell = tuple[int, int]
# y0, x0, y1, x1: rows y0 <= y < y1, columns x0 <= x < x1. From row -1 to 0 it names prefix tokens, as a cell does.
Region = tuple[int, int, int, int]
_TOKEN = re.compile(r"CLS|REG([1-9]\d{0,8})", re.ASCII | re.IGNORECASE)
_PLACE = re.compile(r"(-1|\d{1,9})\s*,\s*(\d{1,9})", re.ASCII)


def prefix_name(token: int) -> str:
    """CLS, then registers. Only the order is known, so that is what they are called by."""
    return f"REG{token}" if token else "CLS"


def title_of(cell: Cell) -> str:
    """The cell as "(3, 4)", or the name of a prefix token."""
    return f"({cell[0]}, {cell[1]})" if cell[0] >= 0 else prefix_name(cell[1])


def cell_named(text: str) -> Cell:
    """A cell as a person writes it: "3,5" is a row and a column, "CLS" or "REG1" a prefix token. Raises ExplorerError."""
    token = _TOKEN.fullmatch(text.strip())
    if token is not None:
        return -1, int(token[1] or 0)
    place = _PLACE.fullmatch(text.strip())
    if place is None:
        why = tr("A cell is a row and a column, or a token before the grid.")
        raise ExplorerError(
            tr("{text!r} is not a cell.", text=text[:40]), why, tr("Write it as in 3,5 or CLS or REG1.")
        )
    return int(place[1]), int(place[2])


def index_of(tap: Tap, channel: int, cell: Cell) -> tuple[int, ...]:
    """Index into the tap's tensor (shape `tap.shape`, batch first, first item) of one channel at one cell.

    Maps: (row, column). Sequences and tokens without a grid: (0, position); of a line down the input: (position, 0).
    Vectors: (0, 0). Row -1 names the prefix tokens: (-1, 0) is the first of them.
    Raises ExplorerError when there is no such channel or cell.
    """
    if not 0 <= channel < tap.channels:
        raise ExplorerError(
            tr("{tap} has no channel {channel}.", tap=tap.name, channel=channel),
            tr("It has {channels}, counted from 0.", channels=tap.channels),
        )
    if tap.layout is Layout.NLC:
        row = _row(tap, cell)
        return (*(int(i) for i in np.unravel_index(row, tap.shape[:-1])), channel)
    height, width = extent(tap)
    if tap.layout is Layout.OTHER or not (0 <= cell[0] < height and 0 <= cell[1] < width):
        raise _no_cell(tap, cell, height, width)
    slices = slices_of(tap.layout, tap.shape)
    if slices is not None:
        part, y, x = slices.at(cell)
        return (0, channel, part, y, x) if tap.layout is Layout.NCDHW else (part, channel, y, x)
    if tap.layout is Layout.NHWC:
        return 0, cell[0], cell[1], channel
    if tap.layout is Layout.NCT:
        return 0, channel, max(cell)  # a line may run down the input: its cells are (step, 0)
    return {Layout.NC: (0, channel)}.get(tap.layout, (0, channel, *cell))


def extent(tap: Tap) -> tuple[int, int]:
    """(rows, columns) of the cells: (1, T) for a sequence or tokens without a grid, (1, 1) for a vector."""
    if tap.grid is not None:
        return tap.grid
    if tap.layout is Layout.NLC:
        return 1, int(np.prod(tap.shape[:-1]))
    return (1, tap.shape[2]) if tap.layout is Layout.NCT else (1, 1)


def has_maps(tap: Tap) -> bool:
    """Whether its channels are drawn as maps of rows and columns, and not as a sequence or a vector."""
    return tap.grid is not None and min(tap.grid) > 1


def step_cell(tap: Tap, step: int) -> Cell:
    """The cell of a step of what is drawn as a sequence: (step, 0) where its line runs down the input."""
    return (step, 0) if extent(tap)[1] == 1 else (0, step)


def columns(values: Array, tap: Tap) -> Array:
    """(C, cells) of an activation without its batch dimension; prefix tokens are no cells where there is a grid."""
    maps = as_maps(values, tap)
    found = maps if maps is not None else as_sequence(values, tap)
    found = found if found is not None else as_vector(values, tap)
    if found is None:
        raise ExplorerError(tr("{tap} has no channels.", tap=tap.name), tap.reason or tr("Its layout is unknown."))
    flat: Array = found.reshape(found.shape[0], -1)
    return flat


def mask(tap: Tap, channels: tuple[int, ...], region: Region | None) -> Array:
    """Boolean array that broadcasts to `tap.shape`: True at these channels (all when ()) of these cells (all when None).

    Raises ExplorerError when a channel does not exist or the region holds no cell.
    """
    for channel in channels:
        if not 0 <= channel < tap.channels:
            raise ExplorerError(
                tr("{tap} has no channel {channel}.", tap=tap.name, channel=channel),
                tr("It has {channels}, counted from 0.", channels=tap.channels),
            )
    axis = channel_axis(tap)
    chosen = np.ones(tap.shape[axis], bool)
    if channels:
        chosen[:] = False
        chosen[list(channels)] = True
    shape = [1] * len(tap.shape)
    shape[axis] = -1
    picked: Array = chosen.reshape(shape)
    return picked if region is None else picked & _region_mask(tap, region)


def channel_axis(tap: Tap) -> int:
    """The dimension of the channels. Raises ExplorerError where there are none."""
    if tap.layout in (Layout.NHWC, Layout.NLC):
        return len(tap.shape) - 1
    if tap.layout is Layout.OTHER or len(tap.shape) < 2:
        raise ExplorerError(tr("{tap} has no channels.", tap=tap.name), tap.reason or tr("Its layout is unknown."))
    return 1


def _region_mask(tap: Tap, region: Region) -> Array:
    height, width = extent(tap)
    y0, x0, y1, x1 = region
    if (y0, y1) == (-1, 0):
        return _prefix_mask(tap, x0, x1)
    rows, cols = slice(max(0, y0), min(height, y1)), slice(max(0, x0), min(width, x1))
    if rows.start >= rows.stop or cols.start >= cols.stop:
        raise ExplorerError(
            tr("The region {region} holds no cell of {tap}.", region=region, tap=tap.name),
            tr("It has {height} × {width} cells.", height=height, width=width),
        )
    shape = list(tap.shape)
    shape[channel_axis(tap)] = 1
    found = np.zeros(shape, bool)
    if (
        tap.layout is Layout.NCHW and slices_of(tap.layout, tap.shape) is None
    ):  # every frame of a live input asks for it
        found[0, 0, rows, cols] = True
        return found
    for cell in ((y, x) for y in range(rows.start, rows.stop) for x in range(cols.start, cols.stop)):
        found[(*index_of(tap, 0, cell),)] = True
    return found


def _prefix_mask(tap: Tap, first: int, end: int) -> Array:
    shape = [*tap.shape[:-1], 1]
    found = np.zeros(shape, bool)
    for token in range(first, end):
        found[(*index_of(tap, 0, (-1, token))[:-1], 0)] = True
    return found


def _row(tap: Tap, cell: Cell) -> int:
    """Number of the token of a cell, counted over all dimensions but the last."""
    y, x = cell
    if y == -1 and 0 <= x < tap.prefix:
        return x
    height, width = extent(tap)
    if not (0 <= y < height and 0 <= x < width):
        raise _no_cell(tap, cell, height, width)
    if tap.grid is None:
        return x
    place = y * width + x
    return tap.prefix + (tap.order.index(place) if tap.order is not None else place)


def _no_cell(tap: Tap, cell: Cell, height: int, width: int) -> ExplorerError:
    if tap.layout is Layout.OTHER:
        return ExplorerError(tr("{tap} has no cells.", tap=tap.name), tap.reason or tr("Its layout is unknown."))
    return ExplorerError(
        tr("{tap} has no cell {cell},{cell2}.", tap=tap.name, cell=cell[0], cell2=cell[1]),
        tr("It has {height} × {width} cells, counted from 0,0.", height=height, width=width),
    )
