"""Methods in the real window, their pages open: how late the UI thread is meanwhile, what is painted, how soon they stop."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from PySide6.QtCore import QTimer

from explorer.core.interventions import Edit
from explorer.core.models import ModelSpec
from explorer.engine.jobs.runner import Event, Lane
from tests.benchmarks import scenario
from tests.benchmarks.children.desktop import Desktop, Paints
from tests.benchmarks.children.pages import Act, Acts
from tests.benchmarks.talk import serve

_AGAIN_MS = 20


class Bench:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.acts: dict[str, Act] = {}

    def open(self, name: str, threads: int) -> list[str]:
        """`name` is an architecture or a demo model; answers with what can be done here."""
        if name.startswith("demo:"):
            scenario.spec = lambda _name: ModelSpec(name)
        self.desktop = Desktop(name, threads)
        self.all = Acts(self.desktop.driver)
        self.acts = self.all.named()
        return list(self.acts)

    def beat(self, act: str, seconds: float) -> dict[str, Any]:
        """Milliseconds by which each beat of 1 ms came late while the act is done again and again, and what the UI thread
        itself computed from beat to beat; `painted`: answers that were seen, of an act without any the paintings."""
        assert self.desktop is not None
        does, watch = self._begin(act), _Watch(self.all, self.acts[act], self.desktop.app.bridge)
        again = QTimer()
        again.setInterval(_AGAIN_MS)
        again.timeout.connect(lambda: None if self._busy() else does.again())
        again.start()
        late, work = self.desktop.listen(seconds)
        again.stop()
        watch.close()
        self._stop(does)
        return {"late": late, "work": work, "painted": watch.seen}

    def cancel(self, act: str, after: float) -> float | None:
        """Milliseconds from the wish until the worker is free; None when it had ended by itself, or nobody would stop it."""
        assert self.desktop is not None
        does = self.acts[act]
        if not does.stops:
            return None
        self._begin(act)
        does.again()
        self.desktop.run(after)
        running = self.desktop.driver.desk.runner.busy
        spent = self._stop(does)
        return spent * 1000 if running else None

    def _begin(self, act: str) -> Act:
        assert self.desktop is not None
        does = self.acts[act]
        self.all.open(does)
        self.desktop.rest()
        does.begin()
        self.desktop.rest()
        self.all.reveal(does)
        return does

    def _busy(self) -> bool:
        assert self.desktop is not None
        driver = self.desktop.driver
        return bool(driver.desk.runner.busy or driver.methods_busy)

    def _stop(self, does: Act) -> float:
        """As a hand stops it: the act is ended, its page left. Seconds until the worker is free."""
        assert self.desktop is not None
        begun, desk = time.perf_counter(), self.desktop.driver.desk
        does.end()
        self.desktop.driver.open_page("values")
        while desk.runner.busy:
            time.sleep(0.0005)
        spent = time.perf_counter() - begun
        self.desktop.rest()  # what was told on the way
        return spent

    def resume(self, name: str, tap: str, threads: int, turns: int) -> dict[str, list[float]]:
        """Seconds of an ablation from a late layer on, beside those of the whole forward."""
        import torch

        from explorer.engine.ablation.ablate import ablate, base_of
        from explorer.engine.capture.forward import capture, discover

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


class _Watch:
    """Counts answers that have been painted, or paintings."""

    def __init__(self, acts: Acts, act: Act, bridge: Any) -> None:
        self.seen, self._fresh = 0, False
        self._acts, self._act, self._bridge = acts, act, bridge
        self._paints = Paints(*act.views)
        self._paints.painted.connect(self._painted)
        self._bridge.received.connect(self._answered)

    def _answered(self, event: Event) -> None:
        if event.lane == Lane.METHOD and event.value is not None:
            self._fresh = True
            self._acts.reveal(self._act)  # the first answer brings what shows it

    def _painted(self) -> None:
        self.seen += self._fresh or not self._act.answered
        self._fresh = False

    def close(self) -> None:
        self._bridge.received.disconnect(self._answered)
        self._paints.deleteLater()


if __name__ == "__main__":
    bench = Bench()
    serve({"open": bench.open, "beat": bench.beat, "cancel": bench.cancel, "resume": bench.resume})
    if bench.desktop is not None:
        bench.desktop.close()
