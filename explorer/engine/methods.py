"""Runs a method of the catalogue: the `run` in the `compute.py` of its folder."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from explorer.core.method import DataRequest, MethodRequest, PairRequest
from explorer.engine.jobs.job import Job

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def run(
    worker: Worker, request: MethodRequest[Any, Any] | DataRequest[Any, Any] | PairRequest[Any, Any], job: Job
) -> Generator[Any, None, Any]:
    """Streams what the method streams. A shortage of memory is answered as everywhere in the engine."""
    compute = importlib.import_module(f"{request.spec.package}.compute")
    return worker.studies.streamed(lambda: compute.run(worker.studies, request, job))
