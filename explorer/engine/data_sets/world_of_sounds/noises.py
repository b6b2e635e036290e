"""Noise of a wanted spectrum, and the hum of the mains."""

from __future__ import annotations

import math

import numpy as np

from explorer.engine.data_sets.chance import Chance, Samples

RATE = 16_000


def seconds(count: int) -> Samples:
    """(count,): when each sample is, in seconds."""
    return np.arange(count) / RATE


def power(x: Samples) -> float:
    """Mean square."""
    return float(np.mean(np.square(x)))


def coloured(chance: Chance, count: int, fall: float) -> Samples:
    """Noise whose power falls as 1 / frequency^fall (0: white, 1: pink), mean square 1."""
    at = np.fft.rfftfreq(count, 1 / RATE)
    gain = np.maximum(at, 30.0) ** (-fall / 2)
    gain[0] = 0
    made = np.fft.irfft(np.fft.rfft(chance.white(count)) * gain, count)
    return made / math.sqrt(power(made))


def band(chance: Chance, count: int, low: float, high: float) -> Samples:
    """Noise between two frequencies in Hz, with edges of a tenth."""
    at = np.fft.rfftfreq(count, 1 / RATE)
    rises = np.clip((at / low - 0.95) / 0.1, 0, 1)
    falls = np.clip((1.05 - at / high) / 0.1, 0, 1)
    made = np.fft.irfft(np.fft.rfft(chance.white(count)) * rises * falls, count)
    return made / math.sqrt(power(made))


def hum(chance: Chance, count: int) -> Samples:
    """Mains of 50 or 60 Hz with its harmonics, mean square 1."""
    base, at = chance.pick((50.0, 60.0)), 2 * math.pi * seconds(count)
    made = np.zeros(count)
    for harmonic in (1, 2, 3, 5, 7):
        strength = chance.uniform(0.3, 1) / harmonic
        made += strength * np.sin(harmonic * base * at + chance.uniform(0, 2 * math.pi))
    return made / math.sqrt(power(made))
