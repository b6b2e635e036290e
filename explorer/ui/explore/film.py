"""Plays through the layers."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from explorer.ui.explore.strip_panel import StripPanel
from explorer.ui.model_pane.pane_layers import PaneLayers
from explorer.ui.state import Store

_EVERY_MS = 160


class LayerFilm(QObject):
    """From the layer that is shown to the last one; from the start when it is at the end."""

    def __init__(self, store: Store, layers: PaneLayers, strip: StripPanel) -> None:
        super().__init__(strip)
        self._store, self._layers, self._strip = store, layers, strip
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._go_on)
        strip.film.connect(self.play)

    def play(self, on: bool) -> None:
        """Starts or stops."""
        if on and self._layers.taps:
            if self._layers.beside(1) == self._layers.beside(0):
                self._store.update(tap=self._layers.name(0))
            self._timer.start()
        else:
            self._timer.stop()

    def _go_on(self) -> None:
        here = self._layers.beside(0)
        self._store.update(tap=self._layers.beside(1))
        if self._layers.beside(0) == here:
            self._strip.play.setChecked(False)

    def stop(self) -> None:
        """Stops its timer; called once, when the window closes."""
        self._timer.stop()
