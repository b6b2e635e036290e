"""Requests about two models over many pictures. Answered by `engine/comparison_jobs.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explorer.core.dataset import Over
from explorer.core.representations import Cka, Matches
from explorer.core.requests import Request

_HERE = "explorer.engine.comparison_jobs"


@dataclass(frozen=True)
class CompareModels(Request[Cka]):
    """How alike the layers of two open models are, named by their digests; grows over more and more pictures."""

    handler: ClassVar[str] = f"{_HERE}:compare_models"
    answer: ClassVar[type] = Cka

    first: str
    second: str
    over: Over


@dataclass(frozen=True)
class MatchChannels(Request[Matches]):
    """The channels of one tap that answer like those of another. Each side is (digest of the model, tap)."""

    handler: ClassVar[str] = f"{_HERE}:match_channels_of"
    answer: ClassVar[type] = Matches

    first: tuple[str, str]
    second: tuple[str, str]
    over: Over
