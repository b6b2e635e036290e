"""Formats of sound devices: which one is taken, and samples as its bytes and back."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.arrays import Array

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioFormat

# by the names of QAudioFormat.SampleFormat: the type in the buffer, full scale, the value of silence
_KINDS = {"Float": ("f4", 1, 0), "Int16": ("i2", 1 << 15, 0), "Int32": ("i4", 1 << 31, 0), "UInt8": ("u1", 1 << 7, 128)}
_TAKEN = ("Float", "Int16")  # in this order


def fitting_format(qt: ModuleType, device: QAudioDevice, *wanted: tuple[int, int]) -> QAudioFormat:
    """The first of these (rate, channels) that the device takes as Float or Int16; else the device's own choice."""
    own = device.preferredFormat()
    for rate, channels in (*wanted, (own.sampleRate(), own.channelCount())):
        for kind in _TAKEN:
            form = qt.QAudioFormat()
            form.setSampleRate(rate)
            form.setChannelCount(channels)
            form.setSampleFormat(getattr(qt.QAudioFormat.SampleFormat, kind))
            if device.isFormatSupported(form):
                found: QAudioFormat = form
                return found
    return own


def to_bytes(samples: Array, kind: str) -> bytes:
    """(channels, n) float32 -> n interleaved frames of a SampleFormat, named by `kind`. "Float" keeps every bit."""
    code, scale, zero = _KINDS[kind]
    if kind == "Float":
        return np.ascontiguousarray(samples.T, np.float32).tobytes()
    bounds = np.iinfo(code)
    whole = np.rint(samples.T * np.float64(scale)) + zero
    return np.ascontiguousarray(whole.clip(bounds.min, bounds.max).astype(code)).tobytes()


def from_bytes(data: bytes, channels: int, kind: str) -> Array:
    """Whole interleaved frames of a SampleFormat -> (channels, n) float32, contiguous, read-only."""
    code, scale, zero = _KINDS[kind]
    frames = np.frombuffer(data, code).reshape(-1, channels)
    values = frames if kind == "Float" else (frames.astype(np.float64) - zero) / scale
    samples: Array = np.array(values.T, np.float32, order="C")
    samples.flags.writeable = False
    return samples


def at_channels(samples: Array, channels: int) -> Array:
    """(n, T) -> (channels, T): one for all, all mixed to their mean for one, else the first ones and silence behind them."""
    given = samples.shape[0]
    if given == channels:
        return samples
    if given == 1:
        return np.repeat(samples, channels, axis=0)
    if channels == 1:
        mixed: Array = samples.mean(axis=0, dtype=np.float64).astype(np.float32)[None]
        return mixed
    return np.concatenate((samples[:channels], np.zeros((max(0, channels - given), samples.shape[1]), np.float32)))
