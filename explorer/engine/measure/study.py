"""The health of a layer as the window asks for it: progress and what is known so far, at most ten times a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import replace

from explorer.core.health import Health, Over
from explorer.core.types import Picture
from explorer.engine.capture import Plan
from explorer.engine.measure.health import health
from explorer.engine.measure.samples import samples_of
from explorer.engine.models import LoadedModel
from explorer.engine.runner import Job

_PACE = 0.1  # seconds


class Pace:
    """Says yes, then no until some time has passed."""

    def __init__(self, seconds: float = _PACE, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._next = clock()

    def due(self) -> bool:
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


def measure(
    loaded: LoadedModel,
    plan: Plan | None,
    tap: str,
    over: Over,
    picture: Picture | None,
    device: str,
    job: Job,
    pace: Pace | None = None,
) -> Generator[Health | None, None, Health]:
    """One input a step; None where there is nothing new to show, or it is too soon. Without a plan the first input is
    watched. Errors as `health` and `samples_of`."""
    pace = pace or Pace()
    samples = samples_of(over, picture, loaded.card.preprocess)
    total = len(samples)
    found: Health | None = None
    waiting: Health | None = None  # known, not told yet
    for done, partial in enumerate(health(loaded.module, tap, samples, plan, device, job.cancelled), 1):
        if partial is not None:
            found = waiting = replace(partial, total=total)
        if pace.due() and not (found is not None and found.final):
            job.progress(f"{min(done, total)} of {total}", min(done, total) / total)
            told, waiting = waiting, None
            yield told
        else:
            yield None
    assert found is not None  # else it has raised
    return found
