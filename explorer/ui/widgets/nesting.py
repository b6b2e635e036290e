"""A layout inside another one, without what PySide would remember of it."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QLayout
from shiboken6 import createdByPython, invalidate


def nest(outer: QBoxLayout, inner: QLayout, stretch: int = 0) -> None:
    """Adds a layout, filled or empty, at the end.

    PySide makes a wrapper of every item of a filled layout that is added, and keeps it when Qt deletes the item: whatever is
    made at its address later would come back as that item, and crash.
    """
    outer.addLayout(inner, stretch)
    _forget_items(inner)


def _forget_items(layout: QLayout) -> None:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        within = item.layout() if item is not None else None
        if within is not None:
            _forget_items(within)
        elif item is not None and not createdByPython(item):
            invalidate(item)
