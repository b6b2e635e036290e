"""A quiet line between the tool bar and the maps, at the first start: there is a tour."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from explorer.core.translation import tr
from explorer.ui.widgets.frames import Elided


class OfferLine(QFrame):
    """`taken` or `declined`; it goes with either."""

    taken = Signal()
    declined = Signal()

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.words = Elided(words)
        self.take, self.leave = QPushButton(tr("Take the tour")), QPushButton(tr("Not now"))
        self.take.setProperty("main", True)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 3, 6, 3)
        line.addWidget(self.words, 1)
        line.addWidget(self.take)
        line.addWidget(self.leave)
        self.take.clicked.connect(self._take)
        self.leave.clicked.connect(self._leave)
        self.hide()

    def _take(self) -> None:
        self.hide()
        self.taken.emit()

    def _leave(self) -> None:
        self.hide()
        self.declined.emit()
