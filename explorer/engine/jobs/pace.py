"""How often a stream of partial results is told."""

from __future__ import annotations

import time
from collections.abc import Callable

_SECONDS = 0.1


class Pace:
    """Says yes, then no until some time has passed."""

    def __init__(self, seconds: float = _SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._next = clock()

    def due(self) -> bool:
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True
