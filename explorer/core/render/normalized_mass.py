"""Maps of any network on one scale: what share of the whole lies in each cell. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.render import Limits


def shares(values: Array) -> Array:
    """(H, W) size |value| of every cell in % of the sum of all; 0 everywhere where all are 0. What is not finite is NaN."""
    sizes = np.abs(values.astype(np.float64))
    sizes[~np.isfinite(sizes)] = np.nan
    total = float(np.nansum(sizes))
    found: Array = 100 * sizes / total if total > 0 else sizes
    return found


def share_limits(each: Sequence[Array]) -> list[Limits]:
    """Limits for maps of shares, between which one colour is one share of an equal area.

    A cell of a coarse map covers more of the picture than one of a fine map, and holds more: the upper limits are to each
    other as the cells are.
    """
    most = max((float(np.nan_to_num(one).max(initial=0.0)) * one.size for one in each), default=0.0)
    return [Limits(np.zeros(1), np.array([most / max(one.size, 1)]), False, _bad(one), True) for one in each]


def _bad(one: Array) -> Array:
    return np.array([one.size - np.count_nonzero(np.isfinite(one))])
