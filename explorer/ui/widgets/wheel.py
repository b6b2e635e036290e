"""Wheel turns into whole steps: mice send 120 a notch, touchpads many small amounts."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent

_NOTCH = 120


class WheelSteps:
    def __init__(self) -> None:
        self._rest = 0

    def steps(self, event: QWheelEvent) -> int:
        """Whole steps since the last one; positive is down or right, which is deeper. A change of direction starts afresh."""
        delta = event.angleDelta()
        turn = -delta.y() if abs(delta.y()) >= abs(delta.x()) else -delta.x()
        if turn * self._rest < 0:
            self._rest = 0
        self._rest += turn
        whole = int(self._rest / _NOTCH)
        self._rest -= whole * _NOTCH
        return whole
