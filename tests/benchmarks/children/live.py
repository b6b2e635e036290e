"""Live video in the real window: frames that a person sees in a second."""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve


class Live:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.fresh = False
        self.marks: list[float] = []

    def open(self, name: str, threads: int) -> int:
        self.desktop = Desktop(name, threads)
        self.desktop.driver.captured.connect(self._captured)
        self.desktop.paints.painted.connect(self._painted)
        return int(self.desktop.driver.explore.strip.count)

    def choose(self, place: float) -> str:
        """Goes to a layer, by its place in the film from 0 to 1; answers with its name."""
        assert self.desktop is not None
        driver, strip = self.desktop.driver, self.desktop.driver.explore.strip
        driver.change(tap=strip.tap(round(place * (strip.count - 1))))
        self.desktop.rest()
        return str(self.desktop.driver.session.tap)

    def rate(self, seconds: float) -> dict[str, Any]:
        """Different frames painted a second, streaming as fast as it goes; what was played."""
        assert self.desktop is not None
        name = self.desktop.play()
        self.marks, self.fresh = [], False
        self.desktop.run(seconds)  # the loop sleeps while there is nothing to do, as it does for a person
        marks = self.marks
        self.desktop.pause()
        rate = (len(marks) - 1) / (marks[-1] - marks[0]) if len(marks) > 1 else 0.0
        return {"rate": rate, "frames": len(marks), "input": name}

    def _captured(self, _capture: Any) -> None:
        self.fresh = True

    def _painted(self) -> None:
        if self.fresh:
            self.marks.append(time.perf_counter())
            self.fresh = False


def main() -> None:
    live = Live()
    serve({"open": live.open, "choose": live.choose, "rate": live.rate})
    if live.desktop is not None:
        live.desktop.close()


if __name__ == "__main__":
    main()
