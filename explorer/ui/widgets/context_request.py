"""A right click, or the menu key, on something that the window knows more about."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu, QWidget


class ContextRequest(QEvent):
    """Sent to the window: the widget, the point on the screen, and whether the mouse asks. Whoever shows a menu sets `taken`."""

    KIND = QEvent.Type(QEvent.registerEventType())

    def __init__(self, widget: QWidget, at: QPoint, by_mouse: bool) -> None:
        super().__init__(self.KIND)
        self.widget, self.at, self.by_mouse, self.taken = widget, at, by_mouse, False


def ask_for_menu(widget: QWidget, event: QContextMenuEvent) -> None:
    """The window's menu for a widget; where it has none, the widget's own actions."""
    by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
    request = ContextRequest(widget, event.globalPos(), by_mouse)
    QCoreApplication.sendEvent(widget.window(), request)
    if not request.taken and widget.actions():
        menu = QMenu(widget)
        menu.addActions(widget.actions())
        menu.exec(event.globalPos())
        menu.deleteLater()
    event.accept()
