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
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            found ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return found


def thinned(polygon: Polygon, most: int = 200) -> tuple[tuple[float, float], ...]:
    """At most so many of its corners, evenly."""
    step = max(-(-len(polygon) // most), 1)
    return tuple((float(x), float(y)) for x, y in polygon[::step])
