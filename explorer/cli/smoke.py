"""smoke-test: the whole way once, in the real window: open, load, capture, paint, scrub, close."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.types import ExplorerError, InputRef, ModelSpec

if TYPE_CHECKING:
    from explorer.app import Application


def run() -> int:
    """Prints a line a step; raises ExplorerError at the first that fails. Nothing of the person's own settings is touched."""
    with tempfile.TemporaryDirectory(prefix="feature-map-explorer-", ignore_cleanup_errors=True) as home:
        os.environ["FME_HOME"] = home
        _steps(Path(home))
    print("smoke test passed")
    return 0


def _steps(home: Path) -> None:
    from explorer.app import Application, has_display
    from explorer.cli.screenshot import quiet_qt

    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with quiet_qt():
        _whole_way(Application(), home)
    print("closed")


def _whole_way(app: Application, home: Path) -> None:
    from explorer.cli.screenshot import await_capture, await_rest

    try:
        app.window.show()
        app.qt.processEvents()
        print(f"window: {app.window.width()} x {app.window.height()}, platform {app.qt.platformName()}")
        app.start(ModelSpec("demo:seeded"), InputRef("sample", "cat"))
        await_capture(app)
        capture = app.controller.view.capture
        if capture is None:
            raise ExplorerError("No capture came.")
        seen = [tap for tap in capture.taps if tap.observable]
        print(f"model and capture: {len(seen)} taps, {capture.nbytes:,} bytes, {len(capture.prediction)} guesses")
        await_rest(app)
        shown = _scrub(app)
        print(f"scrub: {shown} layers painted")
        picture = app.window.grab()
        target = home / "window.png"
        if picture.isNull() or not picture.save(str(target)):
            raise ExplorerError("The window could not be painted.")
        print(f"paint: {picture.width()} x {picture.height()}")
    finally:
        app.window.close()
        app.close()


def _scrub(app: object) -> int:
    """Goes to every layer of the film; every one must show values."""
    controller = app.controller  # type: ignore[attr-defined]
    for index in range(controller.view.film_length):
        controller.change(tap=controller.view.film_tap(index))
        app.qt.processEvents()  # type: ignore[attr-defined]
        if controller.view.shown is None:
            raise ExplorerError(f"Layer {controller.session.tap} shows nothing.")
    return int(controller.view.film_length)
