"""Answers `core/sound_overview.py` on the worker thread."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.sound_overview import ReadOverview, SoundOverview
from explorer.engine.jobs.job import Job
from explorer.engine.sound.overview import read_overview

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def read(_worker: Worker, request: ReadOverview, job: Job) -> Generator[SoundOverview | None, None, SoundOverview]:
    """In small steps, between which everything else is done."""
    return read_overview(Path(request.path), request.columns, job.cancelled)
