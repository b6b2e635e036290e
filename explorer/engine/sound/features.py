"""Spectrograms by name: what a network was taught with, number by number.

log-mel: a person's own numbers. whisper: Radford and others, "Robust speech recognition via large-scale weak supervision", 2022.
ast: Gong, Chung and Glass, "AST: Audio Spectrogram Transformer", Interspeech 2021, on Kaldi's filter banks (Povey and others, ASRU
2011). wav2vec2: Baevski and others, NeurIPS 2020. The last three equal the feature extractors of transformers.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.core.arrays import Array
from explorer.core.mel_scale import mel_filters
from explorer.core.sound_preprocess import (
    AST,
    AST_FRAMES,
    AST_WINDOW,
    SPEECH_RATE,
    WHISPER_FFT,
    WHISPER_HOP,
    WHISPER_SECONDS,
    LogMel,
    whisper_numbers,
)
from explorer.engine.sound.stft_frames import spectra, window_of

_PREEMPHASIS = 0.97


def filters_of(numbers: LogMel, rate: int, triangle: str = "hertz") -> Array:
    """(bins, mels) float64."""
    high = rate / 2 if numbers.high is None else numbers.high
    return mel_filters(
        numbers.mels, numbers.n_fft, rate, numbers.low, high, numbers.scale, numbers.norm, triangle=triangle
    )


def log_mel(waveform: Tensor, rate: int, numbers: LogMel) -> Tensor:
    """(..., T) -> (..., mels, frames) float32, computed in float64."""
    filters = torch.from_numpy(filters_of(numbers, rate)).T
    window = window_of(numbers.window, numbers.window_length or numbers.n_fft, numbers.n_fft)
    parts = []
    for block in spectra(waveform.double(), window, numbers.hop, numbers.centred, numbers.padding):
        size = block.abs()
        parts.append(filters @ (size * size if numbers.power == 2 else size))
    if not parts:
        return torch.zeros(*waveform.shape[:-1], numbers.mels, 0)
    values = _logarithm(torch.cat(parts, -1), numbers)
    return ((values - numbers.mean) / numbers.std).float()


def _logarithm(values: Tensor, numbers: LogMel) -> Tensor:
    """The largest value, where it counts, is that of each sound in the batch."""
    values = values + numbers.floor if numbers.floored == "add" else values.clamp(min=numbers.floor)
    if numbers.log == "ln":
        values = values.log()
    elif numbers.log == "log10":
        values = values.log10()
    else:
        values = (10.0 if numbers.power == 2 else 20.0) * values.log10()
    if numbers.log == "db" and numbers.reference == "max":
        values = values - values.amax((-1, -2), keepdim=True)
    if numbers.top is not None:
        values = torch.maximum(values, values.amax((-1, -2), keepdim=True) - numbers.top)
    return values


def whisper(waveform: Tensor, mels: int, length: int = round(WHISPER_SECONDS * SPEECH_RATE)) -> Tensor:
    """(T,) at 16 kHz -> (mels, length / 160): silence behind what is shorter; nothing below 8 powers of ten under the largest."""
    padded = torch.zeros(length)
    padded[: len(waveform)] = waveform[:length]
    # in float32, as everybody who ran it did
    window = torch.hann_window(WHISPER_FFT)
    spectrum = torch.stft(padded, WHISPER_FFT, WHISPER_HOP, window=window, return_complex=True)[..., :-1]
    filters = filters_of(whisper_numbers(mels), SPEECH_RATE)
    values = torch.from_numpy(filters).float().T @ (spectrum.abs() ** 2).contiguous()
    values = values.clamp(min=1e-10).log10()
    values = torch.maximum(values, values.max() - 8.0)
    return (values + 4.0) / 4.0


def ast(waveform: Tensor) -> Tensor:
    """(T,) at 16 kHz -> (1024, 128): frames x mels, cut off or filled with what zero is there."""
    found = torch.zeros(AST_FRAMES, AST.mels, dtype=torch.float64)
    count = min(1 + (len(waveform) - AST_WINDOW) // AST.hop if len(waveform) >= AST_WINDOW else 0, AST_FRAMES)
    if count:
        frames = waveform.double().unfold(0, AST_WINDOW, AST.hop)[:count]
        frames = frames - frames.mean(1, keepdim=True)
        before = torch.cat((frames[:, :1], frames[:, :-1]), 1)  # Kaldi: the first sample stands before itself
        frames = (frames - _PREEMPHASIS * before) * torch.hann_window(AST_WINDOW, periodic=False, dtype=torch.float64)
        power = torch.fft.rfft(frames, AST.n_fft).abs() ** 2
        filters = torch.from_numpy(filters_of(AST, SPEECH_RATE, "mels"))
        found[:count] = (power @ filters).clamp(min=AST.floor).log()
    return ((found - AST.mean) / AST.std).float()


def wav2vec2(waveform: Tensor) -> Tensor:
    """(T,) -> (T,) with mean 0 and variance 1."""
    values = waveform.numpy()
    return torch.from_numpy((values - values.mean()) / np.sqrt(values.var() + 1e-7))
