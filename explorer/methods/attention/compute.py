"""Which attention a model has, on the worker thread. What is seen of it is asked for by `core/attention_requests.py`."""

from __future__ import annotations

from collections.abc import Generator

from explorer.core.attention_queries import Attending
from explorer.engine.attention.record import known_attentions
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from explorer.methods.attention.spec import Asked


def run(engine: Studies, request: Asked, job: Job) -> Generator[None, None, Attending]:
    """Every attention of one forward of the picture; nothing is kept of it."""
    yield from ()  # there is nothing to show before the end
    loaded, x, _plan = engine.given(request, job)
    return Attending(known_attentions(loaded.module, x, job.cancelled), 0, False)
