"""Sums over pictures that do not depend on their order: by class and channel, and how many pictures share the maximum. Pure numpy.

A sum of float32 numbers in another order is another number. Each is therefore split into a whole number and parts of 2^-40, both
added as integers: exact up to 9e-13 for each picture. Values beyond ±2^21 count as not finite here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from explorer.core.arrays import Array
from explorer.engine.data_index.index_file import FIXED, SUMS

_LARGEST = float(1 << 21)
_MASK = (1 << 40) - 1
_CACHED = 1 << 15  # numbers that are added at a time


@dataclass(slots=True, eq=False)
class ChannelSums:
    """`reach`: (2, channels) float32 maximum and int64 pictures at it; `sums`: (chosen channels, classes, SUMS) int64."""

    channels: int
    classes: int
    chosen: Array  # int64: channels that have sums by class
    maximum: Array = field(init=False)  # (channels,) float32
    reach: Array = field(init=False)  # (channels,) int64
    not_finite: Array = field(init=False)  # (channels,) int64
    sums: Array = field(init=False)

    def __post_init__(self) -> None:
        self.maximum = np.full(self.channels, -np.inf, np.float32)
        self.reach = np.zeros(self.channels, np.int64)
        self.not_finite = np.zeros(self.channels, np.int64)
        self.sums = np.zeros((len(self.chosen), self.classes, SUMS), np.int64)

    def grow(self, classes: int) -> None:
        """Room for more classes."""
        more = classes - self.classes
        if more > 0:
            self.sums = np.concatenate([self.sums, np.zeros((len(self.chosen), more, SUMS), np.int64)], 1)
            self.classes = classes

    def add(self, values: Array, classes: Array) -> None:
        """Pictures (n, channels) float32 of the classes (n,)."""
        if not len(values):
            return
        good = np.isfinite(values)
        whole = bool(good.all())
        if not whole:
            self.not_finite += (~good).sum(0)
        held = values if whole else np.where(good, values, -np.inf)
        self._reached(held.max(0), held)
        for number in np.unique(classes):
            if len(self.chosen):
                self._sum(int(number), values[classes == number])

    def join(self, other: ChannelSums) -> None:
        """Adds those of other pictures."""
        self.grow(other.classes)
        self.not_finite += other.not_finite
        self._at(other.maximum, other.reach)
        self.sums[:, : other.classes] += other.sums
        _carry(self.sums)

    def _reached(self, best: Array, values: Array) -> None:
        self._at(best, np.where(best > -np.inf, (values == best).sum(0), 0))

    def _at(self, best: Array, count: Array) -> None:
        higher, same = best > self.maximum, best == self.maximum
        self.reach = np.where(higher, count, np.where(same, self.reach + count, self.reach))
        self.maximum = np.maximum(self.maximum, best)

    def _sum(self, number: int, values: Array) -> None:
        """Some channels at a time, which stay in the processor's cache."""
        width = max(_CACHED // len(values), 64)
        for start in range(0, len(self.chosen), width):
            columns = slice(start, start + width)
            part = values[:, columns] if len(self.chosen) == self.channels else values[:, self.chosen[columns]]
            self._sum_part(self.sums[columns, number], part.astype(np.float64))

    @staticmethod
    def _sum_part(into: Array, exact: Array) -> None:
        """Of pictures (n, channels); `exact` is written over."""
        good = np.abs(exact) <= _LARGEST  # False for NaN
        if good.all():
            into[:, 0] += len(exact)
        else:
            exact = np.where(good, exact, 0)
            into[:, 0] += np.count_nonzero(good, 0)
        above = np.count_nonzero(exact > 0, 0)
        into[:, 1] += above
        into[:, 2] += len(exact) - above - np.count_nonzero(exact == 0, 0)
        for place, numbers in ((3, exact), (5, exact * exact)):
            floor = np.floor(numbers)
            into[:, place] += _whole_sum(floor)
            numbers -= floor
            numbers *= FIXED
            into[:, place + 1] += _whole_sum(np.rint(numbers, out=numbers))
        _carry(into)


def _whole_sum(numbers: Array) -> Array:
    """(channels,) int64 of (pictures, channels) whole numbers up to 2^42: float64 holds a sum of 2,048 of them exactly."""
    parts = [numbers[n : n + 2048].sum(0).astype(np.int64) for n in range(0, len(numbers), 2048)]
    found: Array = np.sum(parts, 0)
    return found


def _carry(sums: Array) -> None:
    """Parts of 2^-40 that make a whole go over: one way of writing a sum, whatever it is the sum of."""
    for place in (3, 5):
        sums[..., place] += sums[..., place + 1] >> 40
        sums[..., place + 1] &= _MASK
