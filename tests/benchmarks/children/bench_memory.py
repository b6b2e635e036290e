"""Input after input through the engine alone."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from explorer.engine.jobs.devices import keep_freed_memory
from tests.benchmarks import scenario
from tests.benchmarks.machine import held, resident
from tests.benchmarks.talk import serve


def soak(name: str, threads: int, budget: int, counts: list[int]) -> list[dict[str, Any]]:
    """Bytes of the process and of the store after so many different pictures; see `Course`."""
    keep_freed_memory()
    import torch

    from explorer.engine.jobs.runner import Job, Lane
    from explorer.engine.model_session import ModelSession

    torch.set_num_threads(threads)
    bench = ModelSession(budget)
    job = Job(0, Lane.FORWARD, "", lambda _event: None)
    card = bench.open(scenario.spec(name), job).card
    course = Course(counts)
    for number in range(1, max(counts) + 1):
        bench.capture(card.digest, picture(number), job)
        course.take(number, bench.store.nbytes)
    return course.found


class Course:
    """After each of `counts` inputs: bytes held; bytes in memory, which counts pages that were freed and not handed back, the
    most of the last 16 inputs; bytes of the store."""

    def __init__(self, counts: list[int]) -> None:
        self._counts = counts
        self._last: deque[int] = deque(maxlen=16)
        self.found: list[dict[str, Any]] = []

    def take(self, number: int, store: int) -> None:
        self._last.append(resident())
        if number in self._counts:
            self.found.append({"inputs": number, "held": held(), "resident": max(self._last), "store": store})


def picture(number: int) -> Any:
    """The test scene at another moment."""
    from explorer.engine.inputs.scene import scene_frame

    return scene_frame(number * 3)


if __name__ == "__main__":
    # beside the main thread, as in the application: the C library allocates there in another way
    worker = threading.Thread(target=lambda: serve({"soak": soak}))
    worker.start()
    worker.join()
