"""Reads a whole sound file for its overview: every sample once, in small steps, keeping two numbers a column."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np

from explorer.core.arrays import Array
from explorer.core.input_files import check_file
from explorer.core.sound_overview import SoundOverview
from explorer.engine.jobs.cancel import Cancelled
from explorer.engine.jobs.pace import Pace
from explorer.engine.sound.counted_length import seconds_of
from explorer.engine.sound.sound_track import SoundTrack

_PIECE = 1 << 16  # samples a step: a few ms
_PACE = 0.25  # s between two partial results


def read_overview(
    path: Path, columns: int, cancelled: Cancelled
) -> Generator[SoundOverview | None, None, SoundOverview]:
    """A step a piece. Of a file that does not say how long it is, and is too large for its packets to be counted, nothing is read. Raises
    ExplorerError for what is no sound, and CancelledError."""
    pace = Pace(_PACE)
    check_file(path, "sound")
    low, high = np.full((2, columns), np.nan, np.float32)
    with SoundTrack(path) as track:
        total, here = track.promised or seconds_of(path, cancelled), 0
        for at, values in _pieces(track, cancelled) if total else ():
            here = at + values.shape[1]
            _take(low, high, at, values, max(round(total * track.rate), 1))
            yield SoundOverview(low.copy(), high.copy(), total, here / track.rate) if pace.due() else None
        return SoundOverview(low, high, total, here / track.rate, done=True)


def _pieces(track: SoundTrack, cancelled: Cancelled) -> Generator[tuple[int, Array], None, None]:
    """(number of the first sample, (channels, n)), some packets at a time."""
    parts: list[Array] = []
    begin = count = 0
    for at, values in track.blocks(cancelled):
        begin = at if not parts else begin
        parts.append(values)
        count += values.shape[1]
        if count >= _PIECE:
            yield begin, np.concatenate(parts, axis=1)
            parts, count = [], 0
    if parts:
        yield begin, np.concatenate(parts, axis=1)


def _take(low: Array, high: Array, at: int, values: Array, total: int) -> None:
    """The extremes of a piece that begins at sample `at` of `total`; what lies beyond belongs to the last column. Samples that
    are no numbers count as 0, as where a sound is opened."""
    columns, count = len(low), values.shape[1]
    smallest, largest = (np.where(np.isfinite(some), some, 0) for some in (values.min(axis=0), values.max(axis=0)))
    first, last = (min(sample * columns // total, columns - 1) for sample in (at, at + count - 1))
    places = np.arange(first, last + 1)
    starts = np.clip(-(-places * total // columns) - at, 0, count - 1)  # the first sample of each column
    for kept, some, reduce in ((low, smallest, np.minimum), (high, largest, np.maximum)):
        found = reduce.reduceat(some, starts)
        kept[first : last + 1] = np.where(
            np.isnan(kept[first : last + 1]), found, reduce(kept[first : last + 1], found)
        )
