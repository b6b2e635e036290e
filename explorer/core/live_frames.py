"""One live input in several columns at once: what each wants of every frame, and a frame as all of them have it. Plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.core.activations import Capture
from explorer.core.any_input import Input
from explorer.core.interventions import Edits, Frozen, digest_of


@dataclass(frozen=True, slots=True, eq=False)
class LiveWatch:
    """What a column shows: a model (ModelCard.digest) under edits, and the taps of it that are on the screen."""

    column: int
    model: str
    taps: frozenset[str]
    edits: Edits = ()
    frozen: Frozen = field(default_factory=dict)

    @property
    def forward(self) -> tuple[str, str]:
        """Columns that share it need one forward."""
        return self.model, digest_of(self.edits)


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """One frame in every column, by its number. `whole`: with all taps, not only those on the screen."""

    picture: Input
    captures: Mapping[int, Capture]
    whole: bool
    seconds: float = 0.0  # of all forwards
