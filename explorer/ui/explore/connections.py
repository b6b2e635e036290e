"""What feeds the layer that is shown and what it feeds, as a list that the keyboard goes through."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.explore.strip_panel import StripPanel
from explorer.ui.model_pane.pane_layers import PaneLayers

_ABOUT = tr("The layers that feed the current one and those that it feeds; Return goes to one")
_LOST = tr("not followed: made by code that torch functions do not show")


class Connections(QObject):
    """A menu of the button beside the strip, filled when it opens."""

    def __init__(self, panel: StripPanel, layers: PaneLayers, go: Callable[[str], object]) -> None:
        super().__init__(panel)
        self._panel, self._layers, self._go = panel, layers, go
        self.menu = QMenu(panel.links)
        self.menu.setAccessibleName(tr("Connections of the layer"))
        self.menu.aboutToShow.connect(self.fill)
        panel.links.clicked.connect(self.open)

    def own_actions(self) -> tuple[Action, ...]:
        """The key."""
        title = tr("Connections of the layer …")
        return (Action("go.connections", title, self.open, ("G",), "Go/Layers", "explore", _ABOUT, why_not=self._none),)

    def _none(self) -> str:
        return "" if self._layers.graph.feeds else tr("No layer is shown yet.")

    def open(self) -> None:
        """Above the button."""
        self.fill()
        button = self._panel.links
        self.menu.popup(button.mapToGlobal(QPoint(0, -self.menu.sizeHint().height())))
        first = next((entry for entry in self.menu.actions() if entry.isEnabled()), None)
        if first is not None:
            self.menu.setActiveAction(first)

    def fill(self) -> None:
        """With what is there of the current layer."""
        self.menu.clear()
        graph, at = self._layers.graph, self._panel.strip.current
        if not 0 <= at < len(graph.feeds):
            self._head(tr("No layer is shown yet."))
            return
        self._head(tr("{name} is fed by", name=self._layers.name(at)))
        if not graph.known[at]:
            self._head(_LOST)
        elif graph.from_input[at]:
            self._head(tr("  the input"))
        self._add(graph.feeds[at])
        self.menu.addSeparator()
        self._head(tr("and feeds") if graph.fed[at] else tr("and feeds no layer"))
        self._add(graph.fed[at])

    def _head(self, words: str) -> None:
        self.menu.addAction(words).setEnabled(False)

    def _add(self, places: tuple[int, ...]) -> None:
        for place in places:
            tap = self._layers.taps[place]
            # an ampersand would be a mnemonic
            title = f"{tap.name}    {tap.type}".replace("&", "&&")
            self.menu.addAction(title).triggered.connect(partial(self._chosen, tap.name))

    def _chosen(self, name: str, _checked: bool = False) -> None:
        self._go(name)
