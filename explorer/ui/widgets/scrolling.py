"""A place that can be smaller than what stands in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class _Room(QWidget):
    """Says the least that a widget can do with. The widget itself would be given all the height that its lines would like to have, once
    there is any text in it that wraps."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._inside = widget
        widget.setParent(self)
        widget.show()

    def minimumSizeHint(self) -> QSize:
        return self._inside.minimumSizeHint().expandedTo(self._inside.minimumSize())

    def sizeHint(self) -> QSize:
        return self._inside.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._inside.setGeometry(self.rect())
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # it can do with less, or needs more
            self.updateGeometry()
        return super().event(event)


class Scrolling(QScrollArea):
    """Gives a widget all the room there is; where that is less than it can do with, it is scrolled and nothing of it is squeezed."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what stands in it has
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        room = _Room(widget)
        self.setWidget(room)
        for each in (room, widget):
            each.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
