"""The wheel as whole steps (mice send 120 a notch, touchpads many small amounts), and past what must not take it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget

_NOTCH = 120


class WheelSteps:
    def __init__(self) -> None:
        self._rest = 0

    def steps(self, event: QWheelEvent) -> int:
        """Whole steps since the last one; positive is down or right, which is deeper. A change of direction starts afresh."""
        delta = event.angleDelta()
        return self.of(-delta.y() if abs(delta.y()) >= abs(delta.x()) else -delta.x())

    def of(self, turn: int) -> int:
        """Whole steps of a turn in eighths of a degree, counted on from the last one."""
        if turn * self._rest < 0:
            self._rest = 0
        self._rest += turn
        whole = int(self._rest / _NOTCH)
        self._rest -= whole * _NOTCH
        return whole


class _Passed(QObject):
    """Sends the wheel past a widget that has not been chosen."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget) or watched.hasFocus():
            return False
        event.ignore()
        return True


def keep_scrolling(column: QWidget) -> None:
    """Numbers, lists and sliders in a column that scrolls take the wheel only while they have the focus, which the wheel does
    not give them: whoever scrolls past must not change a value."""
    passed = _Passed(column)
    for kind in (QAbstractSpinBox, QComboBox, QSlider):
        for widget in column.findChildren(kind):
            if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus:
                widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(passed)
