"""A button that does something as long as it is held, by mouse or with Space."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QPushButton, QWidget


class HoldButton(QPushButton):
    """`began` and `ended` come in turns. A pointer that slips off goes on holding; a key that repeats is held once."""

    began = Signal()
    ended = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAutoDefault(False)
        self._holding = False
        self.pressed.connect(self._begin)
        self.released.connect(self.let_go)

    def _begin(self) -> None:
        if not self._holding:
            self._holding = True
            self.began.emit()

    def let_go(self) -> None:
        """Ends what is held, as if the button were let go."""
        if self._holding:
            self._holding = False
            self.setDown(False)
            self.ended.emit()

    def event(self, event: QEvent) -> bool:
        space = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if space and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else it would play and pause
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.let_go()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.let_go()
