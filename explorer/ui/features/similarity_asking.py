"""One place compared with all others while the pointer moves: at once where that is quick, else in pieces between turns."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from explorer.core.arrays import Array
from explorer.core.geometry.cells import Cell
from explorer.core.layer_views import Directions
from explorer.engine.representations.similarity import ranked

_PIECE = 1 << 20  # products at a time: about a quarter of a millisecond
_TURN = 1  # ms between two turns of the event loop


class Asking(QObject):
    """`answered` carries a Similarity, within `ask` where it takes no longer than a turn. A new question ends the last one."""

    answered = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._there: Directions | None = None
        self._query: Array = np.empty(0)
        self._own: Cell | None = None
        self._products = np.empty(0)
        self._done = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    def ask(self, there: Directions, query: Array, own: Cell | None) -> None:
        """Cosines of the direction `query` with every cell; `own`: the cell it is of, where it is one of these."""
        self._there, self._query, self._own = there, query, own
        self._products, self._done = np.empty(len(there.units)), 0
        self._timer.start()
        self._go_on()

    def stop(self) -> None:
        self._timer.stop()

    def _go_on(self) -> None:
        assert self._there is not None
        turn, units = QElapsedTimer(), self._there.units
        turn.start()
        step = max(_PIECE // max(units.shape[1], 1), 1)
        while self._done < len(units):
            end = self._done + step
            self._products[self._done : end] = units[self._done : end] @ self._query
            self._done = end
            if turn.elapsed() >= _TURN and self._done < len(units):
                return
        self._timer.stop()
        self.answered.emit(ranked(self._there, self._products, self._own))
