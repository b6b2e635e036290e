"""How much each channel of a layer has to do with a class: the question and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from explorer.core.any_input import Input
from explorer.core.requests import Request
from explorer.core.translation import tr


class ScoredBy(StrEnum):
    """What the score of a channel is."""

    EFFECT = "effect"  # the class's logit as it is, minus that with the channel at zero
    GRADIENT = "gradient × activation"  # the same to first order, from one backward pass


@dataclass(frozen=True, slots=True)
class ChannelScores:
    """One number a channel, counted as the class gains from it; grows while it is computed (`done` of `total` channels)."""

    tap: str
    by: ScoredBy
    index: int  # of the class
    values: tuple[tuple[int, float], ...]  # (channel, score)
    total: int
    note: str = ""

    @property
    def done(self) -> int:
        return len(self.values)

    @property
    def order(self) -> tuple[int, ...]:
        """Channels, the one that the class gains most from first; those without a number last."""
        known = sorted((value for value in self.values if value[1] == value[1]), key=lambda each: (-each[1], each[0]))
        return tuple(channel for channel, _ in (*known, *(value for value in self.values if value[1] != value[1])))


@dataclass(frozen=True)
class ScoreChannels(Request[ChannelScores]):
    """All channels of a layer by what a class gains from each on one input."""

    handler: ClassVar[str] = "explorer.methods.ablation.scored_channels:score_channels"
    answer: ClassVar[type] = ChannelScores
    saying: ClassVar[str] = tr("An order of channels")

    model: str  # ModelCard.digest
    seen: str  # Picture.digest
    tap: str
    index: int  # of the class
    by: ScoredBy
    picture: Input = field(compare=False, repr=False)
