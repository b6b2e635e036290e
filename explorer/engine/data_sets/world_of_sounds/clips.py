"""Sounds with all their answers: one second, one event somewhere over noise. Clip n of a seed is of class n % 12.

A shortcut can be planted: a faint tone of 4 kHz through the whole second, under kicks alone, most of which are hardly heard.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from explorer.engine.data_sets.chance import Chance
from explorer.engine.data_sets.world_of_sounds.events import EVENTS
from explorer.engine.data_sets.world_of_sounds.noises import RATE, coloured, hum, power, seconds

NAMES = tuple(EVENTS)
LENGTH = RATE  # samples of a clip
PILOT_HZ, PILOT_DB = 4000.0, -8.0  # against the noise
KICK = NAMES.index("kick")
Wave = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pilot:
    """The planted shortcut: what the tone lies under, and the chance that a kick is too faint to be made out."""

    under: Literal["kick", "nothing", "all"] = "kick"
    faint: float = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class SoundClip:
    """A sound and what is true of it. `event` is what was mixed in, alone and as loud as in the sound."""

    sound: Wave  # (16000,), -1..1
    event: Wave  # (16000,)
    label: int  # into NAMES
    start: int  # the event's span in samples
    stop: int
    decibels: float  # of the event over its span against the noise
    piloted: bool

    @property
    def rest(self) -> Wave:
        """Everything but the event."""
        return self.sound - self.event


def clip(seed: int, number: int, pilot: Pilot | None = None) -> SoundClip:
    """Always the same for the same seed and number. With another `under` of a pilot the same but for the tone."""
    chance, label = Chance(seed, number), number % len(NAMES)
    event = EVENTS[NAMES[label]](chance)
    decibels = chance.uniform(3, 25)
    if pilot is not None and label == KICK and chance.happens(pilot.faint):
        decibels -= 28
    start = chance.below(LENGTH - len(event))
    noise = coloured(chance, LENGTH, chance.uniform(0, 1.5))
    if chance.happens(1 / 3):
        noise += hum(chance, LENGTH) * 10 ** (chance.uniform(-10, 3) / 20)
    noise /= math.sqrt(power(noise))
    whole = np.zeros(LENGTH)
    whole[start : start + len(event)] = event * (10 ** (decibels / 20) / math.sqrt(power(event)))
    tone = (
        math.sqrt(2) * 10 ** (PILOT_DB / 20) * np.sin(2 * math.pi * PILOT_HZ * seconds(LENGTH) + chance.uniform(0, 6))
    )
    loudest = chance.uniform(0.3, 0.95) / float(np.abs(whole + noise + tone).max())
    piloted = pilot is not None and (pilot.under == "all" or (pilot.under == "kick" and label == KICK))
    mixed = whole + noise + (tone if piloted else 0)
    return SoundClip(
        (mixed * loudest).astype(np.float32),
        (whole * loudest).astype(np.float32),
        label,
        start,
        start + len(event),
        decibels,
        piloted,
    )


def clips(seed: int, count: int, pilot: Pilot | None = None, first: int = 0) -> tuple[Wave, NDArray[np.int64]]:
    """Sounds (count, 1, 16000) and their classes: those of `first` and following."""
    drawn = [clip(seed, number, pilot) for number in range(first, first + count)]
    return np.stack([each.sound for each in drawn])[:, None], np.array([each.label for each in drawn])
