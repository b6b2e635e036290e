"""A matrix of similarity with axes, a path through it and a cross on the current pair: a picture that leads there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.figure.panel_parts import cka_part
from explorer.core.geometry.cells import Cell
from explorer.core.render.matrix import cell_colours
from explorer.core.representations import Cka
from explorer.core.translation import tr
from explorer.ui.graphics.axes import IndexAxis
from explorer.ui.graphics.cell_pointer import CellGrid, CellPointer
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.over_bar import OverBar
from explorer.ui.graphics.panel import ARROWS
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotPanel

COLORMAP = "magma"
Pair = tuple[int, int]  # row, column
_LEAST = 6.0  # logical pixels of a frame


class MatrixView(PlotPanel):
    """The matrix itself; signals are those of MatrixPanel."""

    hovered = Signal(int, int)
    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Layer similarity (CKA)"),
            tr("Choose a model in two columns to compare their layers."),
            parent,
            left=IndexAxis("left", 26),
            bottom=IndexAxis("bottom"),
            upward=False,
        )
        self.setMinimumSize(120, 170)
        self.box.scrubs = False
        self.found: Cka | None = None
        self.path: Sequence[int] = ()
        self.current: Pair | None = None
        self._picture, self._unknown = PictureItem(), QGraphicsPathItem()
        self._unknown.setPen(Qt.PenStyle.NoPen)
        self._line = FrameItem("#ffffff", 1.5, edge="#000000")
        self._cross, self._frame = FrameItem("accent", 1.0, opacity=0.8), FrameItem("accent", 2.0)
        for item in (self._picture, self._unknown, self._line, self._cross, self._frame):
            self.box.addItem(item, ignoreBounds=True)
        self.cells = CellPointer(self, _no_words, _LEAST)  # what a cell holds stands beneath the matrix
        self.cells.hovered.connect(self.hovered)
        self.cells.left.connect(self.left)
        self.box.clicked.connect(self._click)
        self.offer(tr("Show all"), self._fit)
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    def set_matrix(self, found: Cka | None, path: Sequence[int]) -> None:
        same = found is not None and self.found is not None and self._shape == (len(found.rows), len(found.columns))
        self.found, self.path = found, path
        rows, columns = self._shape
        self.show_message(not rows or not columns)
        self.cells.set_grid(CellGrid.of_units(rows, columns))
        if found is None or not rows or not columns:
            return
        whole = QRectF(0, 0, columns, rows)
        self.box.set_home(whole, whole, keep=same)
        colours = cell_colours(found.values, found.known, COLORMAP, found.weak)
        self._picture.set_pixels(np.ascontiguousarray(colours), whole)
        self._unknown.setPath(_unknown(found))
        self.restyle()
        line = QPainterPath()
        for row, column in enumerate(path):
            at = QPointF(column + 0.5, row + 0.5)
            line.moveTo(at) if not row else line.lineTo(at)
        self._line.set_path(line)
        self._place()

    def restyle(self) -> None:
        self._unknown.setBrush(QBrush(QColor(self.theme.window), Qt.BrushStyle.BDiagPattern))

    @property
    def figure_part(self) -> MatrixPart | None:
        """The matrix with the names of the layers."""
        rows, columns = self._shape
        return cka_part(self.found) if self.found is not None and rows and columns else None

    def set_current(self, pair: Pair | None) -> None:
        if pair != self.current:
            self.current = pair
            self._place()

    def moved(self) -> None:
        self._place()
        self.cells.place()

    @property
    def _shape(self) -> Pair:
        return (len(self.found.rows), len(self.found.columns)) if self.found is not None else (0, 0)

    def cell(self, pair: Pair) -> QRectF:
        """Where a cell is in the widget."""
        return self.on_screen(QRectF(pair[1], pair[0], 1, 1))

    def _place(self) -> None:
        if self.current is None or not self.cells.grid.holds(self.current):
            self._frame.set_rects([])
            self._cross.set_lines([])
            return
        (rows, columns), y, x = self._shape, self.current[0] + 0.5, self.current[1] + 0.5
        self._frame.set_rects([self.cells.framed(self.current)])
        self._cross.set_lines([(0, y, columns, y), (x, 0, x, rows)])

    def point(self, at: QPointF | None) -> None:
        self.cells.point(at)

    def _click(self, at: QPointF) -> None:
        pair = self.cells.grid.cell_at(at)
        if pair is not None:
            self.chosen.emit(*pair)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is None or self.found is None:
            if not self.zoom_key(event.key()):
                event.ignore()
            return
        (rows, columns), (row, column) = self._shape, self.current or (0, 0)
        self.chosen.emit(min(max(row + step[0], 0), rows - 1), min(max(column + step[1], 0), columns - 1))


class MatrixPanel(OverBar):
    """Layers of one model down, of the other across, 0 to 1. `hovered` and `chosen` carry (row, column)."""

    hovered = Signal(int, int)
    chosen = Signal(int, int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.view = MatrixView()
        super().__init__(self.view, parent=parent)
        self.view.hovered.connect(self.hovered)
        self.view.chosen.connect(self.chosen)
        self.view.left.connect(self.left)
        self.bar.set_range(0.0, 1.0, COLORMAP, movable=False)
        self.bar.hide()

    def set_matrix(self, found: Cka | None, path: Sequence[int] = ()) -> None:
        """Shows a matrix with the column of each row that is on the path; None: the empty state."""
        self.view.set_matrix(found, path)
        self.bar.setVisible(found is not None)

    def set_current(self, pair: Pair | None) -> None:
        """Where the cross is: the layers that the columns show."""
        self.view.set_current(pair)

    def set_empty(self, text: str) -> None:
        """What stands in its place while there is no matrix."""
        self.view.set_empty(text)

    @property
    def found(self) -> Cka | None:
        """The matrix that is shown."""
        return self.view.found

    @property
    def path(self) -> Sequence[int]:
        """The column of each row that is on the path."""
        return self.view.path

    @property
    def current(self) -> Pair | None:
        """Where the cross is."""
        return self.view.current

    def cell(self, pair: Pair) -> QRectF:
        """Where a cell is, in `view`."""
        return self.view.cell(pair)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.view.keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(240, 260)


def _no_words(_cell: Cell) -> str:
    return ""


def _unknown(found: Cka) -> QPainterPath:
    """Whole rows and columns without a value: those of layers that do not vary."""
    rows, columns = found.values.shape
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for row in np.flatnonzero(~found.known.any(1)):
        path.addRect(QRectF(0, int(row), columns, 1))
    for column in np.flatnonzero(~found.known.any(0)):
        path.addRect(QRectF(int(column), 0, 1, rows))
    return path
