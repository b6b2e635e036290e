"""The real window with a live input: which layer is shown, and when its frames are painted."""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks import scenario
from tests.benchmarks.children.desktop import Desktop


class LiveWindow:
    """`marks`: when frames were painted, each once: seconds of the clock, and those that the UI thread had computed."""

    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.captures = 0
        self.marks: list[tuple[float, float]] = []
        self._fresh = False

    def open(self, name: str, threads: int, sample: str = scenario.SAMPLE) -> int:
        """Answers with the number of layers of the film."""
        self.desktop = Desktop(name, threads, sample=sample)
        self.desktop.driver.captured.connect(self._captured)
        self.desktop.paints.painted.connect(self._painted)
        return int(self.desktop.driver.explore.strip.count)

    def choose(self, place: float) -> str:
        """Goes to a layer, by its place in the film from 0 to 1; answers with its name."""
        assert self.desktop is not None
        driver, strip = self.desktop.driver, self.desktop.driver.explore.strip
        driver.change(tap=strip.tap(round(place * (strip.count - 1))))
        self.desktop.rest()
        return str(driver.session.tap)

    def count_anew(self) -> None:
        """From the next capture on."""
        self.marks, self.captures, self._fresh = [], 0, False

    def close(self) -> None:
        if self.desktop is not None:
            self.desktop.close()

    def _captured(self, _capture: Any) -> None:
        self._fresh = True
        self.captures += 1

    def _painted(self) -> None:
        if self._fresh:
            self.marks.append((time.perf_counter(), time.thread_time()))
            self._fresh = False
