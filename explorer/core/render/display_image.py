"""A decoded picture as the screen wants it: eight bits, three channels, no more pixels than can be seen. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array

MOST_PIXELS = 2048  # of a side: more than any screen shows of the input


def displayable(pixels: Array) -> Array:
    """(H, W, 3) uint8 of (H, W, 1 or 3) uint8, uint16 or float 0..1. Long sides are thinned out; the same array where nothing
    has to change."""
    step = max(-(-max(pixels.shape[:2]) // MOST_PIXELS), 1)
    small = pixels if step == 1 else np.ascontiguousarray(pixels[::step, ::step])
    if small.dtype == np.uint16:
        small = (small >> 8).astype(np.uint8)
    elif small.dtype != np.uint8:
        small = (np.clip(np.nan_to_num(small), 0.0, 1.0) * 255 + 0.5).astype(np.uint8)
    return np.repeat(small, 3, axis=2) if small.shape[2] == 1 else small
