"""Points inside a polygon. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array

Polygon = Sequence[tuple[float, float]]


def inside(points: Array, polygon: Polygon) -> Array:
    """(n,) bool: which of (n, 2) points lie inside a polygon of (x, y) corners, by the even-odd rule; none of fewer than three."""
    found = np.zeros(len(points), bool)
    if len(polygon) < 3:
        return found
    order = np.argsort(
        points[:, 1], kind="stable"
    )  # from low to high: an edge has to do with the points at its height alone
    x, y = points[order, 0].astype(np.float64), points[order, 1].astype(np.float64)
    ahead = np.roll(corners := np.array(polygon, np.float64), -1, 0)
    low, high = np.minimum(corners[:, 1], ahead[:, 1]), np.maximum(corners[:, 1], ahead[:, 1])
    firsts, lasts = np.searchsorted(y, low).tolist(), np.searchsorted(y, high).tolist()
    for (x0, y0), (x1, y1), first, last in zip(corners.tolist(), ahead.tolist(), firsts, lasts, strict=True):
        if first < last:
            within = slice(first, last)
            found[within] ^= x[within] < (x1 - x0) * (y[within] - y0) / (y1 - y0) + x0
    placed = np.empty_like(found)
    placed[order] = found
    return placed


def thinned(polygon: Polygon, most: int = 200) -> tuple[tuple[float, float], ...]:
    """At most so many of its corners, evenly."""
    step = max(-(-len(polygon) // most), 1)
    return tuple((float(x), float(y)) for x, y in polygon[::step])
