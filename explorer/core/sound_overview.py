"""The waveform of a whole sound file in a few columns, read piece by piece: a request and its answer. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from explorer.core.arrays import Array
from explorer.core.requests import Request
from explorer.core.translation import tr

COLUMNS = 1200  # of the overview: more than the pixels of the panel that it stands in


@dataclass(frozen=True, slots=True, eq=False)
class SoundOverview:
    """`low`, `high` (columns,) float32: the smallest and the largest sample of all channels in each column of equal length over
    `seconds`, NaN where nothing has been read yet. `read`: seconds that have been read, from the beginning on."""

    low: Array
    high: Array
    seconds: float
    read: float
    done: bool = False


@dataclass(frozen=True)
class ReadOverview(Request[SoundOverview]):
    """Reads a file of this size and time of change once from its beginning to its end; partial results on the way."""

    handler: ClassVar[str] = "explorer.engine.overview_answers:read"
    answer: ClassVar[type] = SoundOverview
    saying: ClassVar[str] = tr("The overview of a sound")

    path: str
    size: int  # bytes
    changed: int  # ns
    columns: int = COLUMNS
