"""Ablations as plain values: what is replaced where, and what came of it. Undoing one is leaving it out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.errors import Failure
from explorer.core.geometry.cells import Region
from explorer.core.inputs import InputRef
from explorer.core.model_output import NO_CLASSES, Classes, Guess, ModelOutput
from explorer.core.repeatability import Repeat
from explorer.core.scores import Scores

Mode = Literal["zero", "mean", "freeze"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in the output of a tap, after whatever that tap's module does.

    "mean" puts each channel's mean over its cells, or `means` (one value a channel of the tap, from a set of inputs) where
    given; "freeze" puts the values that the input `source` (Input.digest) has there, which `origin` opens again.
    """

    tap: str
    channels: tuple[int, ...] = ()  # () all of them
    region: Region | None = None  # None: all cells
    mode: Mode = "zero"
    means: tuple[float, ...] = ()
    source: str = ""
    origin: InputRef | None = None


Edits = tuple[Edit, ...]
Frozen = Mapping[str, Mapping[str, Array]]  # Picture.digest -> tap name -> values as in a Capture


def digest_of(edits: Edits) -> str:
    """Tells captures under different edits apart; '' without any."""
    return hashlib.sha256(repr(edits).encode()).hexdigest()[:16] if edits else ""


@dataclass(frozen=True, slots=True, eq=False)
class Thawed:
    """What "freeze" puts, computed again for edits of a session file."""

    frozen: Frozen


@dataclass(frozen=True, slots=True)
class Shift:
    """What an ablation does to one class."""

    index: int
    label: str
    before: float  # probability
    after: float
    logit_before: float  # as the model gives it, whatever it is (`Scores.quantity`)
    logit_after: float
    noise: float = 0.0  # percentage points by which the model's own answers differ from run to run

    @property
    def points(self) -> float:
        """Percentage points gained (negative: lost)."""
        return 100 * (self.after - self.before)

    @property
    def by_chance(self) -> bool:
        """Whether the model's own answers differ by as much without any edit."""
        return self.noise > 0 and abs(self.points) <= self.noise


@dataclass(frozen=True, slots=True, eq=False)
class Ablation:
    """One forward under edits. `values` are the taps asked for, read-only, as in a Capture."""

    edits: Edits
    digest: str  # of the edits
    shifts: tuple[
        Shift, ...
    ]  # classes by probability, of before and after together; () when the output is no class vector
    values: Mapping[str, Array]
    taps: tuple[Tap, ...]
    output: ModelOutput = NO_CLASSES  # as that of the capture is read
    resumed: bool = False  # run on from the first edit, not from the start
    note: str = ""  # why it was not
    scores: Scores | None = None  # how the class vector was read
    repeat: Repeat | None = None  # whether the model answers twice alike; None: not known

    @property
    def prediction(self) -> tuple[Guess, ...]:
        """The classes, best first; () when the output holds no class vector."""
        return self.output.guesses if isinstance(self.output, Classes) else ()


@dataclass(frozen=True, slots=True, eq=False)
class Under:
    """Edits that a forward runs under. `frozen` holds what "freeze" puts."""

    edits: Edits = ()
    frozen: Frozen = field(default_factory=dict)


UNEDITED = Under()


@dataclass(frozen=True, slots=True, eq=False)
class LiveEdits:
    """What is done to every frame of a live input, as long as that model runs. `frozen` holds what "freeze" puts."""

    model: str  # ModelCard.digest
    edits: Edits
    frozen: Frozen


@dataclass(frozen=True, slots=True, eq=False)
class EditedFrame:
    """One frame of a live input without and with edits. `after` None: they cannot be made, `failure` says why."""

    edits: Edits
    before: Capture
    after: Capture | None = None  # the same taps as `before`, and the digest of the edits
    shifts: tuple[Shift, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the prediction loses without one channel."""

    channel: int
    points: float  # probability after minus before, in percentage points
    logit: float  # the number as the model gives it, after minus before


RankedBy = Literal["logit", "probability"]


def ranked(effects: Iterable[Effect], by: RankedBy = "logit") -> tuple[Effect, ...]:
    """What the class needs most first. By logit a channel counts also where the probability is 1 and can hardly change."""
    if by == "logit":
        return tuple(sorted(effects, key=lambda effect: (effect.logit, effect.points, effect.channel)))
    return tuple(sorted(effects, key=lambda effect: (effect.points, effect.logit, effect.channel)))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Channels by their effect on the logit of one class, what the class needs most first; grows while it is computed."""

    tap: str
    index: int  # of the class
    effects: tuple[Effect, ...]
    total: int  # channels of the tap
    batch: int = 1  # channels computed at once
    resumed: bool = False
    note: str = ""
    repeat: Repeat | None = None

    @property
    def noise(self) -> float:
        """Percentage points by which the model's own answers for the class differ from run to run; 0 where they do not."""
        return self.repeat.of(self.index) if self.repeat is not None and not self.repeat.same else 0.0

    @property
    def done(self) -> int:
        return len(self.effects)
