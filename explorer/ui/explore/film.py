"""Plays through the layers."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from explorer.ui.explore.strip_panel import StripPanel
from explorer.ui.explore.view import ExploreView
from explorer.ui.state import Store

_EVERY_MS = 160


class LayerFilm(QObject):
    """From the layer that is shown to the last one; from the start when it is at the end."""

    def __init__(self, store: Store, view: ExploreView, strip: StripPanel) -> None:
        super().__init__(strip)
        self._store, self._view, self._strip = store, view, strip
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._go_on)
        strip.film.connect(self.play)

    def play(self, on: bool) -> None:
        """Starts or stops."""
        if on and self._view.film_length:
            if self._view.film_step(1) == self._view.film_step(0):
                self._store.update(tap=self._view.film_tap(0))
            self._timer.start()
        else:
            self._timer.stop()

    def _go_on(self) -> None:
        here = self._view.film_step(0)
        self._store.update(tap=self._view.film_step(1))
        if self._view.film_step(0) == here:
            self._strip.play.setChecked(False)

    def stop(self) -> None:
        """Stops its timer; called once, when the window closes."""
        self._timer.stop()
