"""The attention between all tokens in a column: whose weights, and lines or a matrix of them. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.token_lines import TokenLines
from explorer.ui.graphics.token_matrix import TokenMatrix
from explorer.ui.widgets.chooser import chooser
from explorer.ui.widgets.page_frame import column_of


class BetweenPanel(QWidget):
    """`head_chosen` carries the number of a head, None for their mean."""

    head_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines, self.matrix = TokenLines(), TokenMatrix()
        self.whose = chooser(
            tr("Head"), tr("Whose weights are shown. Linked columns of the same architecture take the same head")
        )
        inside, self._scroll = QWidget(), QScrollArea()
        column_of(inside, self.lines, self.matrix).addStretch(1)  # the rows of all columns begin at one height
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.current().tight)
        body.addWidget(self.whose)
        body.addWidget(self._scroll, 1)
        self.setMinimumSize(120, 90)
        self.whose.activated.connect(self._choose_head)
        self.show_matrix(False)

    def show_matrix(self, on: bool) -> None:
        """The matrix, or the lines."""
        self.lines.setVisible(not on)
        self.matrix.setVisible(on)

    @property
    def front(self) -> Panel:
        """What the keys go to."""
        return self.lines if self.matrix.isHidden() else self.matrix

    def set_whose(self, heads: int, head: int | None) -> None:
        """How many heads there are, and which one is shown, None: their mean."""
        if self.whose.count() != heads + 1:
            self.whose.clear()
            self.whose.addItem(tr("mean of {heads} heads", heads=heads) if heads > 1 else tr("its head"), None)
            for number in range(heads):
                self.whose.addItem(tr("head {number}", number=number), number)
        self.whose.setCurrentIndex(0 if head is None else head + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.matrix.set_room(self._scroll.height())

    def _choose_head(self) -> None:
        self.head_chosen.emit(self.whose.currentData())
