"""A panel on which files may be let go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from explorer.ui.incoming import local_paths
from explorer.ui.widgets.frames import Frame


class DropPanel(Frame):
    """`dropped` carries the paths of files that were let go over it. Its frame is marked while they hang over it."""

    dropped = Signal(list)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event.mimeData()):
            event.acceptProposedAction()
            self._mark(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark(False)
        paths = local_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def _mark(self, on: bool) -> None:
        self.setProperty("target", on)
        self.style().unpolish(self)  # the sheet is read again for a property
        self.style().polish(self)
