"""One edit of a channel, and the channels of a layer by their effect. Run on the worker thread."""

from __future__ import annotations

from collections.abc import Generator
from typing import get_args

from explorer.core.errors import ExplorerError
from explorer.core.interventions import Ablation, Edit, Mode, Ranking
from explorer.core.method import MethodRequest
from explorer.core.translation import tr
from explorer.engine.ablation.rank import rank
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from explorer.engine.worker import Worker
from explorer.methods.ablation.requests import RankChannels
from explorer.methods.ablation.spec import AblationParams

_MODES: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}


def run(engine: Studies, request: MethodRequest[AblationParams, Ablation], job: Job) -> Generator[None, None, Ablation]:
    """The prediction with the selected channel replaced."""
    yield None  # a step of its own: what is asked meanwhile comes first
    capture = engine.bench.capture(request.model, request.picture, job)
    edit = Edit(request.tap, (request.channel or 0,), mode=_MODES[request.params.mode])
    return engine.ablate(capture, (edit,), (), job)


def rank_channels(worker: Worker, request: RankChannels, job: Job) -> Generator[Ranking, None, Ranking]:
    """Streams the ranking as it grows."""
    return worker.studies.streamed(lambda: _ranked(worker.studies, request, job))


def _ranked(engine: Studies, request: RankChannels, job: Job) -> Generator[Ranking, None, Ranking]:
    base = engine.base_of(engine.bench.capture(request.model, request.picture, job), job)
    ranking = None
    for ranking in rank(base, Edit(request.tap), request.index, cancelled=job.cancelled):
        yield ranking
    if ranking is None:
        raise ExplorerError(tr("There was nothing to compute."))
    return ranking
