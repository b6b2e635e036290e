"""Answers requests about data sets, on the worker thread."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

from explorer.core.arrays import Array
from explorer.core.data_sets import DataSet, ReadDataSet, ReadThumbnails, Thumbnails
from explorer.core.errors import ExplorerError
from explorer.engine.data_sets.named import read_named
from explorer.engine.data_sets.thumbnails import thumbnail
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace

_STEP_S = 0.03


def read_data_set(_worker: object, request: ReadDataSet, job: Job) -> Generator[None, None, DataSet]:
    """Errors as `read_named`."""
    return read_named(request.name, request.groups, request.test, job)


def read_thumbnails(
    _worker: object, request: ReadThumbnails, job: Job, pace: Pace | None = None
) -> Generator[Thumbnails | None, None, Thumbnails]:
    """As many pictures a step as a moment takes, for the step of another job may be long; what is new ten times a second. Raises
    CancelledError."""
    pace = pace or Pace()
    begun = time.monotonic()
    made: dict[str, Array] = {}
    bad: dict[str, str] = {}
    told = 0
    for path in request.paths:
        if job.cancelled():
            raise CancelledError
        try:
            made[path] = thumbnail(Path(request.folder) / path, request.side)
        except ExplorerError as error:
            bad[path] = error.what
        if pace.due():
            yield Thumbnails(dict(list(made.items())[told:]), dict(bad))
            told = len(made)
        elif time.monotonic() - begun > _STEP_S:
            yield None
        else:
            continue
        begun = time.monotonic()
    return Thumbnails(made, bad)
