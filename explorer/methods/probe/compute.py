"""A probe asked of a model, over the data set of its parameters."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.method import DataRequest
from explorer.core.probe import Probe, ProbeParams
from explorer.engine.jobs.job import Job
from explorer.engine.probe.probe_run import probe_steps
from explorer.engine.studies import Studies


def run(engine: Studies, request: DataRequest[ProbeParams, Probe], job: Job) -> Generator[Probe | None, None, Probe]:
    """The curve as it grows. Errors as `probe_steps`."""
    return (yield from probe_steps(engine, request.model, request.params, job))
