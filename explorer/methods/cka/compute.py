"""The matrix as it grows: one input a step, with progress."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.method import PairRequest
from explorer.core.representations import Cka
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.representations.cka import cka
from explorer.engine.representations.paired_stream import kind_of_both, shots_of, tell
from explorer.engine.studies import Studies
from explorer.methods.cka.spec import CkaParams


def run(
    engine: Studies, request: PairRequest[CkaParams, Cka], job: Job, pace: Pace | None = None
) -> Generator[Cka | None, None, Cka]:
    """The matrix whenever there is another one, the last one as the result. Errors as `cka`, `kind_of_both` and `shots_of`."""
    sides, pace = (engine.side(request.first), engine.side(request.second)), pace or Pace()
    shots = shots_of(request.params.inputs, kind_of_both(*sides))
    found: Cka | None = None
    for done, found in enumerate(cka(*sides, shots, request.params.pool, cancelled=job.cancelled), 1):
        if pace.due():
            tell(job, done, len(shots))
        if found is None or not found.final:
            yield found
    assert found is not None  # else it has raised
    return found
