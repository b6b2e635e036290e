"""CKA and matched channels as the window asks for them: over the sample gallery or a folder, with progress."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.pairs import CompareModels, MatchChannels
from explorer.core.representations import Cka, Matches
from explorer.engine.jobs.pace import Pace
from explorer.engine.jobs.runner import Job
from explorer.engine.representations.channel_correlation import match_channels
from explorer.engine.representations.cka import Pool, cka
from explorer.engine.representations.paired_stream import ComparedModel, Shot, of_folder, of_gallery

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def compare_models(worker: Worker, request: CompareModels, job: Job) -> Generator[Cka | None, None, Cka]:
    """CKA of the layers of two open models. Errors as `cka`."""
    studies = worker.studies
    return studies.streamed(
        lambda: grown_cka(studies.side(request.first), studies.side(request.second), request.over, job)
    )


def match_channels_of(worker: Worker, request: MatchChannels, job: Job) -> Generator[None, None, Matches]:
    """The channels of two layers. Errors as `match_channels`."""
    studies = worker.studies
    return studies.streamed(
        lambda: matched_channels(studies.side(*request.first), studies.side(*request.second), request.over, job)
    )


def shots_of(over: Over) -> tuple[Shot, ...]:
    """The pictures that `over` names: the gallery's or a folder's. Raises ExplorerError when there are none."""
    if over.kind == "picture":
        raise ExplorerError("One picture is too few to compare over.", "", "Choose the sample gallery or a folder.")
    found = of_folder(over.path) if over.kind == "folder" else of_gallery()
    if not found:
        why = "It is not part of this installation."
        raise ExplorerError("The sample gallery is missing.", why, "Choose a folder.")
    return found


def grown_cka(
    first: ComparedModel, second: ComparedModel, over: Over, job: Job, pace: Pace | None = None, pool: Pool = "mean"
) -> Generator[Cka | None, None, Cka]:
    """One picture a step; the matrix whenever there is another one, the last one as the result. Errors as `cka`."""
    shots, pace = shots_of(over), pace or Pace()
    found: Cka | None = None
    for done, found in enumerate(cka(first, second, shots, pool, cancelled=job.cancelled), 1):
        if pace.due():
            _say(job, done, len(shots))
        if found is None or not found.final:
            yield found
    assert found is not None  # else it has raised
    return found


def matched_channels(
    first: ComparedModel, second: ComparedModel, over: Over, job: Job, pace: Pace | None = None
) -> Generator[None, None, Matches]:
    """One picture a step, through one tap of each side. Errors as `match_channels`."""
    shots, pace = shots_of(over), pace or Pace()
    steps, done = match_channels(first, second, shots, job.cancelled), 0
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: Matches = stop.value
            return found
        done += 1
        if pace.due():
            _say(job, done, len(shots))
        yield None


def _say(job: Job, done: int, total: int) -> None:
    job.progress(f"{min(done, total):,} of {total:,}", min(done, total) / total)
