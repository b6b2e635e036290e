"""The arithmetic of a cell and its effective field, on the worker thread."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from explorer.core.arithmetic import Arithmetic
from explorer.core.errors import ExplorerError
from explorer.core.geometry.receptive_field import EffectiveField
from explorer.core.translation import tr
from explorer.engine.attribution.effective_field import effective_field
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from explorer.methods.arithmetic.spec import Asked, EffectiveFieldRequest

if TYPE_CHECKING:
    from explorer.engine.worker import Worker


def run(engine: Studies, request: Asked, job: Job) -> Generator[None, None, Arithmetic]:
    """How one cell is computed. Cells of the last tap cost no forward."""
    yield from ()  # there is nothing to show before the end
    assert request.channel is not None
    assert request.cell is not None
    return engine.explain_cell(request, request.tap, request.channel, request.cell, job)


def effective(
    worker: Worker, request: EffectiveFieldRequest, job: Job
) -> Generator[EffectiveField, None, EffectiveField]:
    """Streams the mean gradient of a cell over this picture and those of the model that are kept."""
    studies = worker.studies
    return studies.streamed(lambda: _effective(studies, request, job))


def _effective(
    studies: Studies, request: EffectiveFieldRequest, job: Job
) -> Generator[EffectiveField, None, EffectiveField]:
    loaded, _, plan = studies.given(request, job)
    bench, field = studies.bench, None
    pictures = [request.picture, *bench.store.pictures(request.model, request.picture.digest)]
    inputs = (bench.given(request.model, picture, job)[1] for picture in pictures)
    where = request.tap, request.channel, request.cell
    for field in effective_field(loaded.module, plan, *where, inputs, job.cancelled):
        yield field
    if field is None:
        raise ExplorerError(tr("There was nothing to compute."))
    return field
