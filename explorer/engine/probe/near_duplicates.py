"""Whether test pictures are nearly the same as some that are learnt from: frames of one burst on both sides of a split."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array

ALIKE = 0.97  # correlation of 16 × 16 pixels from which two pictures are near-duplicates
MANY = 0.2  # share of the test pictures from which it is said
_ROWS = 512


def share_of_duplicates(pool: Array, test: Array) -> float:
    """The share of the test pictures that have a near-duplicate in the pool, from rows of pixels."""
    if not len(pool) or not len(test):
        return 0.0
    pool, test = _unit(pool), _unit(test)
    best = np.concatenate([(test[i : i + _ROWS] @ pool.T).max(1) for i in range(0, len(test), _ROWS)])
    return float((best > ALIKE).mean())


def _unit(rows: Array) -> Array:
    rows = rows - rows.mean(1, keepdims=True)
    found: Array = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return found
