"""A place that can be smaller than what stands in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Adapting(QWidget):
    """A widget that stands otherwise where there is little room."""

    def adapt(self, room: QSize) -> None:
        """Logical pixels that there are for it, before it says how much it can do with."""


class Scrolling(QScrollArea):
    """Gives a widget all the room there is; where that is less than it can do with, it is scrolled and nothing of it is squeezed.
    Qt's own `widgetResizable` gives what has lines that wrap as much as it would like, and scrolls before it must."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what stands in it has
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._inner = widget
        self.setWidget(widget)
        widget.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return bool(super().eventFilter(watched, event))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if isinstance(self._inner, Adapting):
            self._inner.adapt(self.maximumViewportSize())
        room, least = self.maximumViewportSize(), self._least(self.maximumViewportSize().width())
        if least.height() > room.height():  # the bar beside it takes some of the width
            least = self._least(room.width() - self.verticalScrollBar().sizeHint().width())
            room.setWidth(room.width() - self.verticalScrollBar().sizeHint().width())
        self._inner.resize(room.expandedTo(least))

    def _least(self, width: int) -> QSize:
        """What the widget can do with, where it is so wide."""
        widget = self._inner
        least, layout = widget.minimumSizeHint().expandedTo(widget.minimumSize()), widget.layout()
        if layout is not None and layout.hasHeightForWidth():
            least.setHeight(max(least.height(), layout.minimumHeightForWidth(max(width, least.width()))))
        return least
