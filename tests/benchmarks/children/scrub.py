"""Layer after layer by key, in the real window."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.benchmarks import scenario
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve


class Scrub:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.forwards = 0

    def open(self, name: str, threads: int, trust_code: bool = False, sample: str = scenario.SAMPLE) -> int:
        """Answers with the number of layers of the film."""
        if self.desktop is not None:
            self.desktop.close()
        self.desktop = Desktop(name, threads, trust_code=trust_code, sample=sample)
        self.desktop.driver.explore.strip.bar.setFocus()
        return int(self.desktop.driver.explore.strip.count)

    def scrub(self, pause: float) -> dict[str, Any]:
        """Once through the film from the first layer on; after each painted layer so many seconds go by.

        Seconds a step from the key until the frame is painted, those of the processor that the UI thread took of it, the layers, and
        the forwards that any module ran meanwhile."""
        assert self.desktop is not None
        driver, strip = self.desktop.driver, self.desktop.driver.explore.strip.bar
        QTest.keyClick(strip, Qt.Key.Key_Home)
        self.desktop.rest()
        number = driver.capture.number
        counter = self._count_forwards()
        steps, busy, layers = [], [], []
        while True:
            before = strip.current
            last = all(not item.enabled for item in strip.items[before + 1 :])
            if last:
                break
            start = time.thread_time()
            steps.append(self.desktop.paint_after(lambda: QTest.keyClick(strip, Qt.Key.Key_Right)))
            busy.append(time.thread_time() - start)
            layers.append(driver.session.tap)
            if pause:
                self._go_on(pause)
        self.desktop.rest()
        counter.remove()
        return {
            "seconds": steps,
            "processor": busy,
            "layers": layers,
            "forwards": self.forwards,
            "shown": driver.capture.number - number,
        }

    def _go_on(self, seconds: float) -> None:
        """What follows a step at rest (numbers, tree) is done in between, as far as it gets."""
        assert self.desktop is not None
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.desktop.app.qt.processEvents()
            time.sleep(0.001)

    def _count_forwards(self) -> Any:
        from torch.nn.modules.module import register_module_forward_pre_hook

        self.forwards = 0

        def called(_module: Any, _args: Any) -> None:
            self.forwards += 1

        return register_module_forward_pre_hook(called)


def main() -> None:
    scrub = Scrub()
    serve({"open": scrub.open, "scrub": scrub.scrub})
    if scrub.desktop is not None:
        scrub.desktop.close()


if __name__ == "__main__":
    main()
