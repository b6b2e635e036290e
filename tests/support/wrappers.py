"""Python wrappers of things that Qt has made and may delete without telling: PySide hands a dead one out again for whatever
is made at its address."""

from __future__ import annotations

import gc
from collections import Counter

_FOR_GOOD = ("QMetaObject",)  # lives as long as its class


def at_risk() -> Counter[str]:
    """Classes of wrappers that are kept though Qt made and owns what they stand for, and tells nobody when that goes. A
    QObject tells it; what Python made tells it too; an item of a layout that is still in it is alive."""
    import shiboken6
    from PySide6.QtCore import QObject

    gc.collect()
    every = [each for each in shiboken6.getAllValidWrappers() if type(each).__name__ not in _FOR_GOOD]
    held = [
        each
        for each in every
        if not (isinstance(each, QObject) or shiboken6.createdByPython(each) or shiboken6.ownedByPython(each))
    ]
    alive, kept = _items_of_layouts(every), _in_arrays(every)
    found = [each for each in held if shiboken6.getCppPointer(each)[0] not in alive and id(each) not in kept]
    return Counter(type(each).__name__ for each in found)


def _in_arrays(every: list[object]) -> set[int]:
    """Wrappers of rectangles, lines and points that stand in an array that an item of pyqtgraph has, and that lives as long."""
    from pyqtgraph.Qt.internals import PrimitiveArray

    arrays = [each for item in every for each in getattr(item, "__dict__", {}).values()]
    kept = [getattr(each, "_objs", None) or () for each in arrays if isinstance(each, PrimitiveArray)]
    return {id(wrapper) for objects in kept for wrapper in objects}


def _items_of_layouts(every: list[object]) -> set[int]:
    """Addresses of what stands in layouts now. Asking for an item makes a wrapper that its layout keeps: those go again."""
    import shiboken6
    from PySide6.QtWidgets import QLayout

    before = {id(each) for each in every}
    layouts = [each for each in every if isinstance(each, QLayout)]
    items = [item for layout in layouts for at in range(layout.count()) if (item := layout.itemAt(at)) is not None]
    found = {shiboken6.getCppPointer(item)[0] for item in items}
    for item in items:
        if id(item) not in before and not isinstance(item, QLayout):
            shiboken6.invalidate(item)
    return found
