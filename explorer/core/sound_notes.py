"""What was done to a sound on its way into a model, in words."""

from __future__ import annotations

from fractions import Fraction

from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.translation import tr


def taken_notes(sound: Sound, preprocess: SoundPreprocess, how: str = "") -> tuple[str, ...]:
    """Of channels, rate and length. `how`: what resamples."""
    rate, channels, length, notes = preprocess.hertz, preprocess.channels, preprocess.taken, []
    if channels == 1 and sound.channels > 1:
        notes.append(tr("mean of {channels} channels", channels=sound.channels))
    elif channels > 1 and sound.channels == 1:
        notes.append(tr("its one channel given {channels} times", channels=channels))
    elif channels < sound.channels:
        notes.append(tr("the first {channels} of {channels2} channels", channels=channels, channels2=sound.channels))
    if rate != sound.rate:
        notes.append(
            tr(
                "{rate:g} kHz resampled to {rate2:g} kHz{how}",
                rate=sound.rate / 1000,
                rate2=rate / 1000,
                how=f" ({how})" if how else "",
            )
        )
    if length is None:
        return tuple(notes)
    count = max(1, round(Fraction(sound.count * rate, sound.rate)))
    if count > length:
        notes.append(
            tr("only the first {length:.4g} s of {seconds:.4g} s", length=length / rate, seconds=sound.seconds)
        )
    elif count < length:
        notes.append(tr("{length:.4g} s of silence put behind it", length=(length - count) / rate))
    return tuple(notes)
