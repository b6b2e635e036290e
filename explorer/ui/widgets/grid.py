"""Tables of coloured cells: where a cell is, which one the pointer is on, and numbers written into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from explorer.core.cells import Cell
from explorer.core.types import Array
from explorer.ui.widgets.canvas import Canvas

_DARK = 130  # luma beneath which white is read better


def cell_rect(place: QRectF, shape: tuple[int, ...], cell: Cell) -> QRectF:
    """Where a cell of a table is drawn."""
    (rows, columns), (y, x) = shape, cell
    high, wide = place.height() / rows, place.width() / columns
    return QRectF(place.left() + x * wide, place.top() + y * high, wide, high)


def cell_at(place: QRectF, shape: tuple[int, ...], at: QPointF) -> Cell | None:
    """The cell of a table at a point, None beside it."""
    if not place.contains(at):
        return None
    rows, columns = shape
    y = int((at.y() - place.top()) / place.height() * rows)
    x = int((at.x() - place.left()) / place.width() * columns)
    return min(y, rows - 1), min(x, columns - 1)


def write_cells(
    painter: QPainter, place: QRectF, pixels: Array, says: Callable[[int, int], str], border: float = 0.0
) -> None:
    """Fills each cell with its pixel (0xffRRGGBB) and writes into it, in the ink that is read on it. Words that are too wide
    for a cell are drawn narrower, so that no digit is lost."""
    rows, columns = pixels.shape
    for y in range(rows):
        for x in range(columns):
            cell = cell_rect(place, (rows, columns), (y, x)).adjusted(border, border, -1, -1)
            colour = QColor.fromRgb(int(pixels[y, x]))
            painter.fillRect(cell, colour)
            painter.setPen(QColor("#ffffff" if _luma(colour) < _DARK else "#10131a"))
            _write(painter, cell, says(y, x))


def _write(painter: QPainter, cell: QRectF, words: str) -> None:
    wide = painter.fontMetrics().horizontalAdvance(words)
    if wide <= cell.width():
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, words)
        return
    painter.save()
    painter.translate(cell.center())
    painter.scale(cell.width() / wide, 1)
    painter.drawText(QRectF(-wide / 2, -cell.height() / 2, wide, cell.height()), Qt.AlignmentFlag.AlignCenter, words)
    painter.restore()


def _luma(colour: QColor) -> float:
    return 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue()


class PointedTables(Canvas):
    """One table, or several of the same shape: keeps the cell that the pointer is on in any of them."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "", parent)
        self._hover: Cell | None = None
        self._pointer = QPointF()

    def tables(self) -> tuple[Sequence[QRectF], tuple[int, ...]]:
        """Where they are, and their (rows, columns); ((), ()) for none."""
        raise NotImplementedError

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        places, shape = self.tables()
        found = (cell_at(place, shape, self._pointer) for place in places)
        self._hover = next((cell for cell in found if cell is not None), None)
        self.update()

    def forget_pointer(self) -> None:
        self._hover = None
