"""The health of a layer as it grows: progress and what is known so far, at most ten times a second."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from explorer.core.health import Health
from explorer.core.method import MethodRequest
from explorer.core.translation import tr
from explorer.engine.data_sets.inputs_over import inputs_over
from explorer.engine.data_sets.padding_count import PaddingCount
from explorer.engine.health.channel_health import health
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.studies import Studies
from explorer.methods.health.spec import HealthParams


def run(
    engine: Studies, request: MethodRequest[HealthParams, Health], job: Job, pace: Pace | None = None
) -> Generator[Health | None, None, Health]:
    """One input a step; None where there is nothing new to show, or it is too soon. Errors as `health` and `inputs_over`."""
    pace = pace or Pace()
    loaded, _, plan = engine.given(request, job)
    padding = PaddingCount(loaded.card.preprocess)
    samples = padding.counted(inputs_over(request.params.inputs, request.picture, loaded.card.preprocess))
    total = len(samples)
    latest: Health | None = None
    untold: Health | None = None
    device, cancelled = engine.bench.device, job.cancelled
    steps = health(loaded.module, request.tap, samples, plan, device, cancelled, padding.without)
    for done, partial in enumerate(steps, 1):
        if partial is not None:
            latest = untold = replace(partial, total=total, notes=(*partial.notes, *padding.notes))
        if pace.due() and not (latest is not None and latest.final):
            job.progress(tr("{done} of {total}", done=min(done, total), total=total), min(done, total) / total)
            shown, untold = untold, None
            yield shown
        else:
            yield None
    assert latest is not None  # else it has raised
    return latest
