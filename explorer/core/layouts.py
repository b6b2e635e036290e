"""Activations as feature maps, vectors and sequences, whatever their layout."""

from __future__ import annotations

import numpy as np

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.slices import slices_of
from explorer.core.translation import tr


def as_maps(values: Array, tap: Tap) -> Array | None:
    """(C, H, W) feature maps of an activation without its batch dimension, of a sequence H or W is 1; None where there is no grid.

    A view of `values` wherever the layout allows; only reordered tokens and slices, which stand side by side, are copied.
    Raises ExplorerError when the values do not fit what the tap says of them."""
    slices = slices_of(tap.layout, tap.shape) if values.ndim == 4 else None
    if slices is not None:
        return slices.tiled(values if tap.layout is Layout.NCDHW else np.moveaxis(values, 0, 1))
    if tap.layout is Layout.NCHW and values.ndim == 3:
        return values
    if tap.layout is Layout.NHWC and values.ndim == 3:
        return np.moveaxis(values, -1, 0)
    if tap.layout is Layout.NLC and tap.grid is not None:
        return _token_maps(values, tap)
    if tap.layout is Layout.NCT and tap.grid is not None and values.ndim == 2:
        return values.reshape(len(values), *tap.grid)
    return None


def prefix_tokens(values: Array, tap: Tap) -> Array | None:
    """(P, C): the tokens before the grid (CLS, registers); None where there are none."""
    if tap.layout is not Layout.NLC or not tap.prefix:
        return None
    return _tokens(values)[: tap.prefix]


def as_vector(values: Array, tap: Tap) -> Array | None:
    """(C,): the entries of a vector activation; None for any other layout."""
    if tap.layout is Layout.NC and values.ndim >= 1:
        return values.reshape(-1)
    return None


def as_line(values: Array, tap: Tap) -> Array | None:
    """(C, T): what is drawn as a sequence, which are also maps of one row or one column; None for all else."""
    maps = as_maps(values, tap)
    if maps is not None:
        return maps.reshape(len(maps), -1) if min(maps.shape[1:]) == 1 < max(maps.shape[1:]) else None
    return as_sequence(values, tap)


def as_sequence(values: Array, tap: Tap) -> Array | None:
    """(C, T): channels over time or over tokens that form no grid; None for any other layout."""
    if tap.layout is Layout.NCT and values.ndim == 2:
        return values
    if tap.layout is Layout.NLC and tap.grid is None and values.ndim >= 2:
        return _tokens(values).T
    return None


def _tokens(values: Array) -> Array:
    """(L, C); windowed tokens (G, N, C) become one row after the other."""
    return values.reshape(-1, values.shape[-1])


def _token_maps(values: Array, tap: Tap) -> Array:
    assert tap.grid is not None
    tokens = _tokens(values)[tap.prefix :]
    height, width = tap.grid
    if tap.order is not None:
        tokens = _in_cell_order(tokens, np.asarray(tap.order), height * width, tap)
    if len(tokens) != height * width:
        raise _misfit(tap, len(tokens))
    return tokens.T.reshape(tokens.shape[1], height, width)


def _in_cell_order(tokens: Array, order: Array, cells: int, tap: Tap) -> Array:
    """Tokens by cell. Negative entries of the order are padding tokens that belong to no cell."""
    if len(order) != len(tokens):
        raise _misfit(tap, len(tokens))
    real = order >= 0
    if np.count_nonzero(real) != cells or not np.array_equal(np.sort(order[real]), np.arange(cells)):
        raise _misfit(tap, int(np.count_nonzero(real)))
    out = np.empty((cells, tokens.shape[1]), tokens.dtype)
    out[order[real]] = tokens[real]
    return out


def _misfit(tap: Tap, tokens: int) -> ExplorerError:
    height, width = tap.grid or (0, 0)
    return ExplorerError(
        tr("The maps of {tap} cannot be shown.", tap=tap.name),
        tr("It has {tokens} tokens for a grid of {height} x {width} cells.", tokens=tokens, height=height, width=width),
        tr("Show it as a sequence, or report this model."),
    )
