"""The routes of `tests.benchmarks.routes` in the real window, offscreen, under `sys.setprofile`."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

import explorer
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from tests.benchmarks import scenario
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve

_ROOT = str(Path(explorer.__file__).parent)


class Calls:
    """Functions of the package that run while it is open, by thread."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[bool, str, str]] = Counter()  # (UI thread?, file, function)

    def _called(self, frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(_ROOT) and not code.co_name.startswith("<"):
            here = threading.current_thread() is threading.main_thread()
            self.seen[here, code.co_filename, f"{code.co_qualname}"] += 1

    def __enter__(self) -> Calls:
        threading.setprofile_all_threads(self._called) if hasattr(threading, "setprofile_all_threads") else None
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        if hasattr(threading, "setprofile_all_threads"):
            threading.setprofile_all_threads(None)

    def summary(self) -> dict[str, int]:
        """Counts of different functions and files, and of all calls."""
        return {
            "functions": len({(file, name) for _, file, name in self.seen}),
            "files": len({file for _, file, _ in self.seen}),
            "ui_files": len({file for here, file, _ in self.seen if here}),
            "worker_files": len({file for here, file, _ in self.seen if not here}),
            "calls": sum(self.seen.values()),
        }


class Routes:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self._worker_profiled = Calls()

    def open(self, name: str) -> None:
        """A window with a model; the worker's thread is profiled from inside a job of its own."""
        self.desktop = Desktop(name, 1)

    def _profile(self, act: Callable[[], object], seconds: float) -> dict[str, int]:
        """The event loop runs so long, that asking whether all is drawn is not counted."""
        assert self.desktop is not None
        desktop, calls = self.desktop, Calls()
        jobs = [0]
        runner = desktop.app.desk.runner
        attempt = runner._attempt

        def counted(job: Any, work: Any) -> None:
            jobs[0] += 1
            sys.setprofile(calls._called)
            try:
                attempt(job, work)
            finally:
                sys.setprofile(None)

        runner._attempt = counted  # type: ignore[method-assign]
        try:
            with calls:
                act()
                desktop.run(seconds)
            desktop.rest()
        finally:
            del runner._attempt
        return {**calls.summary(), "jobs": jobs[0]}

    def scrub(self) -> dict[str, int]:
        assert self.desktop is not None
        strip = self.desktop.driver.explore.strip.bar
        QTest.keyClick(strip, Qt.Key.Key_Right)
        self.desktop.rest()
        return self._profile(lambda: QTest.keyClick(strip, Qt.Key.Key_Right), 0.5)

    def picture(self) -> dict[str, int]:
        assert self.desktop is not None
        ref = InputRef("picture", str(scenario.sample_file()))
        return self._profile(lambda: self.desktop.driver.open_input(ref), 3)  # type: ignore[union-attr]

    def attribution(self) -> dict[str, int]:
        assert self.desktop is not None
        control = self.desktop.driver.page("attribution")
        self.desktop.driver.open_page("attribution")
        self.desktop.rest()
        return self._profile(control.start, 4)

    def compare(self) -> dict[str, int]:
        assert self.desktop is not None
        driver = self.desktop.driver
        driver.show_workspace("compare")
        self.desktop.rest()
        key = driver.compare.columns[1].key
        return self._profile(lambda: driver.compare.set_model(key, ModelSpec("demo:shapes-plain")), 8)


def main() -> None:
    routes = Routes()
    names = ("open", "scrub", "picture", "attribution", "compare")
    serve({name: getattr(routes, name) for name in names})
    if routes.desktop is not None:
        routes.desktop.close()


if __name__ == "__main__":
    main()
