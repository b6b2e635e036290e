"""pyqtgraph as this application uses it: rows first, no OpenGL, every move of the pointer is delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

_ASKED = ("__dir__", "__getattr__")


@contextmanager
def _looked_up_late(*sources: ModuleType) -> Iterator[None]:
    """While pyqtgraph is imported. It copies all names of these modules into modules of its own, for which PySide must make every
    class and enumeration of Qt, a third of the import. Here it finds one name to copy: the function that looks up the others late."""
    own = [{name: vars(source)[name] for name in _ASKED if name in vars(source)} for source in sources]
    for source in sources:
        vars(source).update(__dir__=lambda: ["__getattr__"], __getattr__=_lookup(source))
    try:
        yield
    finally:
        for source, names in zip(sources, own, strict=True):
            for name in _ASKED:
                del vars(source)[name]
            vars(source).update(names)


def _lookup(source: ModuleType) -> Callable[[str], Any]:
    asked: set[str] = set()  # for now the source itself asks here as well, before it makes a class

    def __getattr__(name: str) -> Any:
        if name in asked:
            raise AttributeError(f"module {source.__name__!r} has no attribute {name!r}")
        asked.add(name)
        try:
            return getattr(source, name)
        finally:
            asked.discard(name)

    return __getattr__


def _looked_up_once(own: ModuleType, source: ModuleType) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:
        value = getattr(source, name)
        vars(own)[name] = value
        return value

    return __getattr__


with _looked_up_late(QtCore, QtGui, QtWidgets):
    import pyqtgraph as pg

for _own, _source in ((pg.Qt.QtCore, QtCore), (pg.Qt.QtGui, QtGui), (pg.Qt.QtWidgets, QtWidgets)):
    vars(_own)["__getattr__"] = _looked_up_once(_own, _source)

# useOpenGL draws wrong pictures of large arrays and changes how the whole window is composed (pyqtgraph#1371, #2656)
pg.setConfigOptions(imageAxisOrder="row-major", antialias=False, useOpenGL=False, mouseRateLimit=-1)

__all__ = ["pg"]
