"""Neighbours in the space of features, and a plane to look at them: exact, in numpy. Without torch.

A product over all pictures in float32 chooses candidates, whose cosines are then computed in float64: no library and no approximate
search, up to some 300,000 pictures (1,280 numbers each: 45 ms).
"""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError

_CANDIDATES = 64
_LEARNT = 4096  # pictures that the plane is computed from


def nearest(rows: Array, ids: Array, vector: Array, count: int) -> list[tuple[int, float]]:
    """(id, cosine) of the pictures nearest to a vector, the nearest first; of equal ones the smaller id.

    `rows`: (pictures, channels + 1), features and their length. A picture whose features are all zero has no direction and is left out.
    """
    vector = np.asarray(vector, np.float32).reshape(-1)
    if vector.size != rows.shape[1] - 1:
        raise ExplorerError(
            "The vector has another length than the features.", f"{vector.size}, not {rows.shape[1] - 1}."
        )
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not len(ids) or not np.isfinite(length) or length == 0:
        return []
    products = rows[:, :-1] @ vector  # all of them: a product of chosen rows alone would copy them
    lengths = rows[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines = (products / lengths)[ids]
    cosines[~np.isfinite(cosines)] = -np.inf
    wanted = min(max(4 * count, _CANDIDATES), len(ids))
    least = np.partition(cosines, len(ids) - wanted)[len(ids) - wanted]
    places = np.flatnonzero((cosines >= least) & (cosines > -np.inf))
    exact = rows[ids[places], :-1].astype(np.float64) @ vector.astype(np.float64)
    exact /= np.linalg.norm(rows[ids[places], :-1].astype(np.float64), axis=1) * length
    order = np.lexsort((ids[places], -exact))[:count]
    return [(int(ids[places[n]]), float(exact[n])) for n in order]


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
