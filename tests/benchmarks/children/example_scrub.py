"""Channel after channel by key with the page Examples open, in the real window."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.cli.measure_window import Paints
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve


class ExampleScrub:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.forwards = 0

    def open(self, name: str, threads: int, data: str, tap: str) -> dict[str, Any]:
        """With an index of the data, made in the window. Answers with channels, pictures and seconds of making it."""
        self.desktop = Desktop(name, threads)
        driver = self.desktop.driver
        making, begun = driver.view("dataset").making, time.perf_counter()
        making.open(data)
        making.toggle()
        self.desktop.until(lambda: not making.waiting)
        seconds = time.perf_counter() - begun
        driver.change(tap=tap, channel=0, cell=None)
        driver.open_page("examples")
        self.desktop.rest()
        return {"channels": len(driver.shown.plain), "pictures": making.progress.done, "seconds": seconds}

    def scrub(self, pause: float, page: str = "examples") -> dict[str, Any]:
        """Once through the channels with a page open; after each painted channel so many seconds go by. Seconds from the key until maps
        and examples are painted, seconds that the UI thread computed for it, and the forwards that any module ran meanwhile."""
        assert self.desktop is not None
        driver = self.desktop.driver
        maps, tile = driver.explore.maps.mosaic, driver.page("examples").tiles[0]
        driver.open_page(page)
        maps.setFocus()
        driver.change(channel=0)
        self.desktop.rest()
        counter, steps, computed = self._count_forwards(), [], []
        drawn, tiles = Paints(maps), Paints(tile if page == "examples" else maps)
        for _ in range(len(driver.shown.plain) - 1):
            before, start = (drawn.count, tiles.count, driver.session.channel), time.perf_counter()
            begun = time.thread_time()
            QTest.keyClick(maps, Qt.Key.Key_Right)
            while drawn.count == before[0] or tiles.count == before[1]:
                driver.qt.processEvents()
                if time.perf_counter() - start > 5:
                    raise RuntimeError(f"channel {driver.session.channel} was not painted")
            steps.append(time.perf_counter() - start)
            computed.append(time.thread_time() - begun)
            assert driver.session.channel == before[2] + 1
            self.desktop.run(pause)
        self.desktop.rest()
        counter.remove()
        return {"seconds": steps, "computed": computed, "forwards": self.forwards}

    def crops(self, count: int) -> list[float]:
        """Seconds from the key until the first crop of a channel is there that has not been looked at, and painted."""
        assert self.desktop is not None
        driver = self.desktop.driver
        maps, page = driver.explore.maps.mosaic, driver.page("examples")
        driver.open_page("examples")
        maps.setFocus()
        driver.change(channel=0)
        self.desktop.rest()
        found: list[float] = []
        for _ in range(count):
            page.forget()
            tile = page.tiles[0]
            start = time.perf_counter()
            QTest.keyClick(maps, Qt.Key.Key_Right)
            while tile.picture is None:
                driver.qt.processEvents()
            tile.repaint()
            found.append(time.perf_counter() - start)
            self.desktop.rest()
        return found

    def _count_forwards(self) -> Any:
        from torch.nn.modules.module import register_module_forward_pre_hook

        self.forwards = 0

        def called(_module: Any, _args: Any) -> None:
            self.forwards += 1

        return register_module_forward_pre_hook(called)


def main() -> None:
    measured = ExampleScrub()
    serve({"open": measured.open, "scrub": measured.scrub, "crops": measured.crops})
    if measured.desktop is not None:
        measured.desktop.close()


if __name__ == "__main__":
    main()
