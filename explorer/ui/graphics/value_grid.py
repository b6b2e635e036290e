"""Tables of coloured cells, with their numbers where there is room for them: kernels, patches, products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.figure.panel_parts import values_part
from explorer.core.geometry.cells import Cell
from explorer.core.translation import tr
from explorer.ui.graphics.cell_pointer import CellGrid
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets import text

_NUMBERS_FROM = 28.0  # logical pixels of a cell's width; numbers do not fit into less
_DARK = 130  # luma beneath which white is read better


def symmetric(values: Array, top: float) -> render.Limits:
    """Limits from −top to top, for values that are coloured about zero."""
    bad = np.array([values.size - np.count_nonzero(np.isfinite(values))])
    return render.Limits(np.array([-top]), np.array([top]), True, bad, covers=True)


class ValueTable(pg.GraphicsObject):
    """One (rows, columns) table at a place of the view; a unit of the view is a logical pixel."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel
        self._picture = PictureItem()
        self._picture.setParentItem(self)
        self._hover = FrameItem("warm", 1.5)
        self._hover.setParentItem(self)
        self._numbers = CellNumbers()
        self._numbers.setParentItem(self)
        self.values: Array = np.zeros((0, 0))
        self.grid = CellGrid()

    def set_values(
        self, values: Array, pixels: Array, rect: QRectF, says: Callable[[float], str], written: bool
    ) -> None:
        """Shows values with their colours (0xffRRGGBB); `says` writes one, `written`: the numbers stand in the cells."""
        self.prepareGeometryChange()
        self.values, self.grid = values, CellGrid(values.shape[0], values.shape[1], rect)
        self._picture.set_pixels(pixels, rect)
        self._numbers.set_numbers(values if written else None, pixels, rect, says, self._panel.small_font(10))
        self.set_hover(None)

    def set_hover(self, cell: Cell | None) -> None:
        """Frames a cell."""
        self._hover.set_rects([] if cell is None else [self.grid.rect_of(cell)])

    def boundingRect(self) -> QRectF:
        return self.grid.rect

    def paint(self, *_: Any) -> None:
        """Its children paint."""


class CellNumbers(pg.GraphicsObject):
    """Numbers in cells, in the ink that is read on each. What is too wide for its cell is drawn narrower, so that no digit is
    lost."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: list[tuple[QRectF, str, QColor]] = []
        self._rect = QRectF()
        self._font: QFont | None = None

    def set_numbers(
        self, values: Array | None, pixels: Array, rect: QRectF, says: Callable[[float], str], font: QFont
    ) -> None:
        """The numbers of a table; None: none are written."""
        self.prepareGeometryChange()
        self._numbers, self._rect, self._font = [], QRectF(rect), font
        if values is not None and values.size:
            high, wide = rect.height() / values.shape[0], rect.width() / values.shape[1]
            for y, x in np.ndindex(values.shape):
                cell = QRectF(rect.x() + x * wide, rect.y() + y * high, wide, high).adjusted(1, 1, -1, -1)
                colour = QColor.fromRgb(int(pixels[y, x]))
                ink = QColor("#ffffff" if _luma(colour) < _DARK else "#10131a")
                self._numbers.append((cell, says(float(values[y, x])), ink))
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, *_: Any) -> None:
        if self._font is not None:
            painter.setFont(self._font)
        for cell, words, ink in self._numbers:
            painter.setPen(ink)
            write_narrow(painter, cell, words)


def write_narrow(painter: QPainter, cell: QRectF, words: str) -> None:
    """Writes words into the middle of a cell, narrower where they would not fit."""
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


class TablesPanel(Panel):
    """Panels of one or more tables of the same shape; a unit of the view is a logical pixel. Keeps the cell that the pointer
    is on in any of them."""

    def __init__(self, name: str, tables: int, parent: QWidget | None = None) -> None:
        super().__init__(name, "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.scrubs = False
        self.tables = tuple(ValueTable(self) for _ in range(tables))
        for table in self.tables:
            self.box.addItem(table, ignoreBounds=True)
        self.hover: Cell | None = None

    def lay_out(self) -> None:
        area = QRectF(self.viewport().rect())
        self.box.set_home(area, area, keep=False)
        self.place_tables()

    def place_tables(self) -> None:
        """The size has changed: subclasses place their tables."""

    def sentence(self, cell: Cell) -> str:
        """What stands beside the pointer."""
        return f"({cell[0]}, {cell[1]})"

    def point(self, at: QPointF | None) -> None:
        cells = (table.grid.cell_at(at) for table in self.tables) if at is not None else ()
        self.hover = next((cell for cell in cells if cell is not None), None)
        for table in self.tables:
            table.set_hover(self.hover)
        words = "" if self.hover is None else self.sentence(self.hover)
        self.read_out.say(words, at or QPointF(), self.box.seen)


class KernelGrid(TablesPanel):
    """One (kh, kw) slice, coloured about zero; small ones with their numbers written in, others with a read-out."""

    _CELL_W, _CELL_H = 46.0, 26.0
    _MOST_NUMBERS = 5  # up to 5 x 5 are written out, larger ones coloured

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Kernel"), 1, parent)
        self._values: Array | None = None
        self._limits: render.Limits | None = None
        self.begin(empty=False)

    def set_values(self, values: Array, limits: render.Limits) -> None:
        """`limits` are those of the whole filter, so that its slices can be compared."""
        self._values, self._limits = values, limits
        self.lay_out()

    @property
    def figure_part(self) -> MatrixPart | None:
        """The slice, with its numbers where they are few."""
        if self._values is None or self._limits is None:
            return None
        return values_part(self._values, self._limits, self.theme.diverging)

    @property
    def written(self) -> bool:
        """Whether the numbers are written into the cells."""
        return self._values is not None and max(self._values.shape) <= self._MOST_NUMBERS

    @property
    def picture(self) -> QRectF:
        """Where the cells are."""
        return self.tables[0].grid.rect

    def place_tables(self) -> None:
        if self._values is None or self._limits is None:
            return
        rows, columns = self._values.shape
        if self.written:
            high = min(rows * self._CELL_H, self.height())
            rect = QRectF(0, 0, min(columns * self._CELL_W, self.width()), high)
        else:
            scale = min(self.width() / columns, self.height() / rows)
            rect = QRectF(0, 0, columns * scale, rows * scale)
        pixels = render.colorize(self._values, self._limits, self.theme.diverging)
        self.tables[0].set_values(self._values, pixels, rect, text.signed, self.written)

    def restyle(self) -> None:
        self.place_tables()

    def sentence(self, cell: Cell) -> str:
        value = "" if self._values is None else text.signed(float(self._values[cell]), 5)
        return f"({cell[0]}, {cell[1]})   {value}"

    def sizeHint(self) -> QSize:
        return QSize(160, 112)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 60)


class PatchGrid(TablesPanel):
    """values × weights = products, cell by cell; numbers where they fit, a read-out under the pointer everywhere."""

    TITLES = (tr("patch"), tr("kernel"), tr("products"))
    _SIGN, _CAPTION, _ROW = 16.0, 16.0, 24.0
    _WRITTEN = 3  # columns: up to so many the products stand beneath, so that there is room for numbers
    _HIGHEST = 120.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Patch times kernel"), 3, parent)
        self.parts: tuple[Array, ...] = ()
        self._titles = self.TITLES
        self._tops: tuple[float, ...] = ()
        self._padded: Array = np.zeros((0, 0), bool)
        self._words = [pg.TextItem("", anchor=(0.5, 0.5)) for _ in range(5)]  # three titles, two signs
        for item in self._words:
            item.setFont(self.small_font(11))
            self.box.addItem(item, ignoreBounds=True)
        self.begin(empty=False)

    def set_patch(
        self, parts: tuple[Array, ...], tops: tuple[float, ...], padded: Array, titles: tuple[str, str, str] = TITLES
    ) -> None:
        """Three (kh, kw) arrays, the largest size of each over all input channels, and where the window lies past the map."""
        self.parts, self._tops, self._padded, self._titles = parts, tops, padded, titles
        total = float(parts[2].sum())
        self.setAccessibleDescription(tr("{size} products, sum {total}", size=parts[2].size, total=text.number(total)))
        self.updateGeometry()
        self.lay_out()

    def areas(self) -> list[QRectF]:
        """Where the three tables are."""
        if not self.parts:
            return []
        rows, columns = self.parts[0].shape
        across = 2 if columns <= self._WRITTEN else 3
        width = (self.width() - self._SIGN * across) / across
        side = width / columns
        height = rows * (min(side, self._ROW) if columns <= self._WRITTEN else side)
        if height > self._HIGHEST:
            height, width = self._HIGHEST, columns * self._HIGHEST / rows
        # the line of a kernel over time, or of one column, is seen, too
        height, width = max(height, self._ROW if rows == 1 else 0.0), max(width, self._ROW if columns == 1 else 0.0)
        places = [(0, 0), (0, 1), (1, 0)] if across == 2 else [(0, 0), (0, 1), (0, 2)]
        left = self._SIGN * (across == 2)
        step_x, step_y = width + self._SIGN, height + self._CAPTION
        return [QRectF(x * step_x + left, y * step_y + self._CAPTION, width, height) for y, x in places]

    def place_tables(self) -> None:
        for at, area in enumerate(self.areas()):
            values, top = self.parts[at], self._tops[at]
            pixels = render.colorize(values.astype(np.float32), symmetric(values, top), self.theme.diverging)
            written = area.width() / values.shape[1] >= _NUMBERS_FROM
            self.tables[at].set_values(values, pixels, area, lambda value: text.number(value, 2), written)
            self._words[at].setText(self._titles[at], self.theme.dim)
            self._words[at].setPos(area.center().x(), area.top() - self._CAPTION / 2)
            if at:
                self._words[2 + at].setText("×="[at - 1], self.theme.dim)
                self._words[2 + at].setPos(area.left() - self._SIGN / 2, area.center().y())

    def restyle(self) -> None:
        self.place_tables()

    def sentence(self, cell: Cell) -> str:
        value, weight, product = (float(part[cell]) for part in self.parts)
        where = "padding: " if self._padded.size and self._padded[cell] else ""
        return f"{where}{text.number(value, 4)} × {text.number(weight, 4)} = {text.signed(product, 4)}"

    def sizeHint(self) -> QSize:
        areas = self.areas()
        return QSize(220, int(areas[2].bottom() + 2) if areas else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())
