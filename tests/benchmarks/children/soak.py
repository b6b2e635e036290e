"""A live input in the real window, for as long as somebody asks for another minute."""

from __future__ import annotations

import gc
import random
import time
from collections import Counter
from typing import Any

from explorer.engine.jobs.runner import Event, Lane
from tests.benchmarks import machine, scenario
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve

_GROWING = 6  # kinds of objects that are named each minute
_LOOK_S = 0.5  # between two looks whether the clip is over
_SIGHT_S = 0.25  # between two readings of the memory


class Soak:
    """A model, or two side by side, on a clip that starts again when it is over; someone scrubs now and then."""

    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self._numbers = random.Random(0)
        self._scrub_s, self._next = 0.0, 0.0
        self._kinds: Counter[str] = Counter()
        self._frames = self._scrubs = 0
        self._failures: list[str] = []

    def open(self, name: str, other: str, workspace: str, threads: int, budget: int, scrub: float) -> str:
        """Seconds between two scrubs, 0 for none; answers with what is played."""
        desktop = self.desktop = Desktop(name, threads, budget)
        self._scrub_s = scrub
        driver = desktop.driver
        if workspace == "compare":
            driver.show_workspace("compare")
            driver.compare.start((driver.card.spec, scenario.spec(other)))
            desktop.until(lambda: len(driver.compare.keys) > 1 and not driver.compare.busy)
        desktop.app.bridge.received.connect(self._received)
        driver.failed.connect(lambda failure: self._failures.append(failure.text))
        ref, said = scenario.moving()
        driver.live.play(ref)
        self._next = time.monotonic() + scrub
        return said

    def minute(self, seconds: float) -> dict[str, Any]:
        """Plays on for so long; answers with bytes, threads, and what kinds of objects there are more of."""
        assert self.desktop is not None
        seen: list[int] = []
        end, look = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            self.desktop.run(_SIGHT_S)
            seen.append(machine.resident())
            if time.monotonic() >= look:
                look = time.monotonic() + _LOOK_S
                self._go_on()
        self.desktop.pause()  # what the collector is asked for must not be in the making on another thread
        answer = {"resident": sorted(seen)[len(seen) // 2], "most": max(seen), **self._counted()}
        self._frames, self._scrubs, self._failures = 0, 0, []
        return answer

    def _go_on(self) -> None:
        """Again from the start when it is over; a scrub through frames and layers when it is time for one."""
        assert self.desktop is not None
        driver = self.desktop.driver
        if self._scrub_s and time.monotonic() >= self._next:
            self._next = time.monotonic() + self._scrub_s
            self._scrubs += 1
            driver.live.seek(self._numbers.randrange(driver.live.frames or 300))
            self.desktop.run(_LOOK_S)
            for _ in range(3):
                driver.step(self._numbers.choice((-1, 1)))
        if not driver.live.playing and self.desktop.app.desk.runner.busy is False:
            driver.live.toggle()

    def _counted(self) -> dict[str, Any]:
        assert self.desktop is not None
        info = machine.malloc_info()
        kinds = Counter(type(each).__name__ for each in gc.get_objects())
        before, self._kinds = self._kinds or kinds, kinds
        more = {kind: n - before[kind] for kind, n in kinds.items() if n > before[kind]}
        return {
            "pss": machine.proportional(),
            "held": info["uordblks"] + info["hblkhd"] if info else None,
            "free": info["fordblks"] if info else None,
            "store": self.desktop.app.desk.cached_bytes,
            "threads": machine.threads(),
            "frames": self._frames,
            "scrubs": self._scrubs,
            "growing": sorted(more.items(), key=lambda item: -item[1])[:_GROWING],
            "failures": self._failures,
        }

    def _received(self, event: Event) -> None:
        self._frames += event.lane == Lane.LIVE and event.partial


def main() -> None:
    soak = Soak()
    serve({"open": soak.open, "minute": soak.minute})
    if soak.desktop is not None:
        soak.desktop.close()


if __name__ == "__main__":
    main()
