"""The application as its command starts it, until the first maps are painted. `BORN MODEL… `: monotonic seconds, arguments."""

from __future__ import annotations

import sys
import time
from typing import Any

BORN = float(sys.argv[1])
times: dict[str, float] = {}


def note(name: str) -> None:
    times.setdefault(name, time.monotonic() - BORN)


def main() -> None:
    """Listens in two places, and otherwise does what `python -m explorer` does."""
    sys.argv = ["feature-map-explorer", *sys.argv[2:]]
    note("interpreter")
    import explorer.app

    start = explorer.app.Application.start

    def watched_start(self: Any, model: Any, given: Any) -> None:
        self.watch = _watch(self)
        note("shown")  # `run` has shown the window and let it paint
        start(self, model, given)

    explorer.app.Application.start = watched_start  # type: ignore[method-assign]
    from explorer.__main__ import main as run

    code = run()
    print(" ".join(f"{name}={seconds:.4f}" for name, seconds in times.items()))
    sys.exit(code)


def _watch(app: Any) -> Any:
    """Ends the application once the maps of its first capture are on the screen."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and "captured" in times:
                # the event after this one: the paint is over by then
                QTimer.singleShot(0, self, done)
            return False

    def done() -> None:
        note("maps")
        app.qt.quit()

    from tests.support.driver import Driver

    driver = Driver(app)
    watch = Watch(driver.main_window)
    driver.explore.maps.mosaic.viewport().installEventFilter(watch)  # where a view is painted
    driver.ready.connect(lambda _ready: note("engine"))
    driver.captured.connect(lambda _capture: note("captured"))
    driver.failed.connect(lambda failure: sys.exit(failure.text))
    return watch


if __name__ == "__main__":
    main()
