"""Where the grips between the parts of the window stand is remembered between starts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QByteArray

from explorer.ui.settings import Settings
from explorer.ui.widgets.splitter import GripSplitter


def keep_sizes(settings: Settings, splitters: Mapping[str, GripSplitter]) -> None:
    """Puts each as a person left it, and remembers it from now on."""
    for name, splitter in splitters.items():
        state = settings.geometry(f"sizes/{name}")
        if not state.isEmpty() and splitter.restoreState(state):
            splitter.moved = True
        splitter.dragged.connect(partial(_keep, settings, f"sizes/{name}", splitter))


def _keep(settings: Settings, name: str, splitter: GripSplitter) -> None:
    settings.put(name, splitter.saveState() if splitter.moved else QByteArray())
