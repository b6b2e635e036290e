"""A canvas of cells that are pointed at and clicked."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from explorer.ui.widgets.canvas import Canvas

Cell = tuple[int, int]


class CellCanvas(Canvas):
    """`hovered` and `selected` carry the cell; subclasses say in `cell_at` which one lies where."""

    hovered = Signal(int, int)
    selected = Signal(int, int)

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name, empty, parent)
        self._hover: Cell | None = None
        self._pointer = QPointF()

    def cell_at(self, at: QPointF) -> Cell | None:
        raise NotImplementedError

    def choose(self, cell: Cell) -> None:
        """A cell was clicked."""
        self.selected.emit(*cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        cell = self.cell_at(self._pointer)
        if cell is not None and cell != self._hover:
            self.hovered.emit(*cell)
        if cell is None and self._hover is not None:
            self.left.emit()
        self._hover = cell
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.choose(cell)
        else:
            super().mousePressEvent(event)

    def forget_pointer(self) -> None:
        self._hover = None
