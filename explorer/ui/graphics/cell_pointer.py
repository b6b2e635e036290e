"""Cells of a grid in a view, and the one under the pointer: found, framed and read out in the same way in every panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QPointF, QRectF, Signal

from explorer.core.geometry.cells import Cell
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import Panel


@dataclass(frozen=True)
class CellGrid:
    """rows × columns cells that fill a rectangle of the view's units."""

    rows: int = 0
    columns: int = 0
    rect: QRectF = field(default_factory=QRectF)

    @staticmethod
    def of_units(rows: int, columns: int) -> CellGrid:
        """A grid whose cells are one unit of the view large, from the origin on."""
        return CellGrid(rows, columns, QRectF(0, 0, columns, rows))

    def cell_at(self, at: QPointF, near: bool = False) -> Cell | None:
        """The cell at a point, None beside the grid; `near`: there the cell at the edge."""
        rect = self.rect
        if not self.rows or not self.columns or not (near or rect.contains(at)):
            return None
        y = int((at.y() - rect.top()) / rect.height() * self.rows)
        x = int((at.x() - rect.left()) / rect.width() * self.columns)
        return min(max(y, 0), self.rows - 1), min(max(x, 0), self.columns - 1)

    def rect_of(self, cell: Cell) -> QRectF:
        """Where a cell is."""
        high, wide = self.rect.height() / self.rows, self.rect.width() / self.columns
        return QRectF(self.rect.x() + cell[1] * wide, self.rect.y() + cell[0] * high, wide, high)

    def holds(self, cell: Cell | None) -> bool:
        """Whether there is such a cell."""
        return cell is not None and 0 <= cell[0] < self.rows and 0 <= cell[1] < self.columns


class CellPointer(QObject):
    """The cell of a panel that is pointed at, with its frame and what stands beside the pointer. `hovered` carries (row, column)
    when the pointer comes to another cell, `left` that it went beside the grid."""

    hovered = Signal(int, int)
    left = Signal()

    def __init__(self, panel: Panel, words: Callable[[Cell], str], least: float = 0.0) -> None:
        """`words` says what a cell holds ("": nothing is read out); a frame is at least `least` logical pixels large."""
        super().__init__(panel)
        self.grid = CellGrid()
        self.cell: Cell | None = None
        self._panel, self._words, self._least = panel, words, least
        self._at: QPointF | None = None  # the pointer, while it is on the panel
        self._frame = FrameItem("warm", 1.5)
        panel.box.addItem(self._frame, ignoreBounds=True)

    def set_grid(self, grid: CellGrid) -> None:
        """Other cells; one that is no longer there is not pointed at any more."""
        self.grid = grid
        self.show(self.cell if grid.holds(self.cell) else None)

    def show(self, cell: Cell | None) -> None:
        """Frames a cell, whoever points at it."""
        self.cell = cell
        self.place()

    def framed(self, cell: Cell) -> QRectF:
        """The frame of a cell, never smaller than can be seen."""
        rect, (down, across) = self.grid.rect_of(cell), self._panel.scale_of_view
        wider, higher = max(self._least / across - rect.width(), 0) / 2, max(self._least / down - rect.height(), 0) / 2
        return rect.adjusted(-wider, -higher, wider, higher)

    def place(self) -> None:
        """Zoom, place or values have changed."""
        panel, cell = self._panel, self.cell if self.grid.holds(self.cell) else None
        self._frame.set_rects([] if cell is None else [self.framed(cell)])
        if cell is None or self._at is None:
            panel.read_out.say("", QPointF(), QRectF())
        else:
            panel.read_out.say(self._words(cell), self._at, panel.box.seen)

    def point(self, at: QPointF | None) -> None:
        """The pointer is at a point of the view; None: it went away from the panel."""
        cell = None if at is None else self.grid.cell_at(at)
        before, self._at = self.cell, at
        if cell is None and before is not None and at is not None:
            self.left.emit()
        if cell is not None and cell != before:
            self.hovered.emit(*cell)
        self.show(cell)
