"""A sound as a picture: the smallest and the largest sample of every column, so that no peak is lost. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array

_INK, _GROUND, _ZERO = (111, 182, 230), (24, 26, 32), (70, 76, 88)


def waveform(samples: Array, height: int = 192, width: int = 640) -> Array:
    """(height, width, 3) uint8 of (channels, T): zero in the middle, the largest amplitude (1 at least) at the edges."""
    picture = np.full((height, width, 3), _GROUND, np.uint8)
    picture[height // 2] = _ZERO
    length = samples.shape[1]
    if not length:
        return picture
    good = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    starts = np.minimum(np.arange(width) * length // width, length - 1)
    low = np.minimum.reduceat(good.min(0), starts)
    high = np.maximum.reduceat(good.max(0), starts)
    most = max(float(np.abs(good).max()), 1.0)
    top, bottom = (np.rint((1 - side / most) * (height - 1) / 2).astype(int) for side in (high, low))
    rows = np.arange(height)[:, None]
    picture[(rows >= top) & (rows <= bottom)] = _INK
    return picture
