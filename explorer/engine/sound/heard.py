"""What a channel of a network lets through of a sound: the sound itself, weighted in time and frequency by the channel's map.

The map is a mask on the sound's own short-time Fourier transform, and the way back is the least-squares inverse (Griffin and Lim,
IEEE Transactions on Acoustics, Speech and Signal Processing, 1984, equation 6): the phase is the sound's own, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.mel_scale import spread_to_bins, triangles
from explorer.core.sound_axes import BandAxis, EvenAxis
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.core.wav_bytes import fitting_gain
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

_SECONDS = 0.032  # of a frame
_BLOCK = 1024  # frames at once


@dataclass(frozen=True, slots=True, eq=False)
class HeardChannel:
    """(channels, T) float32 each at the sound's rate: channel + rest = sound. gain: one for the three, so that they compare."""

    sound: Array
    channel: Array
    rest: Array
    rate: int
    gain: float

    @property
    def share(self) -> float:
        """How much of the sound's energy is in the channel."""
        whole = float(np.square(self.sound, dtype=np.float64).sum())
        return float(np.square(self.channel, dtype=np.float64).sum()) / whole if whole else 0.0


def channel_heard(
    sound: Sound,
    values: Array,
    time: EvenAxis,
    bands: BandAxis | None = None,
    rows: EvenAxis | None = None,
    largest: float | None = None,
    cancelled: Cancelled = never,
) -> HeardChannel:
    """The part of a sound where a channel is large.

    sound: best as the model hears it (`SoundTensor.heard`), for of what lies above the bands the network knows nothing.
    values: the map, (columns,) over time or (rows, columns) over bands and time; below 0 counts as 0, `largest` (None: its own
    largest) as 1. time: of the columns, in seconds of the file. bands: of the spectrogram that the network sees; rows: which band
    each row of the map stands for, None: one a band. Bins that no band reaches take the nearest one.
    """
    weights = _weights(values, largest)
    if (weights.ndim == 2) != (bands is not None) or time.unit != "s" or weights.shape[-1] != time.count:
        raise ExplorerError(
            tr("The map does not fit the sound."),
            tr("Its shape is {shape}, its time {time}.", shape=values.shape, time=time),
        )
    n_fft = 1 << max(4, round(np.log2(_SECONDS * sound.rate)))
    hop = n_fft // 4
    spread = None
    if bands is not None:
        weights = _at_bands(weights, bands.count, rows)
        hertz = np.arange(n_fft // 2 + 1) * (sound.rate / n_fft)
        spread = torch.from_numpy(spread_to_bins(triangles(np.array(bands.corners), hertz)))

    def mask(first: int, last: int) -> Tensor:
        """(frames, bins) or (frames, 1) of frames first to last - 1."""
        places = np.array([time.index_of(sound.first + n * hop / sound.rate) for n in range(first, last)])
        columns = torch.from_numpy(between(weights, places))
        return columns[:, None] if spread is None else columns.T @ spread.T

    channel = _masked(sound.samples, n_fft, hop, mask, cancelled)
    rest = sound.samples.astype(np.float64) - channel
    gain = fitting_gain(sound.samples, channel, rest)
    return HeardChannel(sound.samples, channel.astype(np.float32), rest.astype(np.float32), sound.rate, gain)


def filter_heard(sound: Sound, kernel: Array, dilation: int = 1) -> HeardChannel:
    """A sound (channels, T) through one filter (channels, K) of a first layer, sample by sample whatever the layer's stride is.

    At the layer's stride the images of the stride would be heard. The filter's largest response is set to 1, so that nothing is
    louder than before; its middle stands over the sample it gives. The rest is the mean of the channels less what is heard.
    """
    taps = torch.from_numpy(np.array(kernel, np.float64)).reshape(-1, np.shape(kernel)[-1])
    if not taps.numel() or not torch.isfinite(taps).all() or len(taps) not in (1, sound.channels):
        raise ExplorerError(
            tr("The filter does not fit the sound."), tr("Its shape is {shape}.", shape=np.shape(kernel))
        )
    given = sound.mono[None] if len(taps) == 1 else sound.samples
    spread = (taps.shape[1] - 1) * dilation
    response = torch.fft.rfft(taps, max(4096, 4 * (spread + 1))).abs().square().sum(0).max().sqrt()
    taps = taps / response if response > 0 else taps
    before = (spread + 1) // 2
    padded = torch.nn.functional.pad(torch.from_numpy(given.astype(np.float64)), (before, spread - before))
    channel = torch.nn.functional.conv1d(padded[None], taps[None], dilation=dilation)[0].numpy()
    whole = sound.mono[None]
    rest = whole.astype(np.float64) - channel
    gain = fitting_gain(whole, channel, rest)
    return HeardChannel(whole, channel.astype(np.float32), rest.astype(np.float32), sound.rate, gain)


def between(values: Array, places: Array) -> Array:
    """(..., n) at places along the last dimension, in a straight line between two, the outermost ones past the ends."""
    places = np.clip(places, 0, values.shape[-1] - 1)
    low = np.floor(places).astype(np.int64)
    high = np.minimum(low + 1, values.shape[-1] - 1)
    share = places - low
    return np.asarray(values[..., low] * (1 - share) + values[..., high] * share)


def _weights(values: Array, largest: float | None) -> Array:
    """The map from 0 to 1, float64."""
    weights = np.asarray(values, np.float64)
    if weights.ndim not in (1, 2) or not weights.size or not np.isfinite(weights).all():
        raise ExplorerError(
            tr("This channel cannot be heard."), tr("Its map is empty, or has values that are no numbers.")
        )
    top = float(weights.max()) if largest is None else largest
    return np.clip(weights / top, 0.0, 1.0) if top > 0 else np.zeros_like(weights)


def _at_bands(weights: Array, count: int, rows: EvenAxis | None) -> Array:
    """(rows, columns) -> (bands, columns)."""
    if rows is None and len(weights) != count:
        raise ExplorerError(
            tr("The map does not fit the sound."),
            tr("It has {count} rows, the spectrogram {count2} bands.", count=len(weights), count2=count),
        )
    if rows is None:
        return weights
    return between(weights.T, np.array([rows.index_of(band) for band in range(count)])).T


def _masked(samples: Array, n_fft: int, hop: int, mask: Callable[[int, int], Tensor], cancelled: Cancelled) -> Array:
    """(channels, T) float64: transformed, weighted, and back, block by block."""
    count = samples.shape[1]
    half = n_fft // 2
    frames = 1 + -(-count // hop)
    padded = torch.zeros(len(samples), (frames - 1) * hop + n_fft, dtype=torch.float64)
    padded[:, half : half + count] = torch.from_numpy(samples.astype(np.float64))
    window = torch.hann_window(n_fft, dtype=torch.float64)
    out, weight = torch.zeros_like(padded), torch.zeros(padded.shape[1], dtype=torch.float64)
    for first in range(0, frames, _BLOCK):
        if cancelled():
            raise CancelledError
        last = min(first + _BLOCK, frames)
        here = slice(first * hop, (last - 1) * hop + n_fft)
        spectrum = torch.fft.rfft(padded[:, here].unfold(1, n_fft, hop) * window)
        made = torch.fft.irfft(spectrum * mask(first, last), n_fft) * window
        out[:, here] += _added(made, hop)
        weight[here] += _added((window * window).expand(1, last - first, n_fft), hop)[0]
    return np.asarray((out / weight.clamp(min=1e-12))[:, half : half + count].numpy())


def _added(frames: Tensor, hop: int) -> Tensor:
    """(channels, frames, n_fft) -> (channels, samples): each added where it stands."""
    channels, number, n_fft = frames.shape
    size = (1, (number - 1) * hop + n_fft)
    folded = torch.nn.functional.fold(frames.transpose(1, 2), size, kernel_size=(1, n_fft), stride=(1, hop))
    return folded.reshape(channels, -1)
