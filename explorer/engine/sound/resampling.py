"""Another rate for a sound, with FFmpeg's resampler in one setting.

Windowed sinc with the cut-off below half of the lower rate (FFmpeg's libswresample; Smith and Gossett, "A flexible sampling-rate
conversion method", ICASSP 1984). Of a sine 1e-6 is left as an error, of what would be folded back less than -90 dB.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.sounds import Sound, check_shape, sound_digest
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

_TAPS = 64  # of the filter, at the lower of the two rates
RESAMPLER = (
    f"aresample=filter_size={_TAPS}:cutoff=0.97"  # for manifests: networks hear the difference between resamplers
)
_BLOCK = 1 << 16  # samples between two looks at `cancelled`


def resampled(samples: Array, source: int, target: int, cancelled: Cancelled = never) -> Array:
    """(channels, T) float32 at `source` Hz -> (channels, round(T * target / source)) float32 at `target` Hz, at least one sample."""
    check_shape(samples.shape[0], target)
    if source == target:
        return samples
    wanted = max(1, round(Fraction(samples.shape[1] * target, source)))
    out = np.zeros((samples.shape[0], wanted), np.float32)
    # Silence before and behind, a whole number of samples at both rates: FFmpeg would mirror the ends, and gives nothing of
    # what is shorter than its filter.
    period = source // math.gcd(source, target)
    before = period * math.ceil(_TAPS * max(source / target, 1.0) / period)
    skipped = before * target // source
    for number, channel in enumerate(samples):
        given = np.pad(np.asarray(channel[None], np.float32), ((0, 0), (before, before)))
        made = _one(given, source, target, cancelled)[skipped : skipped + wanted]
        out[number, : len(made)] = made
    return out


def at_rate(sound: Sound, rate: int, channels: int, cancelled: Cancelled = never) -> Sound:
    """The sound as a model hears it. channels: 1 mixes all to their mean; more takes the first ones, a single one for all."""
    if (rate, channels) == (sound.rate, sound.channels):
        return sound
    if channels == 1:
        samples = sound.mono[None]
    elif sound.channels == 1:
        samples = np.repeat(sound.samples, channels, axis=0)
    elif sound.channels < channels:
        raise ExplorerError(
            tr(
                "“{sound}” has {channels} channels, the model wants {channels2}.",
                sound=sound.name or tr("The sound"),
                channels=sound.channels,
                channels2=channels,
            ),
            tr("Nobody can say what the missing ones would hold."),
            tr("Choose a sound with as many channels, or one with a single channel, which is given to all."),
        )
    else:
        samples = sound.samples[:channels]
    made = np.ascontiguousarray(resampled(samples, sound.rate, rate, cancelled))
    made = made.copy() if np.shares_memory(made, sound.samples) else made
    made.flags.writeable = False
    return replace(sound, samples=made, rate=rate, digest=sound_digest(made, rate))


def _one(channel: Array, source: int, target: int, cancelled: Cancelled) -> Array:
    """(1, T) -> (n,). One channel at a time: a layout of eight channels would be mixed by its names."""
    import av
    import av.filter

    av.logging.set_level(None)
    name, _, settings = RESAMPLER.partition("=")
    graph = av.filter.Graph()
    begin = graph.add_abuffer(format="fltp", sample_rate=source, layout="mono", time_base=Fraction(1, source))
    middle = graph.add(name, f"{target}:{settings}")
    form = graph.add("aformat", "sample_fmts=fltp:channel_layouts=mono")
    end = graph.add("abuffersink")
    begin.link_to(middle)
    middle.link_to(form)
    form.link_to(end)
    graph.configure()
    parts: list[Array] = []
    for at in range(0, channel.shape[1], _BLOCK):
        if cancelled():
            raise CancelledError
        frame = av.AudioFrame.from_ndarray(channel[:, at : at + _BLOCK], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = source, at, Fraction(1, source)
        begin.push(frame)
        _pull(end, parts)
    begin.push(None)
    _pull(end, parts)
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _pull(end: object, parts: list[Array]) -> None:
    import av.error

    while True:
        try:
            frame = end.pull()  # type: ignore[attr-defined]
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        parts.append(frame.to_ndarray()[0])
