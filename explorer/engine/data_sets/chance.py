"""Seeded chance for worlds of sounds and sentences: everything follows from (seed, number), without drawing what came before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
Samples = NDArray[np.float64]


class Chance:
    """A stream of its own for every pair of numbers."""

    def __init__(self, seed: int, number: int) -> None:
        self._stream = np.random.Generator(np.random.PCG64([seed, number]))

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * float(self._stream.random())

    def log_uniform(self, low: float, high: float) -> float:
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def below(self, count: int) -> int:
        """A whole number, 0 ... count - 1."""
        return min(count - 1, int(self.uniform(0, count)))

    def happens(self, probability: float) -> bool:
        return self.uniform(0, 1) < probability

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.below(len(items))]

    def white(self, *shape: int) -> NDArray[Any]:
        """Independent normal numbers."""
        return self._stream.standard_normal(shape)
