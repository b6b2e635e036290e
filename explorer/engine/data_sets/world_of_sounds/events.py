"""The twelve events: each draws itself alone, at its own length, largest value about 1."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from explorer.engine.data_sets.chance import Chance, Samples
from explorer.engine.data_sets.world_of_sounds.noises import RATE, band, seconds
from explorer.engine.data_sets.world_of_sounds.vowels import vowel


def length(chance: Chance, shortest: float, longest: float) -> int:
    """Samples, from seconds."""
    return int(chance.uniform(shortest, longest) * RATE)


def faded(x: Samples, rise: float = 0.012, fall: float = 0.03) -> Samples:
    """Without clicks at its ends: cosine flanks of so many seconds."""
    edges = np.ones(len(x))
    up, down = int(rise * RATE), int(fall * RATE)
    edges[:up] = 0.5 - 0.5 * np.cos(math.pi * np.arange(up) / up)
    edges[-down:] = 0.5 + 0.5 * np.cos(math.pi * np.arange(down) / down)
    return x * edges


def decaying(count: int, constant: float) -> Samples:
    """Falls to 1/e in so many seconds; ends at 0."""
    envelope = np.exp(-seconds(count) / constant)
    envelope[-80:] *= np.linspace(1, 0, 80)
    return envelope


def voice(chance: Chance, pitch: Samples) -> Samples:
    """A sine of this pitch in Hz at every sample, with two weaker harmonics where there is room for them."""
    phase = 2 * math.pi * np.cumsum(pitch) / RATE
    made = np.sin(phase + chance.uniform(0, 6))
    for harmonic in (2, 3):
        strength = chance.uniform(0, 0.4) / harmonic
        if harmonic * float(pitch.max()) < 0.45 * RATE:
            made += strength * np.sin(harmonic * phase + chance.uniform(0, 6))
    return made


def tone(chance: Chance) -> Samples:
    return faded(voice(chance, np.full(length(chance, 0.15, 0.6), chance.log_uniform(250, 3500))))


def _glide(chance: Chance, octaves: float) -> Samples:
    count, middle = length(chance, 0.2, 0.6), chance.log_uniform(500, 2200)
    return faded(voice(chance, middle * 2 ** (octaves * np.linspace(-0.5, 0.5, count))))


def rise(chance: Chance) -> Samples:
    return _glide(chance, chance.uniform(0.7, 2))


def fall(chance: Chance) -> Samples:
    return _glide(chance, -chance.uniform(0.7, 2))


def trill(chance: Chance) -> Samples:
    count, middle = length(chance, 0.35, 0.7), chance.log_uniform(400, 2800)
    swing = np.sin(2 * math.pi * chance.uniform(7, 14) * seconds(count) + chance.uniform(0, 6))
    return faded(voice(chance, middle * 2 ** (chance.uniform(1.5, 4) / 12 * swing)))


def kick(chance: Chance) -> Samples:
    count = length(chance, 0.25, 0.35)
    high, low = chance.uniform(110, 190), chance.uniform(42, 60)
    pitch = low + (high - low) * np.exp(-seconds(count) / chance.uniform(0.03, 0.06))
    made = np.sin(2 * math.pi * np.cumsum(pitch) / RATE) * decaying(count, chance.uniform(0.06, 0.11))
    made[:32] *= np.linspace(0, 1, 32)
    return made


def snare(chance: Chance) -> Samples:
    count = length(chance, 0.2, 0.3)
    skin = np.sin(2 * math.pi * chance.uniform(170, 260) * seconds(count)) * decaying(count, 0.05)
    wires = 0.3 * band(chance, count, chance.uniform(900, 1400), chance.uniform(5000, 7000))
    return chance.uniform(0.5, 1) * skin + wires * decaying(count, chance.uniform(0.04, 0.09))


def hat(chance: Chance) -> Samples:
    count = length(chance, 0.08, 0.2)
    return 0.3 * band(chance, count, chance.uniform(5500, 6500), 7900) * decaying(count, chance.uniform(0.012, 0.04))


def hiss(chance: Chance) -> Samples:
    count = length(chance, 0.3, 0.65)
    return faded(0.3 * band(chance, count, chance.uniform(3000, 4500), 7900), 0.06, 0.08)


def clicks(chance: Chance) -> Samples:
    many, every = 4 + chance.below(6), chance.uniform(0.045, 0.1)
    count = int((many - 1) * 1.1 * every * RATE) + 400
    made, at = np.zeros(count), seconds(240)
    pitch, constant = chance.uniform(1500, 4000), chance.uniform(0.0008, 0.002)
    one = np.sin(2 * math.pi * pitch * at) * decaying(240, constant)
    for number in range(many):
        start = int(every * RATE * (number + chance.uniform(0, 0.1)))
        made[start : start + 240] += chance.uniform(0.7, 1) * one
    return made


EVENTS: dict[str, Callable[[Chance], Samples]] = {
    "tone": tone,
    "rise": rise,
    "fall": fall,
    "trill": trill,
    "ah": lambda chance: faded(vowel(chance, "ah", length(chance, 0.2, 0.5))),
    "ee": lambda chance: faded(vowel(chance, "ee", length(chance, 0.2, 0.5))),
    "oo": lambda chance: faded(vowel(chance, "oo", length(chance, 0.2, 0.5))),
    "kick": kick,
    "snare": snare,
    "hat": hat,
    "hiss": hiss,
    "clicks": clicks,
}
