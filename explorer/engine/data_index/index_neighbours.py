"""Neighbours in the space of features or of single cells, and a plane to look at them: exact, in numpy. Without torch.

A product over all pictures in float32 chooses candidates, whose cosines are then computed in float64: no library and no approximate
search, up to some 300,000 pictures (1,280 numbers each: 45 ms).
"""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

_CANDIDATES = 64
_LEARNT = 4096  # pictures that the plane is computed from


def nearest(rows: Array, ids: Array, vector: Array, count: int) -> list[tuple[int, float]]:
    """(id, cosine) of the pictures nearest to a vector, the nearest first; of equal ones the smaller id.

    `rows`: (pictures, channels + 1), features and their length. A picture whose features are all zero has no direction and is left out.
    """
    return [(number, cosine) for number, _, cosine in nearest_cells(rows[:, None], ids, vector, count)]


def nearest_cells(rows: Array, ids: Array, vector: Array, count: int) -> list[tuple[int, int, float]]:
    """(id, cell, cosine) of the pictures with the cells nearest to a vector, of each its nearest cell (of equal ones the first, row by
    row); the nearest picture first, of equal ones the smaller id.

    `rows`: (pictures, cells, channels + 1), vectors and their lengths. A cell whose vector is zero has no direction and is left out.
    """
    vector = np.asarray(vector, np.float32).reshape(-1)
    if vector.size != rows.shape[2] - 1:
        raise ExplorerError(
            tr("The vector has another length than the features."),
            tr("{size}, not {shape}.", size=vector.size, shape=rows.shape[2] - 1),
        )
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not len(ids) or not np.isfinite(length) or length == 0:
        return []
    cosines = _about(rows, vector)[ids]
    wanted = min(max(4 * count, _CANDIDATES), len(ids))
    least = np.partition(cosines, len(ids) - wanted)[len(ids) - wanted]
    found = ids[np.flatnonzero((cosines >= least) & (cosines > -np.inf))]
    vectors = rows[found, :, :-1].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = vectors @ vector.astype(np.float64) / (np.linalg.norm(vectors, axis=2) * length)
    exact[~np.isfinite(exact)] = -np.inf
    cells = exact.argmax(1)
    best = exact[np.arange(len(found)), cells]
    order = np.lexsort((found, -best))[:count]
    return [(int(found[n]), int(cells[n]), float(best[n])) for n in order if best[n] > -np.inf]


def _about(rows: Array, vector: Array) -> Array:
    """(pictures,) float32: of each the largest cosine of its cells, times the length of the vector; -inf where none has a direction."""
    pictures, cells, width = rows.shape
    flat = rows.reshape(-1, width)
    products = flat[:, :-1] @ vector  # all of them: a product of chosen rows alone would copy them
    with np.errstate(divide="ignore", invalid="ignore"):
        products /= flat[:, -1]
    products[~np.isfinite(products)] = -np.inf
    found: Array = products.reshape(pictures, cells).max(1)
    return found


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
