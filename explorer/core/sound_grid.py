"""How the tensor of a sound is laid out in time and frequency, for what covers or draws parts of it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from explorer.core.sound_preprocess import SoundLayout

Span = tuple[int, int]  # from a place to the one past the last


@dataclass(frozen=True, slots=True)
class SoundGrid:
    """A tensor of a sound as planes (channels, bands, places in time); a waveform has one band.

    bands: Hz in the middle of each, rising; () of a waveform. ms: from one place in time to the next. silence: the value of each
    band where nothing is heard.
    """

    layout: SoundLayout
    bands: tuple[float, ...]
    ms: float
    silence: tuple[float, ...] = (0.0,)

    def times(self, count: int, window: float, stride: float) -> tuple[Span, ...]:
        """Windows of `window` ms every `stride` ms over `count` places, at least one place each; the last one may reach past the end."""
        wide, step = max(round(window / self.ms), 1), max(round(stride / self.ms), 1)
        return tuple((at, at + wide) for at in range(0, max(count - wide, 0) + step, step) if at < count)

    def heights(self, window: float, stride: float) -> tuple[Span, ...]:
        """Windows of `window` Hz every `stride` Hz from the lowest band on, as bands whose middles lie in them; 0: all bands at once.
        Those without a band are left out."""
        if not window or not self.bands:
            return ((0, max(len(self.bands), 1)),)
        found: list[Span] = []
        low = self.bands[0]
        while low <= self.bands[-1]:
            span = bisect_left(self.bands, low), bisect_left(self.bands, low + window)
            if span[0] < span[1] and span not in found:
                found.append(span)
            low += stride
        return tuple(found)
