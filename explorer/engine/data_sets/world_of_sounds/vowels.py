"""Three vowels: pulses of the voice through the resonances of a throat whose size varies."""

from __future__ import annotations

import numpy as np

from explorer.engine.data_sets.chance import Chance, Samples
from explorer.engine.data_sets.world_of_sounds.noises import RATE

# The first three resonances of a grown-up's throat in Hz, and how wide each is.
RESONANCES = {"ah": (750, 1150, 2600), "ee": (290, 2250, 3000), "oo": (320, 750, 2300)}
WIDTHS = (70, 100, 150)


def vowel(chance: Chance, which: str, count: int) -> Samples:
    """One of `RESONANCES`, so many samples; the pitch glides a little."""
    pitch = chance.log_uniform(90, 240) * np.linspace(1, chance.uniform(0.85, 1.15), count)
    turns = np.floor(np.cumsum(pitch) / RATE)
    pulses = np.diff(turns, prepend=0.0)
    at, size = np.fft.rfftfreq(count, 1 / RATE), chance.uniform(0.88, 1.18)
    gain = 1 / (1 + at / 400)  # the voice itself is dull
    for resonance, width in zip(RESONANCES[which], WIDTHS, strict=True):
        peak = resonance / size
        gain = gain * peak**2 / np.abs(peak**2 - at**2 + 1j * width * at)
    gain[at < 60] = 0
    made: Samples = np.fft.irfft(np.fft.rfft(pulses) * gain, count)
    return made / float(np.abs(made).max())
