"""The path through the matrix of CKA, and from it to the films: which place of one goes with which of another. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array


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


def marked(places: Sequence[int], at: int) -> int:
    """Which of the compared layers, at these places of a film, speaks for the place `at`: the last one up to there.

    A ReLU is no layer of the matrix: it goes with the convolution before it. In front of all of them, the first one.
    """
    return _marks(places, at + 1)[at]


def _marks(places: Sequence[int], length: int) -> list[int]:
    in_film, found, upto = sorted(range(len(places)), key=lambda i: places[i]), [], 0
    for at in range(length):
        while upto + 1 < len(places) and places[in_film[upto + 1]] <= at:
            upto += 1
        found.append(in_film[upto])
    return found


def along(rows: Sequence[int], columns: Sequence[int], path: Sequence[int], length: int) -> tuple[int, ...]:
    """For every place of a film of `length` layers the one in the other film.

    `rows` and `columns` are the places of the compared layers in their films, `path` the column of each row.
    """
    return tuple(columns[path[row]] for row in _marks(rows, length))


def back(path: Sequence[int], values: Array) -> tuple[int, ...]:
    """For every column of the matrix (rows, columns) the row that goes with it, so that the way back never goes back either.

    Of the rows whose column on the path is nearest (of two as near the earlier), the one most alike there.
    """
    alike: dict[int, int] = {}
    for row, column in enumerate(path):
        best = alike.get(column)
        if best is None or values[row, column] > values[best, column]:
            alike[column] = row
    stops = sorted(alike)
    return tuple(alike[_nearest(stops, column)] for column in range(values.shape[1]))


def _nearest(stops: Sequence[int], at: int) -> int:
    """Of these in ascending order; of two as near the earlier."""
    after = bisect_left(stops, at)
    return min(stops[max(after - 1, 0) : after + 1], key=lambda stop: abs(stop - at))
