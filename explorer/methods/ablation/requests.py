"""What is asked of the engine beside the edits themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from explorer.core.any_input import Input
from explorer.core.interventions import Ranking
from explorer.core.requests import Request
from explorer.core.translation import tr


@dataclass(frozen=True)
class RankChannels(Request[Ranking]):
    """The channels of a layer by what each alone does to a class when it is replaced by zero."""

    handler: ClassVar[str] = "explorer.methods.ablation.compute:rank_channels"
    answer: ClassVar[type] = Ranking
    saying: ClassVar[str] = tr("A ranking of channels")

    model: str  # ModelCard.digest
    seen: str  # Picture.digest
    tap: str
    index: int  # of the class
    picture: Input = field(compare=False, repr=False)
