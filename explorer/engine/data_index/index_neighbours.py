"""Neighbours in the space of features or of single cells, and a plane to look at them: exact, in numpy.

What may be among the nearest is chosen by bounds from one byte a component (`short_vectors.py`) or, where these are not there or tell too
little, by a product over all pictures in float32, whose rounding is bounded (Higham 2002, Accuracy and Stability of Numerical Algorithms,
3.1); the cosines of those chosen are then computed in float64. No library and no approximate search,
up to some 300,000 pictures.
"""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.data_index import short_vectors

_LEARNT = 4096  # pictures that the plane is computed from
_AT_ONCE = 8 << 20  # bytes of candidates in float64, however many there are
_ROUNDING = 2.0**-24  # of one operation in float32
_FEW = 2048  # pictures whose features are read as quickly
_ROWS = 1 << 16  # whose bounds are made at once
_WORTH = 16  # candidates in so many, more of which are chosen by a product of all
_SLACK = 1e-9  # more than float64 rounds a cosine
_SHORT = 1e-18  # a vector of a smaller length may have lost its products to underflow


def nearest(rows: Array, ids: Array, vector: Array, count: int, short: Array | None = None) -> list[tuple[int, float]]:
    """(id, cosine) of the pictures nearest to a vector, the nearest first; of equal ones the smaller id.

    `rows`: (pictures, channels + 1), features and their length; `short` as in `nearest_cells`, with one cell.
    A picture whose features are all zero has no direction and is left out.
    """
    return [(number, cosine) for number, _, cosine in nearest_cells(rows[:, None], ids, vector, count, short)]


def nearest_cells(
    rows: Array, ids: Array, vector: Array, count: int, short: Array | None = None
) -> list[tuple[int, int, float]]:
    """(id, cell, cosine) of the pictures with the cells nearest to a vector, of each its nearest cell (of equal ones the first, row by
    row); the nearest picture first, of equal ones the smaller id.

    `rows`: (pictures, cells, channels + 1), vectors and their lengths; `short`: the same as (pictures, cells, bytes) int8 of
    `short_vectors.py`, which leaves most of them unread, or None. A cell whose vector is zero has no direction and is left out.
    """
    vector = np.asarray(vector, np.float32).reshape(-1)
    if vector.size != rows.shape[2] - 1:
        raise ExplorerError(
            tr("The vector has another length than the features."),
            tr("{size}, not {shape}.", size=vector.size, shape=rows.shape[2] - 1),
        )
    unit = vector.astype(np.float64)
    length = float(np.sqrt((unit * unit).sum()))
    if not len(ids) or not np.isfinite(length) or length == 0 or count < 1:
        return []
    unit /= length
    found = None if short is None else _bounded(rows, ids, unit, count, short)
    found = _candidates(rows, ids, unit, count) if found is None else found
    best, cells = _exact(rows, found, unit)
    order = np.lexsort((found, -best))[:count]
    return [(int(found[n]), int(cells[n]), float(best[n])) for n in order if best[n] > -np.inf]


def _bounded(rows: Array, ids: Array, unit: Array, count: int, short: Array) -> Array | None:
    """(n,) ids: of every picture that may be as near as the last of `count`; None where bytes do not tell enough of them apart."""
    pictures, cells, width = short.shape
    if len(ids) < _FEW or count > len(ids) // _WORTH or pictures <= ids[-1] or not short_vectors.quick():
        return None
    about, most = np.empty(pictures), np.empty(pictures)
    step = max(_ROWS // cells, 1)
    for n in range(0, pictures, step):
        both = short_vectors.cosines(short[n : n + step].reshape(-1, width), unit)
        about[n : n + step], most[n : n + step] = (each.reshape(-1, cells).max(1) for each in both)
    if len(ids) < pictures:
        about, most = about[ids], most[ids]
    first = ids[np.argpartition(about, len(about) - count)[len(about) - count :]]
    last = _exact(rows, first, unit)[0].min() - _SLACK  # as many are at least so near
    found: Array = ids[most >= last]
    return found if len(found) <= max(len(ids) // _WORTH, count) else None


def _candidates(rows: Array, ids: Array, unit: Array, count: int) -> Array:
    """(n,) ids: of every picture whose cosine in float32 is, with its rounding, as large as the last of `count`."""
    pictures, cells, width = rows.shape
    flat = rows.reshape(-1, width)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        about = flat[:, :-1] @ unit.astype(np.float32)  # all of them: a product of chosen rows alone would copy them
        lengths = np.array(flat[:, -1])
        about /= lengths
    unsure = ~np.isfinite(about) | (lengths < _SHORT)
    about[unsure] = -np.inf
    best = about.reshape(pictures, cells).max(1)[ids]
    # an unsure cell may be as near as any: its picture is computed, unless it has no direction at all
    unsure = (unsure & (lengths != 0)).reshape(pictures, cells).any(1)[ids]
    last = np.partition(best, len(best) - count)[len(best) - count] if count < len(best) else -np.inf
    rounding = 2 * (width + 8) * _ROUNDING  # the last one's own, and that of whoever may be before it
    found: Array = ids[unsure | ((best >= last - rounding) & (best > -np.inf))]
    return found


def _exact(rows: Array, ids: Array, unit: Array) -> tuple[Array, Array]:
    """(n,) float64 and (n,) int: of each picture the cosine of its nearest cell, and that cell; -inf where none has a direction. Equal
    vectors give equal bits, wherever they stand."""
    best, places = np.empty(len(ids)), np.empty(len(ids), np.int64)
    step = max(_AT_ONCE // (8 * rows.shape[1] * rows.shape[2]), 1)
    for n in range(0, len(ids), step):
        vectors = rows[ids[n : n + step], :, :-1].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            lengths = np.sqrt((vectors * vectors).sum(-1))
            vectors *= unit
            cosines = (
                vectors.sum(-1) / lengths
            )  # not by a product of matrices, whose last bits depend on the row's number
        cosines[~np.isfinite(cosines)] = -np.inf
        places[n : n + step] = cosines.argmax(1)
        best[n : n + step] = cosines.max(1)
    return best, places


def plane(rows: Array, ids: Array) -> tuple[Array, tuple[float, float]]:
    """((n, 2) float32, shares of the variance): the first two principal components of features of unit length.

    The sign of an axis makes its largest loading positive. With more than 4,096 pictures the axes are those of evenly chosen ones.
    """
    if len(ids) < 2:
        return np.zeros((len(ids), 2), np.float32), (0.0, 0.0)
    chosen = ids if len(ids) <= _LEARNT else ids[np.linspace(0, len(ids) - 1, _LEARNT).astype(np.int64)]
    learnt = _unit(rows[chosen])
    mean = learnt.mean(0)
    covariance = np.cov(learnt, rowvar=False).reshape(learnt.shape[1], -1)
    variances, axes = np.linalg.eigh(covariance)
    axes = axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    if axes.shape[1] < 2:  # features of one channel
        axes = np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))
    total = float(variances.sum())
    shares = [float(v) / total if total > 0 else 0.0 for v in [*variances[::-1][:2], 0.0][:2]]
    points = np.concatenate([(_unit(rows[ids[n : n + 1024]]) - mean) @ axes for n in range(0, len(ids), 1024)])
    return points.astype(np.float32), (shares[0], shares[1])


def _unit(rows: Array) -> Array:
    features = np.nan_to_num(rows[:, :-1].astype(np.float64))
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    found: Array = features / np.where(lengths > 0, lengths, 1)
    return found
