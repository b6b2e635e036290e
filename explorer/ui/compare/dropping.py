"""A column on which files may be let go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from explorer.ui.dropped_words import words_of_column
from explorer.ui.incoming import local_paths
from explorer.ui.widgets.drop_note import hint_drop
from explorer.ui.widgets.frames import Frame


class DropPanel(Frame):
    """`dropped` carries the paths of files that were let go over it. While they hang over it, it says what will be done with them."""

    dropped = Signal(list)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = local_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            hint_drop(self, words_of_column(paths))

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        hint_drop(self, "")

    def dropEvent(self, event: QDropEvent) -> None:
        hint_drop(self, "")
        paths = local_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)
