"""Sounds and sentences of the demo models' worlds, made anew each time: always the same, and seen by no training."""

from __future__ import annotations

import hashlib

import numpy as np

from explorer.core.any_input import Input
from explorer.core.inputs import InputRef, Text
from explorer.core.sounds import sound_from_array
from explorer.engine.data_sets.world_of_sentences import phrases
from explorer.engine.data_sets.world_of_sentences.sentences import sentence
from explorer.engine.data_sets.world_of_sounds import clips
from explorer.engine.data_sets.world_of_sounds.noises import RATE

SEED = 77_001
SOUND, SENTENCE = "sound-", "sentence-"
_ENOUGH = 15.0  # dB: an event that is clearly heard


def sound_names() -> tuple[str, ...]:
    """Of samples: one an event."""
    return tuple(SOUND + name.replace(" ", "-") for name in clips.NAMES)


def sentence_names() -> tuple[str, ...]:
    """Of samples: one a class."""
    return tuple(SENTENCE + name.replace(" ", "-") for name in phrases.NAMES)


def title_of(name: str) -> str:
    """In the menu."""
    return name.partition("-")[2].replace("-", " ").capitalize()


def made(name: str) -> Input | None:
    """The sample of that name; None where there is none."""
    ref = InputRef("sample", name)
    if name in sound_names():
        number = sound_names().index(name)
        clip = clips.clip(SEED, number)
        while clip.decibels < _ENOUGH:
            number += len(clips.NAMES)
            clip = clips.clip(SEED, number)
        return sound_from_array(np.array(clip.sound), RATE, ref, title_of(name))
    if name in sentence_names():
        text = sentence(SEED, sentence_names().index(name)).text
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return Text(ref, text, digest, text)
    return None
