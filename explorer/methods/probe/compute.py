"""A probe asked of a model, over the data set of its parameters."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.method import MethodRequest
from explorer.core.probe import Probe, ProbeParams
from explorer.engine.jobs.job import Job
from explorer.engine.probe.growing import grown
from explorer.engine.studies import Studies


def run(engine: Studies, request: MethodRequest[ProbeParams, Probe], job: Job) -> Generator[Probe | None, None, Probe]:
    """The curve as it grows. Errors as `grown`."""
    return (yield from grown(engine, request.model, request.params, job))
