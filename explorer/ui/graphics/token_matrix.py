"""Attention between all tokens as a matrix: rows are queries, columns keys, names on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.figure.panel_parts import ATTENTION, weights_part
from explorer.core.geometry.cells import Cell
from explorer.core.token_labels import TokenLabel
from explorer.core.translation import tr
from explorer.ui import text_size
from explorer.ui.graphics.cell_pointer import CellGrid, CellPointer
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import ARROWS
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.graphics.token_axis import TokenAxis
from explorer.ui.widgets import text

_NAMES = 58.0  # px of the names on either side
_LEAST = 5.0  # px of a frame
_LARGEST = 440  # px of the whole panel
_ROW = 10.5  # px of a row that has a name


class TokenMatrix(PlotPanel):
    """`hovered` and `chosen` carry the number of a query, `released` (Esc) that none is locked any more."""

    hovered = Signal(int)
    chosen = Signal(int)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._rows, self._columns = TokenAxis("left", _NAMES), TokenAxis("bottom", _NAMES)
        super().__init__(
            tr("Attention between all tokens"), "", parent, left=self._rows, bottom=self._columns, upward=False
        )
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setToolTip(tr("Rows: queries. Columns: keys. Click locks a row, Esc unlocks it. Ctrl + wheel enlarges"))
        self.box.scrubs = False
        self.values: Array | None = None
        self.steps = (1, 1)
        self._queries = 0
        self._room: int | None = None
        self._locked: int | None = None
        self._picture = PictureItem()
        self._frame = FrameItem("accent", 1.5)
        for item in (self._picture, self._frame):
            self.box.addItem(item, ignoreBounds=True)
        self.cells = CellPointer(self, self._words, _LEAST)
        self.cells.hovered.connect(self._hover)
        self.cells.left.connect(self.left)
        self.box.clicked.connect(self._click)
        self.offer(tr("Show all"), self._fit)
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    def set_weights(
        self,
        values: Array,
        queries: Sequence[TokenLabel],
        keys: Sequence[TokenLabel],
        steps: tuple[int, int],
        off: tuple[frozenset[int], frozenset[int]],
    ) -> None:
        """(rows, columns) from 0 up, a cell the largest of `steps` queries and keys. `off`: rows and columns that are dimmed."""
        same = self.values is not None and self.values.shape == values.shape
        self.values, self.steps, self._queries = values, steps, len(queries)
        self._rows.set_tokens(queries, steps[0], off[0])
        self._columns.set_tokens(keys, steps[1], off[1])
        self._columns.fit_names(_NAMES)
        self.refit()
        self.show_message(False)
        self.cells.set_grid(CellGrid.of_units(*values.shape))
        whole = QRectF(0, 0, values.shape[1], values.shape[0])
        self.box.set_home(whole, whole, keep=same)
        self._paint()
        self._mark()
        self.setAccessibleDescription(tr("{count} queries, {count2} keys", count=len(queries), count2=len(keys)))
        self.updateGeometry()

    @property
    def figure_part(self) -> MatrixPart | None:
        """All weights with the names of the tokens."""
        if self.values is None:
            return None
        rows, columns = self.values.shape
        queries = [self._rows.name_at(at) for at in range(rows)]
        keys = [self._columns.name_at(at) for at in range(columns)]
        return weights_part(self.values, queries, keys, steps=self.steps)

    def _paint(self) -> None:
        if self.values is not None:
            limits = render.limits(self.values[None], render.ScaleMode.PER_LAYER)
            pixels = render.colorize(np.asarray(self.values, np.float32)[None], limits, ATTENTION)[0]
            self._picture.set_pixels(pixels, self.box.home)

    def restyle(self) -> None:
        self._paint()

    def set_marked(self, query: int | None, locked: bool = False) -> None:
        """The query whose row is looked at, and whether it stays."""
        self._locked = query if locked else None
        self._rows.set_marked(None if query is None else query // self.steps[0])
        self._mark()

    def _mark(self) -> None:
        at, rows = self._locked, 0 if self.values is None else self.values.shape[0]
        shown = at is not None and at // self.steps[0] < rows and self.values is not None
        wide = 0 if self.values is None else self.values.shape[1]
        self._frame.set_rects([QRectF(0, (at or 0) // self.steps[0], wide, 1)] if shown else [])

    def set_room(self, height: int) -> None:
        """px of height that there are: what is smaller is taken only by names that would have none."""
        if height != self._room:
            self._room = height
            self.updateGeometry()

    def clear(self, message: str) -> None:
        """A sentence instead."""
        self.values = None
        self.cells.set_grid(CellGrid())
        self.set_empty(message)
        self.show_message(True)

    def moved(self) -> None:
        self.cells.place()
        for axis in (self._rows, self._columns):
            axis.update()

    def _words(self, cell: Cell) -> str:
        value = "" if self.values is None else text.percent(float(self.values[cell]))
        largest = tr("largest ") if self.steps != (1, 1) else ""
        return f"{self._rows.name_at(cell[0])} → {self._columns.name_at(cell[1])}   {largest}{value}"

    def point(self, at: QPointF | None) -> None:
        self.cells.point(at)
        self._columns.set_marked(None if self.cells.cell is None else self.cells.cell[1])

    def _hover(self, row: int, _column: int) -> None:
        self.hovered.emit(row * self.steps[0])

    def _click(self, at: QPointF) -> None:
        cell = self.cells.grid.cell_at(at)
        if cell is not None:
            self.chosen.emit(cell[0] * self.steps[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._locked is not None:
            self.released.emit()
        elif step is not None and step[0] and self.values is not None:
            before = self._locked if self._locked is not None else -self.steps[0] if step[0] > 0 else self.steps[0]
            self.chosen.emit(min(max(before + step[0] * self.steps[0], 0), self._queries - 1))
        elif not self.zoom_key(event.key()):
            event.ignore()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Square cells, as long as there are no more queries than keys by far."""
        if self.values is None:
            return 120
        rows, columns = self.values.shape
        beneath = self._columns.thickness
        most = (
            _LARGEST
            if self._room is None
            else min(max(self._room, rows * _ROW * text_size.factor() + beneath), _LARGEST)
        )
        return int(min((width - _NAMES) * min(rows / columns, 1.5) + beneath, most))

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(max(self.width(), 200)))
