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
        self.desktop.controller.captured.connect(self._captured)
        return int(self.desktop.controller.view.film_length)

    def choose(self, place: float) -> str:
        """Goes to a layer, by its place in the film from 0 to 1; answers with its name."""
        assert self.desktop is not None
        view = self.desktop.controller.view
        self.desktop.controller.change(tap=view.film_tap(round(place * (view.film_length - 1))))
        self.desktop.rest()
        return str(self.desktop.controller.session.tap)

    def rate(self, seconds: float) -> dict[str, Any]:
        """Different frames painted a second, streaming as fast as it goes; what was played."""
        assert self.desktop is not None
        name = self.desktop.play()
        self.marks, self.fresh = [], False
        painted = self.desktop.paints.count
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and self.desktop.controller.live.playing:
            self.desktop.app.qt.processEvents(_events(), 20)
            if self.fresh and self.desktop.paints.count > painted:
                self.marks.append(time.perf_counter())
                self.fresh = False
            painted = self.desktop.paints.count
        self.desktop.pause()
        rate = (len(self.marks) - 1) / (self.marks[-1] - self.marks[0]) if len(self.marks) > 1 else 0.0
        return {"rate": rate, "frames": len(self.marks), "input": name}

    def _captured(self, _capture: Any) -> None:
        self.fresh = True


def _events() -> Any:
    from PySide6.QtCore import QEventLoop

    return QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def main() -> None:
    live = Live()
    serve({"open": live.open, "choose": live.choose, "rate": live.rate})
    if live.desktop is not None:
        live.desktop.close()


if __name__ == "__main__":
    main()
