"""A microphone in the real window."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve


class LiveSound:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.fresh = False
        self.captures = 0
        self.marks: list[tuple[float, float]] = []

    def open(self, name: str, threads: int) -> int:
        self.desktop = Desktop(name, threads, sample="sound-kick")
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

    def listen(self, seconds: float) -> dict[str, Any]:
        """Frames painted, captures shown, ms of the UI thread from frame to frame; then, for as long again, by how much a 1 ms timer
        came late, and what the UI thread computed from beat to beat: the timer takes its part of the processor, too."""
        assert self.desktop is not None
        live = self.desktop.driver.live
        live.play_microphone("", "tone")
        self.marks = []
        self.desktop.until(lambda: len(self.marks) > 3)
        self.marks, self.captures, self.fresh = [], 0, False
        start = time.perf_counter()
        self.desktop.run(seconds)
        spent, marks, captures = time.perf_counter() - start, list(self.marks), self.captures
        late, beats = self.desktop.listen(seconds)
        live.stop()
        self.desktop.rest()
        busy = [1000 * (b[1] - a[1]) for a, b in pairwise(marks)]
        return {
            "seconds": spent,
            "frames": len(marks),
            "captures": captures,
            "processor": busy,
            "late": late,
            "beats": beats,
        }

    def _captured(self, _capture: Any) -> None:
        self.fresh = True
        self.captures += 1

    def _painted(self) -> None:
        if self.fresh:
            self.marks.append((time.perf_counter(), time.thread_time()))
            self.fresh = False


def main() -> None:
    live = LiveSound()
    serve({"open": live.open, "choose": live.choose, "listen": live.listen})
    if live.desktop is not None:
        live.desktop.close()


if __name__ == "__main__":
    main()
