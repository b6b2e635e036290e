"""How alike two maps are: rank correlation and structural similarity. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from explorer.core.arrays import Array


def ranks(values: Array) -> Array:
    """The rank of each value of a flat array from 1 up; equal ones share the mean of theirs."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Array = (last - (counts - 1) / 2)[at.reshape(-1)]
    return shared


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's correlation of two arrays of one size, -1..1; NaN where one is constant."""
    x, y = (ranks(values.reshape(-1)) for values in (a, b))
    x, y = x - x.mean(), y - y.mean()
    length = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / length if length > 0 else float("nan")


def ssim(a: Array, b: Array, window: int = 7, span: float = 1.0) -> float:
    """Structural similarity of two (H, W) maps whose values span `span`: Wang, Bovik, Sheikh, Simoncelli 2004.

    Uniform windows of at most `window` pixels, sample variances, K1 = 0.01, K2 = 0.03, the mean over all whole windows.
    """
    side = (min(window, a.shape[0]), min(window, a.shape[1]))
    count = side[0] * side[1]
    x, y = a.astype(np.float64), b.astype(np.float64)
    mean_x, mean_y = _mean(x, side), _mean(y, side)
    spread = count / max(count - 1, 1)
    var_x, var_y = (spread * (_mean(v * v, side) - m * m) for v, m in ((x, mean_x), (y, mean_y)))
    shared = spread * (_mean(x * y, side) - mean_x * mean_y)
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * shared + c2)
    likeness /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    return float(likeness.mean())


def _mean(values: Array, side: tuple[int, int]) -> Array:
    rows = sliding_window_view(values, side[0], axis=0).mean(-1)
    means: Array = sliding_window_view(rows, side[1], axis=1).mean(-1)
    return means
