"""Waiting for a window that nobody looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from explorer.core.errors import ExplorerError, Failure
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.app import Application

_LIMIT_S = 300.0
_LEVELS = 6  # of widgets in one another


def await_capture(app: Application) -> None:
    """Until the first capture is shown; raises what went wrong instead."""
    failures: list[Failure] = []
    app.controller.failed.connect(failures.append)
    wait(app, lambda: app.controller.view.capture is not None or bool(failures))
    if app.controller.view.capture is None:
        raise ExplorerError(failures[0].what, failures[0].why, failures[0].todo)


def await_rest(app: Application) -> None:
    """Until the film is drawn, the numbers have followed and the worker has nothing to do."""
    view = app.controller.view
    c = app.controller
    parts = c.pages, c.store
    idle(app, lambda: view.busy or app.desk.runner.busy or c.features.busy or any(p.waiting for p in parts))
    for _ in range(_LEVELS):  # what has grown moves what holds it, and that the next one, a turn of the loop each
        app.qt.processEvents()


def idle(app: Application, busy: Callable[[], bool]) -> None:
    """Runs the event loop until nothing is `busy`, and the answers that were on their way have asked for nothing more."""
    while True:
        wait(app, lambda: not busy())
        app.qt.processEvents()
        if not busy():
            return


def wait(app: Application, ready: Callable[[], object]) -> None:
    """Runs the event loop until `ready()`; raises ExplorerError after minutes."""
    from PySide6.QtCore import QDeadlineTimer, QEventLoop

    deadline = QDeadlineTimer(int(_LIMIT_S * 1000))
    while not ready():
        if deadline.hasExpired():
            raise ExplorerError(
                tr("The window was not ready in time."), tr("The limit is {limit_s:.0f} s.", limit_s=_LIMIT_S)
            )
        app.qt.processEvents(
            QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20
        )
