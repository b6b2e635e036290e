"""A data set by its name: a folder, or "demo:NAME", which is drawn first where it is not there yet."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.data_sets import DEMO, DataSet
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.data_sets.class_folders import read_folder
from explorer.engine.jobs.job import Job


def read_named(name: str, groups: str, test: str, job: Job) -> Generator[None, None, DataSet]:
    """In steps. Raises ExplorerError and CancelledError."""
    if not name or "\0" in name:
        raise ExplorerError(
            tr("No data set was named."), "", tr("Name a folder whose folders are classes, or demo:materials.")
        )
    if not name.startswith(DEMO):
        return read_folder(name, groups, test, cancelled=job.cancelled)
    from explorer.engine.data_sets import demo_sets  # draws with torch

    folder = yield from demo_sets.make(name.removeprefix(DEMO), job)
    return read_folder(folder, groups, test, name, job.cancelled)
