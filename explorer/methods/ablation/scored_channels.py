"""Answers `core.channel_scores`, on the worker thread."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.channel_scores import ChannelScores, ScoreChannels, ScoredBy
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit, Ranking
from explorer.core.target import class_logit
from explorer.core.translation import tr
from explorer.engine.ablation.first_order import gradient_times_activation
from explorer.engine.ablation.rank import rank
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from explorer.engine.worker import Worker


def score_channels(worker: Worker, request: ScoreChannels, job: Job) -> Generator[ChannelScores, None, ChannelScores]:
    """Streams the scores as they come; those by gradient come at once."""
    steps = _effects if request.by is ScoredBy.EFFECT else _gradients
    return worker.studies.streamed(lambda: steps(worker.studies, request, job))


def _effects(engine: Studies, request: ScoreChannels, job: Job) -> Generator[ChannelScores, None, ChannelScores]:
    base = engine.base_of(engine.bench.capture(request.model, request.picture, job), job)
    found: ChannelScores | None = None
    for ranking in rank(base, Edit(request.tap), request.index, cancelled=job.cancelled):
        found = _scores(request, ranking)
        yield found
    if found is None:
        raise ExplorerError(tr("There was nothing to compute."))
    return found


def _scores(request: ScoreChannels, ranking: Ranking) -> ChannelScores:
    values = tuple((effect.channel, -effect.logit) for effect in ranking.effects)
    return ChannelScores(request.tap, request.by, request.index, values, ranking.total, ranking.note)


def _gradients(engine: Studies, request: ScoreChannels, job: Job) -> Generator[ChannelScores, None, ChannelScores]:
    yield from ()
    loaded, x, plan = engine.given(request, job)
    target = class_logit(request.index)
    found = gradient_times_activation(loaded.module, x, target, plan, request.tap, job.cancelled)
    values = tuple((channel, float(value)) for channel, value in enumerate(found))
    return ChannelScores(request.tap, request.by, request.index, values, len(values))
