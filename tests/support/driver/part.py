"""How a page object names what lies in the window."""

from __future__ import annotations

from operator import attrgetter
from typing import Any


def at(path: str) -> Any:
    """A property that leads to a widget or a value along `path`, from the page object on. No Python frame of its own, so
    that counts of functions stay those of the application."""
    return property(attrgetter(path))


class Part:
    """A part of the window as a person sees it; `_controller` and `_window` are what it lies in today."""

    def __init__(self, app: Any) -> None:
        self._controller, self._window = app.controller, app.window
