"""The real window with the real worker, offscreen, for the measuring processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QEventLoop, Qt, QTimer

from explorer.app import Application
from explorer.cli.measure_window import Paints, paint_after
from explorer.cli.waits import await_capture, await_rest, wait
from explorer.core.inputs import InputRef
from explorer.ui.settings import Settings
from tests.benchmarks import scenario
from tests.support.driver import Driver

SIZE = (1400, 900)
_BEAT_MS = 1


class Desktop:
    """A model open on a sample input, everything drawn, nothing left to do."""

    def __init__(
        self, name: str, threads: int, budget: int = 0, trust_code: bool = False, sample: str = scenario.SAMPLE
    ) -> None:
        settings = Settings(lasting=False)
        settings.put("threads", threads)
        settings.put("budget", budget)
        self.app = Application("dark", trust_code, settings=settings)
        self.driver = Driver(self.app)
        self.driver.main_window.resize(*SIZE)
        self.driver.main_window.show()
        self.app.start(scenario.spec(name), InputRef("sample", sample))
        await_capture(self.app)
        self.rest()
        maps = self.driver.explore.maps
        self.paints = Paints(maps.mosaic, maps.vector, maps.sequence)

    def rest(self) -> None:
        await_rest(self.app)

    def until(self, ready: Callable[[], bool]) -> None:
        wait(self.app, ready)

    def run(self, seconds: float) -> None:
        """The event loop as `exec` runs it, for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def listen(self, seconds: float) -> tuple[list[float], list[float]]:
        """By how many ms each beat of a 1 ms timer came late, and how many the UI thread computed from beat to beat: the
        first tells what a person feels, the second what the application does to it, whatever else the computer does."""
        beats: list[tuple[float, float]] = []
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(_BEAT_MS)
        timer.timeout.connect(lambda: beats.append((time.perf_counter(), time.thread_time())))
        timer.start()
        self.run(seconds)
        timer.stop()
        late = [round(max(0.0, (b[0] - a[0]) * 1000 - _BEAT_MS), 3) for a, b in pairwise(beats)]
        return late, [round((b[1] - a[1]) * 1000, 3) for a, b in pairwise(beats)]

    def paint_after(self, act: Callable[[], object]) -> float:
        """Seconds from the act until the window with the new maps has been painted."""
        return paint_after(self.app, self.paints, act)

    def play(self) -> str:
        """Live video, every frame as fast as the model takes them; answers with what is played. Some frames have been shown."""
        ref, name = scenario.moving()
        self.driver.live.unpaced()
        before = self.paints.count
        self.driver.live.play(ref)
        self.until(lambda: self.paints.count > before + 5)
        return name

    def pause(self) -> None:
        self.driver.live.stop()
        self.rest()

    def close(self) -> None:
        self.driver.close()
