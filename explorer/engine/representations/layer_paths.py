"""Which tap of one model goes with which of another. Every answer has one index into the second for each of the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.activations import Tap
from explorer.core.arrays import Array


def by_depth(first: int, second: int) -> tuple[int, ...]:
    """By relative depth i / (first − 1); nothing when the second has none."""
    if second < 1:
        return ()
    share = (second - 1) / (first - 1) if first > 1 else 0.0
    return tuple(int(np.floor(i * share + 0.5)) for i in range(first))


def by_stride(first: Sequence[Tap], second: Sequence[Tap]) -> tuple[int, ...]:
    """The tap of equal stride at the same relative place among those of that stride, -1 where the second has none."""
    strides, others = [_stride(tap) for tap in first], [_stride(tap) for tap in second]
    found = [-1] * len(first)
    for stride in set(strides):
        mine = [i for i, s in enumerate(strides) if s == stride]
        theirs = [j for j, s in enumerate(others) if s == stride]
        for i, j in zip(mine, by_depth(len(mine), len(theirs)), strict=False):
            found[i] = theirs[j]
    return tuple(found)


def _stride(tap: Tap) -> tuple[float, float] | None:
    """Pixels between neighbouring cells; a single cell has none, and no grid either."""
    seen = tap.receptive
    if seen is None or tap.grid is None or tap.grid == (1, 1):
        return None
    return round(seen.jump_y, 3), round(seen.jump_x, 3)


def by_path(values: Array) -> tuple[int, ...]:
    """The path that never goes back with the largest sum of `values` (first, second), one term for each of the first.

    A path of steps along both axes would take every detour over positive values; this one has as many terms wherever it goes.
    Of equal ones it stays early.
    """
    first, second = values.shape
    if not first or not second:
        return ()
    best = np.zeros((first, second))  # of all paths that end at j or before
    for i in range(first):
        best[i] = np.maximum.accumulate((best[i - 1] if i else 0.0) + values[i])
    path, j = [0] * first, second - 1
    for i in reversed(range(first)):
        j = int(best[i, : j + 1].argmax())  # the first of equal ones: where the maximum was reached
        path[i] = j
    return tuple(path)
