"""All weights of an attention between its tokens, also of thousands: requests for them and their answers. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from explorer.core.arrays import Array
from explorer.core.attention_requests import Attended
from explorer.core.requests import Request
from explorer.core.translation import tr

MOST = 512  # cells of a matrix, down and across: more have no pixel of their own
SMALL = 48  # of one among many
_HERE = "explorer.engine.attention_answers"


@dataclass(frozen=True, slots=True, eq=False)
class TokenWeights:
    """`weights` (heads, rows, columns) float32: row i holds queries i * step .. (i + 1) * step, columns likewise keys; a cell is
    the largest weight in it, so that no peak is lost. With both steps 1 these are the weights themselves."""

    name: str  # of the attention
    weights: Array
    queries: int
    keys: int
    steps: tuple[int, int]
    received: Array  # (heads, keys) float32: mean weight on each key over all queries
    unseen: Array  # (keys,) bool: exactly 0 from every query in every head, which is what a mask does
    empty: Array  # (queries,) bool: rows without any weight, where everything is masked

    @property
    def whole(self) -> bool:
        """Whether a cell is one weight."""
        return self.steps == (1, 1)

    def of_head(self, head: int | None) -> Array:
        """(rows, columns): one head, None: the mean of all. Of a reduced matrix the mean is one of the largest weights."""
        mean: Array = self.weights.mean(0, dtype=np.float64) if head is None else self.weights[head]
        return mean


@dataclass(frozen=True)
class WeighTokens(Request[TokenWeights]):
    """Every weight of a block, reduced to `most` rows and columns."""

    handler: ClassVar[str] = f"{_HERE}:weighed"
    answer: ClassVar[type] = TokenWeights
    saying: ClassVar[str] = tr("The attention between all tokens")

    of: Attended
    block: str
    most: int = MOST


@dataclass(frozen=True, slots=True, eq=False)
class EveryWeight:
    """By the name of the attention; those that cannot be had are left out."""

    blocks: Mapping[str, TokenWeights]


@dataclass(frozen=True)
class WeighEverything(Request[EveryWeight]):
    """The same of every block and head, smaller."""

    handler: ClassVar[str] = f"{_HERE}:weighed_everywhere"
    answer: ClassVar[type] = EveryWeight
    saying: ClassVar[str] = tr("The attention between all tokens in every block")

    of: Attended
    most: int = SMALL
