"""The channels of one layer of each model: one picture a step, with progress."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.method import PairRequest
from explorer.core.pairs import PairParams
from explorer.core.representations import Matches
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.representations.channel_correlation import match_channels
from explorer.engine.representations.paired_stream import shots_of, tell
from explorer.engine.studies import Studies


def run(
    engine: Studies, request: PairRequest[PairParams, Matches], job: Job, pace: Pace | None = None
) -> Generator[None, None, Matches]:
    """Nothing before the whole result. Errors as `match_channels` and `shots_of`."""
    shots, pace = shots_of(request.params.inputs), pace or Pace()
    steps = match_channels(engine.side(request.first), engine.side(request.second), shots, job.cancelled)
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
