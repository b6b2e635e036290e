"""Methods in the real window: how late the UI thread is meanwhile, how soon they stop, what an ablation costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any

from PySide6.QtCore import Qt, QTimer

from explorer.core.edits import Edit
from explorer.core.explain import Settings as Choices
from explorer.core.health import Over
from explorer.core.maximise import MaximiseSettings, Objective
from explorer.core.target import Target
from explorer.core.types import ModelSpec
from tests.benchmarks import scenario
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve

_MS = 1
_SEEDS = 1 << 20  # of pictures that nobody has made yet, so that none comes from the store


class Bench:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.seed = _SEEDS

    def open(self, name: str, threads: int) -> list[str]:
        """`name` is an architecture or a demo model; answers with the methods that can be had here."""
        from tests.benchmarks.children import desktop

        if self.desktop is not None:
            self.desktop.close()
        if name.startswith("demo:"):
            desktop.scenario.spec = lambda _name: ModelSpec(name)
        self.desktop = Desktop(name, threads)
        return list(self._starts())

    def _starts(self) -> dict[str, Callable[[], int]]:
        """How each method is asked for, of the best class or of a layer half way."""
        assert self.desktop is not None
        controller = self.desktop.controller
        desk, capture = controller.desk, controller.view.capture
        maps = [tap for tap in capture.taps if tap.observable and tap.layout in ("NCHW", "NLC") and tap.grid]
        tap, last = maps[len(maps) // 2], maps[-1]
        best = Target("", capture.prediction[0].index)
        cell = (tap.grid[0] // 2, tap.grid[1] // 2)
        found: dict[str, Callable[[], int]] = {
            f"attribution, {method}": lambda method=method: desk.attribute(capture, best, method, Choices())
            for method in _methods()
        }

        def grown() -> int:
            self.seed += 1
            return int(desk.maximise(capture, Objective(tap.name, (0,)), MaximiseSettings(seed=self.seed)))

        return found | {
            "arithmetic of a cell": lambda: desk.explain_cell(capture, tap.name, 0, cell),
            "effective field": lambda: desk.effective_field(capture, tap.name, 0, cell),
            "ablation": lambda: desk.ablate(capture, (Edit(tap.name, (0,)),), [last.name]),
            "ablation, ranking": lambda: desk.rank(capture, Edit(last.name), best.channel),
            "maximisation": grown,
            "health over the gallery": lambda: desk.health(capture, last.name, Over("gallery")),
        }

    def beat(self, method: str, seconds: float) -> dict[str, Any]:
        """Milliseconds by which each beat of 1 ms came late while the method is asked for again and again."""
        assert self.desktop is not None
        start, desk, beats = self._starts()[method], self.desktop.controller.desk, []
        timer, again = QTimer(), QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(_MS)
        timer.timeout.connect(lambda: beats.append(time.perf_counter()))
        again.setInterval(20)
        again.timeout.connect(lambda: None if desk.runner.busy else start())
        start()
        for one in (timer, again):
            one.start()
        self.desktop.run(seconds)
        timer.stop()
        again.stop()
        self._stop()
        return {"late": [round(max(0.0, (b - a) * 1000 - _MS), 3) for a, b in pairwise(beats)]}

    def cancel(self, method: str, after: float) -> float | None:
        """Milliseconds from the wish until the worker is free; None when it had ended by itself."""
        assert self.desktop is not None
        start, desk = self._starts()[method], self.desktop.controller.desk
        start()
        self.desktop.run(after)
        if not desk.runner.busy:
            return None
        return self._stop() * 1000

    def _stop(self) -> float:
        from explorer.engine.runner import Lane

        assert self.desktop is not None
        begun, desk = time.perf_counter(), self.desktop.controller.desk
        desk.runner.cancel(Lane.METHOD)
        while desk.runner.busy:
            time.sleep(0.0005)
        spent = time.perf_counter() - begun
        self.desktop.run(0.05)  # what was told on the way
        return spent

    def resume(self, name: str, tap: str, threads: int, turns: int) -> dict[str, list[float]]:
        """Seconds of an ablation from a late layer on, beside those of the whole forward."""
        import torch

        from explorer.engine.capture import capture, discover
        from explorer.engine.explain.ablation.ablate import ablate, base_of

        torch.set_num_threads(threads)
        module, x = scenario.module(name), torch.rand(1, 3, 224, 224)
        plan = discover(module, x).plan
        base = base_of(module, x, capture(module, x, plan))
        edits = (Edit(tap, (0,)),)
        ablate(base, edits)
        times: dict[str, list[float]] = {"ablation": [], "forward": []}
        for _ in range(turns):
            for way, run in (("ablation", lambda: ablate(base, edits)), ("forward", lambda: _bare(module, x))):
                spent = []
                for _ in range(3):
                    begun = time.perf_counter()
                    run()
                    spent.append(time.perf_counter() - begun)
                times[way].append(median(spent))
        return times


def _bare(module: Any, x: Any) -> Any:
    import torch

    with torch.inference_mode():
        return module(x)


def _methods() -> tuple[str, ...]:
    from explorer.engine.explain.attribution.methods import METHODS

    return tuple(METHODS)


if __name__ == "__main__":
    bench = Bench()
    serve({"open": bench.open, "beat": bench.beat, "cancel": bench.cancel, "resume": bench.resume})
    if bench.desktop is not None:
        bench.desktop.close()
