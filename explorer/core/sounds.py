"""What is heard: samples of a sound, where they stand in their file, and how a model wants them."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.translation import ntr, tr

RATES = (100, 768_000)  # lowest and highest, in Hz, that is taken for a sound's
MOST_CHANNELS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A decoded sound: (channels, T) float32, about -1 to 1 and not cut off beyond, finite, read-only."""

    ref: InputRef
    samples: Array
    rate: int  # Hz
    digest: str  # sha256 of samples, shape and rate, 16 hex digits
    name: str = ""
    notes: tuple[str, ...] = ()  # "3 samples were no numbers and became 0", ...
    first: float = 0.0  # seconds from the beginning of the file to the first sample
    total: float = 0.0  # seconds of the whole file, as its header says; 0: not known
    seen: Array | None = (
        None  # (h, w, 3) uint8 over its length: the waveform, or the spectrogram that a model sees; None: not drawn yet
    )

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def count(self) -> int:
        """Samples of each channel."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        return self.count / self.rate

    @property
    def size(self) -> tuple[int, int]:
        """(1, milliseconds), the last one begun: a sound is one row, and its places are milliseconds from its beginning."""
        return 1, math.ceil(1000 * self.count / self.rate)

    @property
    def mono(self) -> Array:
        """(T,) float32: the mean of the channels, read-only."""
        if self.channels == 1:
            only: Array = self.samples[0]
            return only
        mixed: Array = self.samples.mean(axis=0, dtype=np.float64).astype(np.float32)
        mixed.flags.writeable = False
        return mixed

    @property
    def peak(self) -> float:
        """The largest magnitude; 0 is silence."""
        return float(max(self.samples.max(), -self.samples.min()))

    def cut(self, start: float, length: float) -> Sound:
        """The part that begins `start` seconds after the first sample, at most `length` seconds. Raises ExplorerError past the end."""
        within = 0 <= start < self.seconds and length > 0
        begin = end = 0
        if within:
            begin = round(start * self.rate)
            end = min(round((start + min(length, self.seconds)) * self.rate), self.count)
        if begin >= end:
            raise ExplorerError(
                tr(
                    "{called} has nothing from {start:g} s on for {length:g} s.",
                    called=self._called,
                    start=start,
                    length=length,
                ),
                tr("It lasts {seconds:.3f} s.", seconds=self.seconds),
                tr("Choose a window inside it."),
            )
        part = np.ascontiguousarray(self.samples[:, begin:end])
        part.flags.writeable = False
        return replace(
            self, samples=part, digest=sound_digest(part, self.rate), seen=None, first=self.first + begin / self.rate
        )

    @property
    def _called(self) -> str:
        return f"“{self.name}”" if self.name else tr("The sound")


def sound_from_array(
    array: Array, rate: int, ref: InputRef, name: str = "", notes: tuple[str, ...] = (), first: float = 0.0
) -> Sound:
    """A Sound of (channels, T) or (T,) numbers, floating point about -1 to 1; what is no number becomes 0, and the notes say so.

    A float32 array that is contiguous is taken over without a copy: nobody else may hold or change it.
    """
    samples = np.asarray(array)
    if samples.ndim == 1:
        samples = samples[None]
    if samples.ndim != 2 or not np.issubdtype(samples.dtype, np.floating):
        what = tr("Its shape is {shape}, its numbers are {dtype}", shape=np.shape(array), dtype=samples.dtype)
        raise ExplorerError(
            tr("The array is not a sound."),
            tr("{what}; a sound has (channels, samples) floats.", what=what),
            tr("Divide 16-bit numbers by 32768."),
        )
    if not samples.size:
        raise ExplorerError(
            tr("“{name}” holds no sample.", name=name) if name else tr("The sound holds no sample."),
            tr("There is nothing to hear."),
        )
    check_shape(samples.shape[0], rate, name)
    with np.errstate(over="ignore", invalid="ignore"):  # doubles beyond float32 are infinite there
        samples = np.ascontiguousarray(samples, np.float32)
    samples, more = _finite(samples)
    samples.flags.writeable = False
    return Sound(ref, samples, rate, sound_digest(samples, rate), name, (*notes, *more), first)


def sound_digest(samples: Array, rate: int) -> str:
    """sha256 of shape, rate and samples, its first 16 hex digits."""
    told = hashlib.sha256(f"{samples.shape}{samples.dtype.str}{rate}".encode())
    told.update(np.ascontiguousarray(samples).data)
    return told.hexdigest()[:16]


def check_shape(channels: int, rate: int, name: str = "") -> None:
    """Raises ExplorerError for a rate or a number of channels that no sound has."""
    called = f"“{name}”" if name else tr("The sound")
    if not RATES[0] <= rate <= RATES[1]:
        why = tr(
            "It says it has {rate:,} samples a second; sounds have {rates:,} to {rates2:,}.",
            rate=rate,
            rates=RATES[0],
            rates2=RATES[1],
        )
        raise ExplorerError(
            tr("{called} has no rate of a sound.", called=called), why, tr("Its header may be damaged: save it again.")
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise ExplorerError(
            tr("{called} has no number of channels of a sound.", called=called),
            tr(
                "It has {channels:,} channels; 1 to {most_channels} are opened.",
                channels=channels,
                most_channels=MOST_CHANNELS,
            ),
            tr("Save the channels that matter as a file of their own."),
        )


def _finite(samples: Array) -> tuple[Array, tuple[str, ...]]:
    """With 0 for what is no number; what there is to say of that, and of values beyond 1."""
    notes: list[str] = []
    wrong = ~np.isfinite(samples)
    if missing := int(wrong.sum()):
        samples = np.where(wrong, np.float32(0), samples)
        notes.append(
            ntr(
                "{missing:,} sample that is no number became 0",
                "{missing:,} samples that are no number became 0",
                missing,
                missing=missing,
            )
        )
    peak = float(max(samples.max(), -samples.min()))
    if peak > 1.0005:
        notes.append(tr("louder than full scale: up to {peak:.4g}, kept as it is", peak=peak))
    return samples, tuple(notes)
