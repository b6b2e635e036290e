"""The real window with the real worker, closed at the end; and waiting until nothing is to come any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

WAIT = 60_000  # ms until a test gives up


@contextmanager
def windows() -> Iterator[Callable[..., Any]]:
    """Opens windows of a size with the application's own arguments, and closes them whatever happens. `trust_code`: the Python
    files that a test has written run unasked, all of them; the application itself trusts only what is named to it."""
    from explorer.app import Application

    made: list[Any] = []

    def opened(trust_code: bool = True, size: tuple[int, int] = (1280, 800), **more: Any) -> Any:
        app = Application(trust_code=trust_code, **more)
        if trust_code:
            app.controller.trusts = lambda _spec: True
        made.append(app)
        app.window.resize(*size)
        app.window.show()
        return app

    try:
        yield opened
    finally:
        for app in made:
            app.window.close()
            app.window.deleteLater()


def until(qtbot: Any, ready: Callable[[], bool]) -> None:
    qtbot.waitUntil(ready, timeout=WAIT)


def await_capture(qtbot: Any, app: Any) -> None:
    """Until the first picture has gone through the model."""
    until(qtbot, lambda: app.controller.view.capture is not None)


def is_idle(app: Any) -> bool:
    """Whether the worker has nothing to do and every answer has been drawn."""
    c = app.controller
    shown = c.view.busy or c.compare.busy or c.features.busy
    return not (app.desk.runner.busy or shown or c.understand.waiting or c.store.waiting)


def rest(qtbot: Any, app: Any) -> None:
    """Until the worker has nothing to do and every answer has been drawn."""
    while True:
        until(qtbot, lambda: is_idle(app))
        app.qt.processEvents()  # an answer that was on its way may have asked for more
        if is_idle(app):
            return
