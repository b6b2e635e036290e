"""What holds for every panel of the folder, whoever adds one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
from PySide6.QtWidgets import QWidget

from explorer.ui import graphics
from explorer.ui.graphics.panel import Panel

for module in pkgutil.iter_modules(graphics.__path__):
    importlib.import_module(f"{graphics.__name__}.{module.name}")


def _kinds(cls: type[Panel]) -> list[type[Panel]]:
    return [found for kind in cls.__subclasses__() for found in (kind, *_kinds(kind))]


def _plain(kind: type[Panel]) -> bool:
    needed = list(inspect.signature(kind.__init__).parameters.values())[1:]
    return all(one.default is not inspect.Parameter.empty for one in needed)


KINDS = [kind for kind in _kinds(Panel) if kind.__module__.startswith(graphics.__name__) and _plain(kind)]


def test_found() -> None:
    assert {"MapView", "StripView", "MosaicPanel", "ImagePanel"} <= {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_lays_itself_out_when_its_size_changes(qtbot, kind: type[Panel], monkeypatch) -> None:
    """A panel whose constructor does not end in `begin` keeps the places of its first size."""
    called: list[Panel] = []
    monkeypatch.setattr(kind, "lay_out", lambda self, *_: called.append(self))
    window = QWidget()  # a panel may have a size of its own, a window of that size is another matter
    qtbot.addWidget(window)
    view = kind(parent=window)
    view.resize(300, 200)
    window.show()
    called.clear()
    view.setMaximumSize(500, 400)
    view.resize(500, 400)
    assert called
