"""Numbers of a file that have no range of their own, as numbers of a picture."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.translation import tr


def stretched(values: Array, notes: list[str]) -> Array:
    """Whole numbers in 0..65535 as uint16 and floats in 0..1 as float32, unchanged; others stretched over 0..1, and noted."""
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        if not finite.all():
            notes.append(tr("{sum} non-finite pixels set to 0", sum=int((~finite).sum())))
            values = np.where(finite, values, 0)
    low, high = values.min(), values.max()
    if values.dtype.kind in "iu" and low >= 0 and high <= 65535:
        return values.astype(np.uint16)
    if values.dtype.kind == "f" and low >= 0.0 and high <= 1.0:
        return values.astype(np.float32)
    notes.append(tr("values {low:g} .. {high:g} stretched over 0 .. 1", low=float(low), high=float(high)))
    span = (float(high) - float(low)) or 1.0
    return np.clip((values.astype(np.float64) - float(low)) / span, 0.0, 1.0).astype(np.float32)
