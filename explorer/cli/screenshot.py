"""A picture of the real window, also where there is no display."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from explorer.core.types import ExplorerError, Failure, InputRef, ModelSpec

_LIMIT_S = 300.0


def run(args: argparse.Namespace) -> int:
    """Opens the window, waits for the capture and the film, saves what is on the screen."""
    from explorer.app import Application, has_display

    size = _size(args.size)
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = Application(args.theme, args.trust_code)
    try:
        app.window.resize(*size)
        app.window.show()
        spec = ModelSpec(args.model, args.weights, args.untrained, args.seed)
        app.start(spec, InputRef("picture", str(Path(args.input))))
        await_capture(app)
        if args.tap:
            _go(app, args.tap)
        app.controller.change(channel=args.channel)
        await_rest(app)
        pixmap = app.window.grab()
        if not pixmap.save(args.out):
            raise ExplorerError(
                f"{args.out} could not be saved.", "", "Name a .png file in a folder that can be written to."
            )
    finally:
        app.close()
    return 0


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()) or not (200 <= int(width) <= 7680 and 200 <= int(height) <= 4320):
        raise ExplorerError(f"{text!r} is no window size.", "", "Write WIDTHxHEIGHT, for example 1920x1080.")
    return int(width), int(height)


def _go(app: Any, tap: str) -> None:
    capture = app.controller.view.capture
    if tap not in {t.name for t in capture.taps}:
        raise ExplorerError(f"The model has no tap named {tap}.", "", "The command layers lists them all.")
    app.controller.change(tap=tap)
    wait(app, lambda: app.controller.view.shown is not None or not capture.tap(tap).observable)


def await_capture(app: Any) -> None:
    """Until the first capture is shown; raises what went wrong instead."""
    failures: list[Failure] = []
    app.controller.failed.connect(failures.append)
    wait(app, lambda: app.controller.view.capture is not None or bool(failures))
    if app.controller.view.capture is None:
        raise ExplorerError(failures[0].what, failures[0].why, failures[0].todo)


def await_rest(app: Any) -> None:
    """Until the film is drawn, the numbers have followed and the worker has nothing to do."""
    view = app.controller.view
    wait(app, lambda: not view.busy and not app.desk.runner.busy)
    app.qt.processEvents()


def wait(app: Any, ready: Any) -> None:
    """Runs the event loop until `ready()`; raises ExplorerError after minutes."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop

    deadline = QDeadlineTimer(int(_LIMIT_S * 1000))
    while not ready():
        if deadline.hasExpired():
            raise ExplorerError("The window did not get ready in time.", f"It was given {_LIMIT_S:.0f} s.")
        app.qt.processEvents(
            QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20
        )
