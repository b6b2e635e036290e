"""What a person waits for in the window: from a key until the maps have been painted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.app import Application

_LIMIT_S = 10.0


class Paints(QObject):
    """Counts the paint events of widgets: what a person sees of them."""

    painted = Signal()

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.count = 0
        for widget in widgets:
            _surface(widget).installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.count += 1
            self.painted.emit()
        return False


def _surface(widget: QWidget) -> QWidget:
    """What is painted: a view paints its viewport, a panel with a bar beside it has its view in `view` (a vector in `bars`)."""
    view: QWidget = getattr(widget, "view", getattr(widget, "bars", widget))
    return view.viewport() if isinstance(view, QAbstractScrollArea) else view


def paint_after(app: Application, paints: Paints, act: Callable[[], object], limit: float = _LIMIT_S) -> float:
    """Seconds from the act until the window with the new maps has been painted. Raises ExplorerError when it never is."""
    before, start = paints.count, time.perf_counter()
    act()
    while paints.count == before:
        app.qt.processEvents()
        if time.perf_counter() - start > limit:
            raise ExplorerError(tr("The maps were not drawn."), tr("The limit is {limit:.0f} s.", limit=limit))
    return time.perf_counter() - start


def scrub(app: Application, paints: Paints) -> list[float]:
    """Once through the film from its first layer on, by key, one key after the other: seconds of each step."""
    from explorer.cli.waits import await_rest

    strip = app.window.explore.strip.strip
    strip.setFocus()
    _press(strip, Qt.Key.Key_Home)
    await_rest(app)
    steps = range(len(app.controller.view.layers.taps) - 1)
    return [paint_after(app, paints, lambda: _press(strip, Qt.Key.Key_Right)) for _ in steps]


def _press(widget: QWidget, key: Qt.Key) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key.value, Qt.KeyboardModifier.NoModifier))
