"""Mel scales and their triangular filters, in float64.

Two scales. HTK: m = 2595 log10(1 + f / 700) (O'Shaughnessy, Speech Communication, 1987; the HTK Book, Young and others, 2002).
Slaney: 200/3 Hz a mel below 1 kHz, logarithmic above (Slaney, Auditory Toolbox, Technical Report 1998-010, 1998).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from explorer.core.arrays import Array

MelScale = Literal["htk", "slaney"]
MelNorm = Literal["none", "slaney"]
_KNEE_HZ, _KNEE_MEL, _STEP = 1000.0, 15.0, np.log(6.4) / 27.0  # Slaney's: where the logarithm begins


def to_mel(hertz: Array | float, scale: MelScale) -> Array:
    """Hz to mels."""
    f = np.asarray(hertz, np.float64)
    if scale == "htk":
        return np.asarray(2595.0 * np.log10(1.0 + f / 700.0))
    above = _KNEE_MEL + np.log(np.maximum(f, _KNEE_HZ) / _KNEE_HZ) / _STEP
    return np.where(f < _KNEE_HZ, 3.0 * f / 200.0, above)


def to_hertz(mels: Array | float, scale: MelScale) -> Array:
    """Mels to Hz."""
    m = np.asarray(mels, np.float64)
    if scale == "htk":
        return np.asarray(700.0 * (10.0 ** (m / 2595.0) - 1.0))
    above = _KNEE_HZ * np.exp(_STEP * (np.maximum(m, _KNEE_MEL) - _KNEE_MEL))
    return np.where(m < _KNEE_MEL, 200.0 * m / 3.0, above)


def mel_corners(count: int, low: float, high: float, scale: MelScale) -> Array:
    """(count + 2,) Hz, even in mels: filter i rises from corner i, peaks at i + 1, ends at i + 2."""
    return to_hertz(np.linspace(to_mel(low, scale), to_mel(high, scale), count + 2), scale)


def mel_filters(
    count: int,
    n_fft: int,
    rate: int,
    low: float,
    high: float,
    scale: MelScale,
    norm: MelNorm,
    *,
    triangle: str = "hertz",
) -> Array:
    """(n_fft // 2 + 1, count): triangles over the bins of a Fourier transform; `triangle`: straight in "hertz" or in "mels" (Kaldi).

    norm "slaney": each divided by half its width in Hz, so that all have an area of one.
    """
    corners = mel_corners(count, low, high, scale)
    bins = np.arange(n_fft // 2 + 1) * (rate / n_fft)
    at, places = corners, bins
    if triangle == "mels":
        at = np.linspace(to_mel(low, scale), to_mel(high, scale), count + 2)
        places = to_mel(bins, scale)
    filters = triangles(at, places)
    if norm == "slaney":
        filters = filters * (2.0 / (corners[2:] - corners[:-2]))
    return np.asarray(filters)


def triangles(corners: Array, places: Array) -> Array:
    """(places, corners - 2): filter i is 0 at corner i, 1 at corner i + 1, 0 at corner i + 2, straight between."""
    steps = np.diff(corners)
    away = corners[None] - places[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(-away[:, :-2] / steps[:-1], away[:, 2:] / steps[1:])))


def empty_filters(filters: Array) -> tuple[int, ...]:
    """Numbers of the filters that no bin falls into: their rows of a spectrogram are constant."""
    return tuple(int(number) for number in np.flatnonzero(filters.max(axis=0) == 0.0))


def spread_to_bins(filters: Array) -> Array:
    """(bins, mels) filters -> (bins, mels) shares: how much of each mel's weight a bin takes; the shares of a bin sum to one.

    A bin that no filter reaches (0 Hz, the last one, between narrow filters) takes that of the nearest filter.
    """
    total = filters.sum(axis=1, keepdims=True)
    shares = np.divide(filters, total, out=np.zeros_like(filters), where=total > 0)
    living = np.flatnonzero(filters.max(axis=0) > 0)
    if not len(living):
        return np.full_like(filters, 1 / filters.shape[1])
    middles = (np.arange(len(filters))[:, None] * filters).sum(axis=0)[living] / filters.sum(axis=0)[living]
    for empty in np.flatnonzero(total[:, 0] <= 0):
        shares[empty, living[np.abs(middles - empty).argmin()]] = 1.0
    return np.asarray(shares)
