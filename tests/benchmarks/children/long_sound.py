"""Windows of a long sound through the real window."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.inputs import InputRef
from explorer.core.wav_bytes import wav_bytes
from tests.benchmarks.children.bench_memory import Course
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve

RATE = 16_000


def scrub(name: str, threads: int, budget: int, seconds: float, counts: list[int]) -> dict[str, Any]:
    """Bytes of the process and the store after so many windows, and seconds of the processor (all threads) and of the clock from
    a step to the rest after it; of opening, too."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.wav"
        noise = np.random.default_rng(0).standard_normal((1, round(seconds * RATE))).astype(np.float32)
        path.write_bytes(wav_bytes(0.1 * noise, RATE)[0])
        del noise
        desktop = Desktop(name, threads, budget, sample="sound-kick")
        driver, course = desktop.driver, Course(counts)
        steps: list[tuple[float, float]] = []

        def timed(act: Any) -> None:
            before = driver.capture.number
            start = time.process_time(), time.perf_counter()
            act()
            desktop.until(lambda: driver.capture.number > before)
            desktop.rest()
            steps.append((time.process_time() - start[0], time.perf_counter() - start[1]))

        timed(lambda: driver.open_input(InputRef("sound", str(path))))
        windows = int(seconds / driver.capture.picture.ref.length)
        for number in range(1, max(counts) + 1):
            there = (number * 7919) % (windows - 1) + 0.25
            timed(lambda there=there: driver.windows.go_to(there))
            course.take(number, desktop.app.desk.cached_bytes)
        desktop.close()
    return {"course": course.found, "opened": steps[0], "steps": steps[1:]}


if __name__ == "__main__":
    serve({"scrub": scrub})
