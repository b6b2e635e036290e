"""From a sound to the tensor that a model wants, with what its axes stand for and what was done on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.mel_scale import empty_filters
from explorer.core.sound_axes import (
    BandAxis,
    EvenAxis,
    TensorAxis,
    laid_out,
    mel_axis,
    time_of_frames,
    time_of_samples,
)
from explorer.core.sound_notes import taken_notes
from explorer.core.sound_preprocess import AST, AST_WINDOW, LogMel, SoundPreprocess, whisper_numbers
from explorer.core.sounds import Sound
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import Cancelled, never
from explorer.engine.sound import features
from explorer.engine.sound.resampling import RESAMPLER, at_rate

_MARGIN = 256  # samples at the lower rate that are resampled beyond what is wanted, so that no edge is heard


@dataclass(frozen=True, slots=True, eq=False)
class SoundTensor:
    """values: float32 with a batch of one. axes: one a dimension. notes: what was done to the sound on the way.

    heard: the sound at the model's rate in the model's channels, as long as what the model gets of it, without padding.
    """

    values: Tensor
    axes: tuple[TensorAxis, ...]
    notes: tuple[str, ...]
    heard: Sound

    @property
    def time(self) -> EvenAxis:
        return next(axis for axis in self.axes if isinstance(axis, EvenAxis) and axis.name == "time")

    @property
    def bands(self) -> BandAxis | None:
        """None: a waveform."""
        return next((axis for axis in self.axes if isinstance(axis, BandAxis)), None)


def sound_tensor(sound: Sound, preprocess: SoundPreprocess) -> Tensor:
    """The tensor alone, (1, ...) as `preprocess.layout` says."""
    return prepared_sound(sound, preprocess).values


def prepared_sound(sound: Sound, preprocess: SoundPreprocess, cancelled: Cancelled = never) -> SoundTensor:
    """Channels, rate, length, features, layout, in this order. Raises ExplorerError where a sound does not fit."""
    length = preprocess.taken
    heard, notes = _heard(sound, preprocess, length, cancelled)
    waveform = torch.from_numpy(np.array(heard.samples))
    samples = time_of_samples(preprocess, sound.first, heard.seconds)
    if preprocess.features in ("none", "wav2vec2"):
        if preprocess.features == "wav2vec2":
            waveform = features.wav2vec2(waveform[0])[None]
        values = _padded(waveform, length)
        values = values if preprocess.layout == "NT" else values[None]
        return SoundTensor(values, laid_out(preprocess, samples, None), notes + _endless(values), heard)
    values, time, bands, filters = _spectrogram(waveform, preprocess, samples, length)
    notes += _empty(filters) + _endless(values)
    return SoundTensor(_arranged(values, preprocess.layout), laid_out(preprocess, time, bands), notes, heard)


def _heard(
    sound: Sound, preprocess: SoundPreprocess, length: int | None, cancelled: Cancelled
) -> tuple[Sound, tuple[str, ...]]:
    rate, part = preprocess.hertz, sound
    if length is not None:
        part = sound.cut(0.0, length / rate + _MARGIN / min(rate, sound.rate))
    heard = at_rate(part, rate, preprocess.channels, cancelled)
    if length is not None and heard.count > length:
        heard = heard.cut(0.0, length / rate)
    return heard, taken_notes(sound, preprocess, RESAMPLER)


def _padded(waveform: Tensor, length: int | None) -> Tensor:
    spare = 0 if length is None else length - waveform.shape[-1]
    return torch.nn.functional.pad(waveform, (0, spare)) if spare > 0 else waveform


def _spectrogram(
    waveform: Tensor, preprocess: SoundPreprocess, samples: EvenAxis, length: int | None
) -> tuple[Tensor, EvenAxis, BandAxis, Array]:
    """((channels, mels, frames), their time, their bands, the filters (bins, mels))."""
    rate = preprocess.hertz
    if preprocess.features == "whisper":
        numbers = whisper_numbers(preprocess.mels)
        values = features.whisper(waveform[0], preprocess.mels, preprocess.taken or waveform.shape[-1])[None]
        time = time_of_frames(samples, values.shape[-1], numbers.n_fft, numbers.hop, centred=True)
        return values, time, mel_axis(numbers, rate), features.filters_of(numbers, rate)
    if preprocess.features == "ast":
        numbers = AST
        # what is shorter is filled up after the logarithm, as its extractor does
        values = features.ast(waveform[0]).T[None]
        time = time_of_frames(samples, values.shape[-1], AST_WINDOW, numbers.hop, centred=False)
        return values, time, mel_axis(numbers, rate), features.filters_of(numbers, rate, "mels")
    numbers = preprocess.log_mel or LogMel()
    values = features.log_mel(_padded(waveform, length), rate, numbers)
    if not values.shape[-1]:
        raise ExplorerError(
            tr("The sound is too short."),
            tr("One frame of the model's spectrogram takes {n_fft:.4g} s.", n_fft=numbers.n_fft / rate),
            tr("Choose a longer one, or say in the preprocessing how long a sound is."),
        )
    width = numbers.window_length or numbers.n_fft
    time = time_of_frames(samples, values.shape[-1], numbers.n_fft, numbers.hop, numbers.centred, width)
    return values, time, mel_axis(numbers, rate), features.filters_of(numbers, rate)


def _empty(filters: Array) -> tuple[str, ...]:
    empty = empty_filters(filters)
    if not empty:
        return ()
    told = ", ".join(str(number) for number in empty[:8]) + (", …" if len(empty) > 8 else "")
    many = tr("mel filter has") if len(empty) == 1 else tr("mel filters have")
    return (
        tr(
            "{count} {many} no bin of the Fourier transform and always the same value: {told}",
            count=len(empty),
            many=many,
            told=told,
        ),
    )


def _endless(values: Tensor) -> tuple[str, ...]:
    """A sound of enormous samples, as damaged files of floats have them."""
    return (
        () if bool(values.isfinite().all()) else (tr("it is so loud that the tensor has values that are no numbers"),)
    )


def _arranged(values: Tensor, layout: str) -> Tensor:
    """(channels, mels, frames) in the layout, with the batch."""
    if layout == "NCHW":
        return values[None]
    return values if layout == "NCT" else values.transpose(1, 2).contiguous()
