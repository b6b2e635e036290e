"""What the places along a tensor of a sound stand for: seconds in the original file, Hz, channels; and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from explorer.core.mel_scale import mel_corners
from explorer.core.sound_preprocess import LogMel, SoundPreprocess

AxisName = Literal["batch", "channel", "time", "frequency"]


@dataclass(frozen=True, slots=True)
class EvenAxis:
    """`count` places `step` apart, the first one's middle at `start`; each is made of `size` around its middle.

    unit: "s" and "samples" from the beginning of the original file, "Hz", "" for numbers. real: how many of the places stand
    over the sound; those behind it are padding.
    """

    name: AxisName
    unit: Literal["s", "samples", "Hz", ""]
    start: float
    step: float
    count: int
    size: float = 0.0
    real: int = -1  # -1: all

    @property
    def inside(self) -> int:
        """Places that stand over the sound."""
        return self.count if self.real < 0 else self.real

    def at(self, index: float) -> float:
        """The middle of a place."""
        return self.start + index * self.step

    def index_of(self, value: float) -> float:
        """The inverse of `at`, between places too."""
        return (value - self.start) / self.step

    def nearest(self, value: float) -> int:
        """The place whose middle is nearest; of two the later one."""
        return min(max(math.floor(self.index_of(value) + 0.5), 0), self.count - 1)

    def span(self, index: float) -> tuple[float, float]:
        """From where to where a place is made of the sound."""
        middle = self.at(index)
        return middle - self.size / 2, middle + self.size / 2

    def in_samples(self, rate: int) -> EvenAxis:
        """An axis in seconds as one in samples of a file with this rate."""
        if self.unit != "s":
            return self
        start, step, size = self.start * rate, self.step * rate, self.size * rate
        return replace(self, unit="samples", start=start, step=step, size=size)

    def behind(self, jump: float, start: float, size: float, count: int) -> EvenAxis:
        """The axis of a layer behind: place i covers `size` places of this one from `start + i * jump` on, `count` of them."""
        middle = self.at(start + (size - 1) / 2)
        seen = (size - 1) * self.step + self.size
        end = self.at(self.inside - 1)
        step = jump * self.step
        real = min(count, max(0, math.floor((end - middle) / step) + 1)) if step > 0 else count
        return replace(self, start=middle, step=step, count=count, size=seen, real=real)


@dataclass(frozen=True, slots=True)
class BandAxis:
    """Bands of a spectrogram that overlap: band i rises from corner i, peaks at corner i + 1, ends at corner i + 2; in Hz."""

    corners: tuple[float, ...]
    name: AxisName = "frequency"
    unit: Literal["Hz"] = "Hz"

    @property
    def count(self) -> int:
        return len(self.corners) - 2

    def at(self, index: float) -> float:
        """The middle of a band, where its filter peaks; between bands in a straight line."""
        return float(np.interp(index, np.arange(self.count), self.corners[1:-1]))

    def index_of(self, hertz: float) -> float:
        """The inverse of `at`; the outermost bands past the ends."""
        return float(np.interp(hertz, self.corners[1:-1], np.arange(self.count)))

    def nearest(self, hertz: float) -> int:
        return math.floor(self.index_of(hertz) + 0.5)

    def span(self, index: int) -> tuple[float, float]:
        """Lower and upper edge of a band."""
        return self.corners[index], self.corners[index + 2]


TensorAxis = EvenAxis | BandAxis


def time_of_samples(preprocess: SoundPreprocess, first: float, seconds: float) -> EvenAxis:
    """The waveform at the model's rate. first: of the sound in its file, seconds: of the sound; both in s."""
    rate = preprocess.hertz
    there = max(1, round(seconds * rate))
    count = preprocess.length or there
    return EvenAxis("time", "s", first, 1 / rate, count, 1 / rate, min(there, count))


def time_of_frames(samples: EvenAxis, frames: int, n_fft: int, hop: int, centred: bool, window: int = 0) -> EvenAxis:
    """Frames of `n_fft` samples every `hop`: around sample t * hop, or from there on. window: samples in the middle that count."""
    step = samples.step
    start = samples.start if centred else samples.start + n_fft / 2 * step
    behind = samples.inside - (0 if centred else n_fft / 2)
    real = min(frames, max(0, math.ceil(behind / hop)))
    return EvenAxis("time", "s", start, hop * step, frames, (window or n_fft) * step, real)


def mel_axis(numbers: LogMel, rate: int) -> BandAxis:
    """The bands of a log-mel spectrogram."""
    high = rate / 2 if numbers.high is None else numbers.high
    return BandAxis(tuple(float(c) for c in mel_corners(numbers.mels, numbers.low, high, numbers.scale)))


def bands_of(preprocess: SoundPreprocess) -> BandAxis | None:
    """The bands that a network sees; None of a waveform."""
    numbers = preprocess.numbers
    return mel_axis(numbers, preprocess.hertz) if numbers is not None else None


def place_text(seconds: float, hertz: float | None) -> str:
    """A place in time, and among frequencies where it has one."""
    return seconds_text(seconds) + ("" if hertz is None else f", {hertz:,.0f} Hz")


def laid_out(preprocess: SoundPreprocess, time: EvenAxis, bands: BandAxis | None) -> tuple[TensorAxis, ...]:
    """The axes of the tensor in its layout, one a dimension, the batch first."""
    batch = EvenAxis("batch", "", 0, 1, 1)
    channels = EvenAxis("channel", "", 0, 1, preprocess.channels)
    if bands is None:
        return (batch, time) if preprocess.layout == "NT" else (batch, channels, time)
    if preprocess.layout == "NTC":
        return (batch, time, bands)
    return (batch, bands, time) if preprocess.layout == "NCT" else (batch, channels, bands, time)


def seconds_text(value: float) -> str:
    """A time in seconds, to a tenth of a millisecond."""
    return f"{value:.4f} s" if abs(value) < 10 else f"{value:.3f} s"
