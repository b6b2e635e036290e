"""Sums that grow with every input and forget the values: moments, covariance, histogram, means of classes. NumPy only."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array

BINS = 64
LARGEST = 4096  # channels; the covariance of more would not fit


class Moments:
    """Count, mean and covariance of channels over cells, in float64, merged input by input.

    Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
    """

    def __init__(self, channels: int) -> None:
        self.full = channels <= LARGEST
        self.count = 0
        self.mean = np.zeros(channels)
        self._products = np.zeros((channels, channels) if self.full else channels)

    def add(self, values: Array) -> None:
        """values (C, cells), finite."""
        count = values.shape[1]
        if not count:
            return
        mean = values.mean(1)
        centred = values - mean[:, None]
        shift = mean - self.mean
        weight = self.count * count / (self.count + count)
        if self.full:
            self._products += centred @ centred.T + weight * np.outer(shift, shift)
        else:
            self._products += (centred**2).sum(1) + weight * shift**2
        self.count += count
        self.mean = self.mean + shift * (count / self.count)

    @property
    def covariance(self) -> Array:
        """(C, C), divided by the number of cells; (0, 0) where there are too many channels."""
        found: Array = self._products / max(self.count, 1) if self.full else np.zeros((0, 0))
        return found

    @property
    def std(self) -> Array:
        """(C,)"""
        squares = np.diag(self._products) if self.full else self._products
        found: Array = np.sqrt(squares.clip(0) / max(self.count, 1))
        return found


class Histogram:
    """Counts of each channel in equal bins. A value outside doubles the range, and two bins become one: no count is lost."""

    def __init__(self, channels: int) -> None:
        self.counts = np.zeros((channels, BINS), np.int64)
        self.low = self.high = 0.0

    def add(self, values: Array) -> None:
        """values (C, cells), finite."""
        if not values.size:
            return
        low, high = float(values.min()), float(values.max())
        if self.low == self.high:
            self._start(low, high)
        while low < self.low:
            self._double(below=True)
        while high >= self.high:
            self._double(below=False)
        width = (self.high - self.low) / BINS
        bins = np.minimum(((values - self.low) / width).astype(np.int64), BINS - 1)
        flat = bins + BINS * np.arange(len(values))[:, None]
        self.counts += np.bincount(flat.reshape(-1), minlength=self.counts.size).reshape(self.counts.shape)

    @property
    def edges(self) -> Array:
        return np.linspace(self.low, self.high, BINS + 1)

    def _start(self, low: float, high: float) -> None:
        """Zero is an edge wherever it is in range, so that above and below are never in one bin; the top is never reached."""
        if low >= 0 or high <= 0:
            low, high = min(low, 0.0), max(high, 0.0)
            self.low, self.high = (low, high + (high - low) / BINS) if high > low else (0.0, 1.0)
        else:
            reach = max(-low, high) * (1 + 1 / BINS)
            self.low, self.high = -reach, reach

    def _double(self, below: bool) -> None:
        pairs = self.counts.reshape(len(self.counts), BINS // 2, 2).sum(2)
        self.counts[:] = 0
        span = self.high - self.low
        if below:
            self.low -= span
            self.counts[:, BINS // 2 :] = pairs
        else:
            self.high += span
            self.counts[:, : BINS // 2] = pairs


class Extremes:
    """Smallest and largest value, cells and inputs above zero, cells that are not finite, of each channel."""

    def __init__(self, channels: int) -> None:
        self.low, self.high = np.full(channels, np.inf), np.full(channels, -np.inf)
        self.above, self.cells, self.not_finite = (np.zeros(channels, np.int64) for _ in range(3))
        self.inputs_active = np.zeros(channels, np.int64)

    def add(self, values: Array, finite: Array) -> None:
        """values (C, cells), and which of them are finite."""
        self.low = np.minimum(self.low, np.where(finite, values, np.inf).min(1, initial=np.inf))
        self.high = np.maximum(self.high, np.where(finite, values, -np.inf).max(1, initial=-np.inf))
        above = finite & (values > 0)
        self.above += above.sum(1)
        self.cells += finite.sum(1)
        self.not_finite += (~finite).sum(1)
        self.inputs_active += above.any(1)


class ClassMeans:
    """Mean over cells, then over the inputs of a class, of each channel."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._sums: dict[str, tuple[Array, int]] = {}

    def add(self, label: str, mean: Array) -> None:
        total, count = self._sums.get(label, (np.zeros(self._channels), 0))
        self._sums[label] = (total + mean, count + 1)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._sums))

    @property
    def means(self) -> Array:
        """(classes, C)"""
        found = [self._sums[name][0] / self._sums[name][1] for name in self.names]
        return np.array(found) if found else np.zeros((0, self._channels))
