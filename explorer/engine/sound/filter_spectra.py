"""What the filters of a first layer on a waveform pass: their spectra, peaks and widths.

Sorted peaks and the cumulative response are those of Ravanelli and Bengio, "Speaker recognition from raw waveform with SincNet",
IEEE SLT 2018, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from explorer.core.activations import Kernel, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.sounds import check_shape
from explorer.core.translation import tr

NEAR = 300.0  # Hz on each side of the peak
_LONGEST = 1 << 16  # points of the Fourier transform


@dataclass(frozen=True, slots=True, eq=False)
class FilterSpectra:
    """One entry a filter, in the layer's order; a filter of zeros has its peak and width at 0 and no share.

    hertz: (F,) evenly from 0 to half the rate. magnitude: (filters, F), of more than one input channel the root of the summed
    powers. peak: Hz of the largest. width: Hz over which it is at least half of that around the peak (-6 dB). share: of the energy
    within 300 Hz of the peak. order: numbers of the filters by their peak. cumulative: (F,) sum of the magnitudes, each divided by
    its largest, over all filters; 1 at its own largest.
    """

    hertz: Array
    magnitude: Array
    peak: Array
    width: Array
    share: Array
    order: tuple[int, ...]
    cumulative: Array
    rate: int

    def decibels(self, floor: float = -80.0) -> Array:
        """(filters, F): each relative to its own largest, none below `floor`."""
        largest = self.magnitude.max(axis=1, keepdims=True)
        relative = self.magnitude / np.where(largest > 0, largest, 1.0)
        return np.asarray(20.0 * np.log10(np.maximum(relative, 10.0 ** (floor / 20.0))))


def filter_spectra(weights: Array, rate: int, dilation: int = 1) -> FilterSpectra:
    """Of the weights (filters, input channels, K) of a one-dimensional convolution over samples at `rate` Hz."""
    taps = np.asarray(weights, np.float64)
    if taps.ndim != 3 or not taps.size or not np.isfinite(taps).all():
        raise ExplorerError(
            tr("These are no filters over a waveform."),
            tr(
                "Their shape is {shape}, or they hold what is no number; a one-dimensional convolution has "
                "three dimensions.",
                shape=taps.shape,
            ),
        )
    check_shape(1, rate)
    spread = np.zeros((*taps.shape[:2], (taps.shape[2] - 1) * dilation + 1))
    spread[..., ::dilation] = taps
    length = 1 << int(np.ceil(np.log2(max(rate / 2, 8 * spread.shape[2]))))
    length = max(min(length, _LONGEST), 1 << int(np.ceil(np.log2(spread.shape[2]))))
    power = torch.fft.rfft(torch.from_numpy(spread), length).abs().square().sum(1).numpy()
    magnitude = np.sqrt(power)
    hertz = np.arange(power.shape[1]) * (rate / length)
    at = power.argmax(axis=1)
    peak = np.where(power.max(axis=1) > 0, hertz[at], 0.0)
    width = np.array([_width(line, int(place), rate / length) for line, place in zip(magnitude, at, strict=True)])
    relative = magnitude / np.maximum(magnitude.max(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    cumulative = relative.sum(axis=0)
    return FilterSpectra(
        hertz=hertz,
        magnitude=magnitude,
        peak=peak,
        width=width,
        share=_share(power, hertz, peak),
        order=tuple(int(number) for number in np.argsort(peak, kind="stable")),
        cumulative=cumulative / (cumulative.max() or 1.0),
        rate=rate,
    )


def over_samples(tap: Tap, kernel: Kernel | None, channels: int) -> tuple[Array, int] | None:
    """(weights (filters, channels, K), dilation) of a convolution that sees the samples themselves; None of any other layer."""
    field = tap.receptive
    if kernel is None or field is None or field.whole:
        return None
    weight = kernel.weight[:, :, 0] if kernel.weight.ndim == 4 and kernel.weight.shape[2] == 1 else kernel.weight
    dilation = kernel.dilation[-1] if kernel.dilation else 1
    if weight.ndim != 3 or weight.shape[1] != channels or field.size_x != (weight.shape[-1] - 1) * dilation + 1:
        return None
    return weight, dilation


def _share(power: Array, hertz: Array, peak: Array) -> Array:
    """(filters,): energy near the peak; 0 Hz and half the rate stand once in a spectrum, all between twice."""
    twice = np.full(len(hertz), 2.0)
    twice[[0, -1]] = 1.0
    near = np.abs(hertz[None] - peak[:, None]) <= NEAR
    whole = (power * twice).sum(axis=1)
    found = np.where(near, power * twice, 0.0).sum(axis=1)
    return np.asarray(np.divide(found, whole, out=np.zeros_like(whole), where=whole > 0))


def _width(line: Array, at: int, step: float) -> float:
    """Hz between the places left and right of the peak where it falls below half, in a straight line between bins."""
    half = line[at] / 2
    if half <= 0:
        return 0.0
    below = np.flatnonzero(line < half)
    left, right = below[below < at], below[below > at]
    low = 0.0 if not len(left) else float(left[-1] + (half - line[left[-1]]) / (line[left[-1] + 1] - line[left[-1]]))
    high = float(len(line) - 1)
    if len(right):
        high = float(right[0] - (half - line[right[0]]) / (line[right[0] - 1] - line[right[0]]))
    return (high - low) * step
