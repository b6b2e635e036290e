"""Names of what a guide can point at -> where it stands in the window now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from explorer.ui.window import Window

_LEAST = 12  # px that must be seen of it
_PARTS: dict[str, Callable[[Window], QWidget]] = {
    "input": lambda window: window.explore.input.picture,
    "prediction": lambda window: window.explore.input.prediction,
    "numbers": lambda window: window.explore.input.numbers,
    "maps": lambda window: window.explore.maps,
    "map": lambda window: window.explore.channel.map,
    "channel": lambda window: window.explore.channel,
    "strip": lambda window: window.explore.strip,
    "toolbar.model": lambda window: (
        window.toolbar.model if window.explore.isVisibleTo(window) else window.toolbar.workspaces["explore"]
    ),
    "toolbar.input": lambda window: window.toolbar.input,
}


def spot(window: Window, names: tuple[str, ...]) -> QRect | None:
    """The first of these that can be seen, in coordinates of the window's page; None for none."""
    return next((rect for name in names if (rect := _seen(window, name)) is not None), None)


def known(window: Window, name: str) -> bool:
    """Whether something is called so."""
    part, _, page = name.partition(".")
    return _widget(window, name) is not None or (part == "page" and page in window.explore.channel.names)


def _widget(window: Window, name: str) -> QWidget | None:
    part, _, page = name.partition(".")
    channel = window.explore.channel
    if part == "tab" and page in channel.names:
        return channel.tabs.button(channel.names.index(page))
    if part == "page" and page in channel.names:
        return channel.pages.get(page)  # None until it is first opened
    if part == "workspace":
        return window.toolbar.workspaces.get(page)
    if name not in _PARTS:
        return getattr(window.workspaces.get(part), "spots", {}).get(page)  # of a workspace that names its parts
    return _PARTS[name](window)


def _seen(window: Window, name: str) -> QRect | None:
    widget, whole = _widget(window, name), window.centralWidget()
    if widget is None or whole is None or not widget.isVisible():
        return None
    seen, at = QRect(widget.mapTo(whole, QPoint(0, 0)), widget.size()), widget.parentWidget()
    while at is not None and at is not whole:  # not `visibleRegion`: that is without what the card itself covers
        seen &= QRect(at.mapTo(whole, QPoint(0, 0)), at.size())
        at = at.parentWidget()
    return seen if min(seen.width(), seen.height()) >= _LEAST else None
