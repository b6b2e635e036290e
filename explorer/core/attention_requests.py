"""Questions about the attention of a model on a picture. Answered by `engine/attention_answers.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.attention import Flow, HeadSummary, TokenNorms
from explorer.core.attention_queries import Attending, FlowAsked, Looked, Overview, Query, Spot
from explorer.core.interventions import UNEDITED, Edits, Frozen, Under
from explorer.core.requests import Lane, Request
from explorer.core.translation import tr

_HERE = "explorer.engine.attention_answers"


@dataclass(frozen=True)
class Attended:
    """A model under edits on a picture, whose attention is asked for."""

    model: str  # ModelCard.digest
    seen: str  # Picture.digest
    edits: Edits
    picture: Input = field(compare=False, repr=False)
    frozen: Frozen = field(compare=False, repr=False)

    @property
    def under(self) -> Under:
        return Under(self.edits, self.frozen)


def attended(capture: Capture, under: Under = UNEDITED) -> Attended:
    """What a capture is of."""
    return Attended(capture.model, capture.picture.digest, under.edits, capture.picture, under.frozen)


@dataclass(frozen=True)
class RecordAttention(Request[Attending]):
    """Which attention there is; what is asked next of the same forward costs no other."""

    handler: ClassVar[str] = f"{_HERE}:recorded"
    answer: ClassVar[type] = Attending
    saying: ClassVar[str] = tr("The recording of attention")

    of: Attended


@dataclass(frozen=True)
class Look(Request[Looked]):
    """What a token attends to in every head of a block, or (`to`) who attends to it."""

    handler: ClassVar[str] = f"{_HERE}:looked"
    answer: ClassVar[type] = Looked
    lane: ClassVar[Lane] = Lane.FORWARD
    saying: ClassVar[str] = tr("The attention of a token")

    of: Attended
    block: str
    query: Query
    to: bool = False


@dataclass(frozen=True)
class LookEverywhere(Request[Overview]):
    """The same in all blocks, of the token at a spot."""

    handler: ClassVar[str] = f"{_HERE}:looked_everywhere"
    answer: ClassVar[type] = Overview
    lane: ClassVar[Lane] = Lane.FORWARD
    saying: ClassVar[str] = tr("The attention of a token in all blocks")

    of: Attended
    spot: Spot
    to: bool = False


@dataclass(frozen=True)
class SummariseHeads(Request[HeadSummary]):
    """Numbers of the heads of a block, over all queries."""

    handler: ClassVar[str] = f"{_HERE}:summarised"
    answer: ClassVar[type] = HeadSummary
    saying: ClassVar[str] = tr("The summary of the heads")

    of: Attended
    block: str


@dataclass(frozen=True, slots=True)
class HeadPlace:
    """Channels of a layer that hold the values of one head alone."""

    block: str
    head: int
    tap: str
    channels: tuple[int, ...]


@dataclass(frozen=True)
class PlaceHead(Request[HeadPlace]):
    """Where the values of a head stand, so that it can be ablated."""

    handler: ClassVar[str] = f"{_HERE}:placed"
    answer: ClassVar[type] = HeadPlace
    saying: ClassVar[str] = tr("The place of a head's values")

    of: Attended
    block: str
    head: int


@dataclass(frozen=True)
class FlowThrough(Request[Flow]):
    """Rollout, or the relevance for a class; only a rollout can be had under edits."""

    handler: ClassVar[str] = f"{_HERE}:flowed"
    answer: ClassVar[type] = Flow
    saying: ClassVar[str] = tr("Attention through all blocks")

    of: Attended
    asked: FlowAsked


@dataclass(frozen=True)
class MeasureTokens(Request[tuple[TokenNorms, ...]]):
    """The norms of the tokens after every block, of the model without edits."""

    handler: ClassVar[str] = f"{_HERE}:measured"
    answer: ClassVar[type] = tuple
    saying: ClassVar[str] = tr("The norms of the tokens")

    of: Attended
