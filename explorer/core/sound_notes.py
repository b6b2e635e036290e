"""What was done to a sound on its way into a model, in words."""

from __future__ import annotations

from fractions import Fraction

from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound


def taken_notes(sound: Sound, preprocess: SoundPreprocess, how: str = "") -> tuple[str, ...]:
    """Of channels, rate and length. `how`: what resamples."""
    rate, channels, length, notes = preprocess.hertz, preprocess.channels, preprocess.taken, []
    if channels == 1 and sound.channels > 1:
        notes.append(f"mean of {sound.channels} channels")
    elif channels > 1 and sound.channels == 1:
        notes.append(f"its one channel given {channels} times")
    elif channels < sound.channels:
        notes.append(f"the first {channels} of {sound.channels} channels")
    if rate != sound.rate:
        notes.append(f"{sound.rate / 1000:g} kHz resampled to {rate / 1000:g} kHz" + (f" ({how})" if how else ""))
    if length is None:
        return tuple(notes)
    count = max(1, round(Fraction(sound.count * rate, sound.rate)))
    if count > length:
        notes.append(f"only the first {length / rate:.4g} s of {sound.seconds:.4g} s")
    elif count < length:
        notes.append(f"{(length - count) / rate:.4g} s of silence put behind it")
    return tuple(notes)
