"""Answers the request for a probe, on the worker thread."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from explorer.core.probe import Probe, RunProbe
from explorer.engine.jobs.job import Job
from explorer.engine.probe.growing import grown

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def run_probe(worker: Worker, request: RunProbe, job: Job) -> Generator[Probe | None, None, Probe]:
    """Streams the curve as it grows. Errors as `grown`."""
    return worker.studies.streamed(lambda: grown(worker.studies, request.model, request.params, job))
