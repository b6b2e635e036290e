"""A sound as a picture: the smallest and the largest sample of every column, so that no peak is lost. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.render.waveform_reduced import waveform_reduced
from explorer.core.sounds import Sound

_INK, _GROUND, _ZERO = (111, 182, 230), (24, 26, 32), (70, 76, 88)


def waveform(sound: Sound, height: int = 192, width: int = 640) -> Array:
    """(height, width, 3) uint8 of a sound over its `size` in milliseconds: zero in the middle, the largest amplitude (0.1 at least) at
    the edges."""
    across = max(round(width * 1000 * sound.seconds / sound.size[1]), 1)  # the last millisecond may not be whole
    drawn = waveform_of(sound.samples, max(sound.peak, 0.1), height, across)
    spare = np.full((height, width - across, 3), _GROUND, np.uint8)
    return np.concatenate([drawn, spare], 1)


def waveform_of(samples: Array, most: float, height: int = 192, width: int = 640) -> Array:
    """(height, width, 3) uint8 of (channels, T), all channels over each other: zero in the middle, `most` at the edges."""
    picture = np.full((height, width, 3), _GROUND, np.uint8)
    picture[height // 2] = _ZERO
    reduced = waveform_reduced(samples, width)
    low, high = reduced.low.min(0), reduced.high.max(0)
    top, bottom = (np.rint((1 - side / (most or 1.0)) * (height - 1) / 2).astype(int) for side in (high, low))
    rows = np.arange(height)[:, None]
    picture[(rows >= top) & (rows <= bottom)] = _INK
    return picture
