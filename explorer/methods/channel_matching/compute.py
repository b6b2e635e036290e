"""The channels of one layer of each model: one input a step, with progress."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.method import PairRequest
from explorer.core.pairs import PairParams
from explorer.core.representations import Matches
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.representations.channel_correlation import match_channels
from explorer.engine.representations.paired_stream import kind_of_both, shots_of, tell
from explorer.engine.studies import Studies


def run(
    engine: Studies, request: PairRequest[PairParams, Matches], job: Job, pace: Pace | None = None
) -> Generator[None, None, Matches]:
    """Nothing before the whole result. Errors as `match_channels`, `kind_of_both` and `shots_of`."""
    sides, pace = (engine.side(request.first), engine.side(request.second)), pace or Pace()
    shots = shots_of(request.params.inputs, kind_of_both(*sides))
    steps = match_channels(*sides, shots, job.cancelled)
    done = 0
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: Matches = stop.value
            return found
        done += 1
        if pace.due():
            tell(job, done, len(shots))
        yield None
