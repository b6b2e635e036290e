"""A confusion matrix: classes down, what they are taken for across. A click on a cell leads to its pictures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.figure.workspace_figures import confusion_part
from explorer.core.geometry.cells import Cell
from explorer.core.probe import Confusion
from explorer.core.render.matrix import cell_colours
from explorer.core.translation import tr
from explorer.ui.graphics.axes import NamedAxis, width_of
from explorer.ui.graphics.cell_pointer import CellGrid, CellPointer
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import ARROWS
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotPanel

COLORMAP = "magma"
_LABELS, _LONGEST = 74.0, 11  # px of the names at the left, characters of one
_APART = 4.0  # px between the names beneath
_LEAST = 6.0  # px of a frame
_WRITTEN = 15.0  # px that a cell has at least when its count is written into it


class ConfusionPanel(PlotPanel):
    """Counts as colours, each row from nothing to all pictures of its class. `chosen` carries (row, column)."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Confusion matrix"),
            tr("Which classes are taken for which: after a probe or a training."),
            parent,
            left=NamedAxis("left", _LABELS),
            bottom=NamedAxis("bottom"),
            upward=False,
        )
        self.setMinimumSize(160, 150)
        self.box.scrubs = False
        self.found: Confusion | None = None
        self.current: Cell | None = None
        self._picture, self._frame = PictureItem(), FrameItem("accent", 2.0)
        for item in (self._picture, self._frame):
            self.box.addItem(item, ignoreBounds=True)
        self.cells = CellPointer(self, self.sentence, _LEAST)
        self.box.clicked.connect(self._click)
        self.begin()

    def set_confusion(self, found: Confusion | None) -> None:
        """None: the empty state."""
        same = found is not None and self.found is not None and found.labels == self.found.labels
        self.found = found
        self.show_message(found is None)
        if found is None:
            self.cells.set_grid(CellGrid())
            return
        count = len(found.labels)
        self.cells.set_grid(CellGrid.of_units(count, count))
        whole = QRectF(0, 0, count, count)
        self.box.set_home(whole, whole, keep=same)
        totals = np.maximum(found.counts.sum(1, keepdims=True), 1)
        shares = (found.counts / totals).astype(np.float32)
        self._picture.set_pixels(
            np.ascontiguousarray(cell_colours(shares, np.ones(shares.shape, bool), COLORMAP)), whole
        )
        short = tuple(name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…" for name in found.labels)
        assert isinstance(self.left_axis, NamedAxis)
        self.left_axis.set_names(short)
        self.setAccessibleDescription(
            tr("{count} classes, {sum} test pictures", count=count, sum=int(found.counts.sum()))
        )
        self._place()

    @property
    def figure_part(self) -> MatrixPart | None:
        """The counts, coloured by their share of the class."""
        return None if self.found is None else confusion_part(self.found)

    def set_current(self, cell: Cell | None) -> None:
        """Frames the cell whose pictures are shown."""
        self.current = cell
        self._place()

    def sentence(self, cell: Cell) -> str:
        """What a cell says."""
        if self.found is None:
            return ""
        (row, column), labels = cell, self.found.labels
        count, total = int(self.found.counts[row, column]), int(self.found.counts[row].sum())
        taken = tr("taken for itself") if row == column else tr("taken for {labels}", labels=labels[column])
        return tr("{labels}: {count} of {total} {taken}", labels=labels[row], count=count, total=total, taken=taken)

    def moved(self) -> None:
        self._place()
        self.cells.place()

    def _name_columns(self) -> None:
        """Whole names where the columns are wide enough for all of them, else beginnings that differ."""
        if self.found is None or not self._begun:
            return
        assert isinstance(self.bottom_axis, NamedAxis)
        names, room = self.found.labels, self.scale_of_view[1] - _APART
        self.bottom_axis.set_names(names if all(width_of(name) <= room for name in names) else _shortest(names))

    def _place(self) -> None:
        self._name_columns()
        shown = self.found is not None and self.cells.grid.holds(self.current)
        self._frame.set_rects([self.cells.framed(self.current)] if shown and self.current is not None else [])

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Qt's name. The counts, where a cell has room for one."""
        super().drawForeground(painter, rect)
        if self.found is None or not self._begun or min(self.scale_of_view) < _WRITTEN:
            return
        totals = np.maximum(self.found.counts.sum(1), 1)
        painter.save()
        painter.resetTransform()
        painter.setFont(self.small_font(10))
        for row, column in zip(*np.nonzero(self.found.counts), strict=True):
            at = self.on_screen(QRectF(float(column), float(row), 1, 1))
            light = self.found.counts[row, column] / totals[row] > 0.6
            painter.setPen(QColor("#000000" if light else "#ffffff"))
            painter.drawText(at, int(Qt.AlignmentFlag.AlignCenter), str(int(self.found.counts[row, column])))
        painter.restore()

    # --- hands ---

    def point(self, at: QPointF | None) -> None:
        self.cells.point(at)

    def _click(self, at: QPointF) -> None:
        cell = self.cells.grid.cell_at(at)
        if cell is not None:
            self.chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is None or self.found is None:
            if not self.zoom_key(event.key()):
                event.ignore()
            return
        (row, column), last = self.current or (0, 0), len(self.found.labels) - 1
        self.chosen.emit(min(max(row + step[0], 0), last), min(max(column + step[1], 0), last))

    def sizeHint(self) -> QSize:
        return QSize(320, 260)


def _shortest(names: tuple[str, ...]) -> tuple[str, ...]:
    """Beginnings of names that differ, of as few letters as that takes."""
    for letters in range(3, 6):
        if len({name[:letters] for name in names}) == len(set(names)):
            break
    else:
        letters = 3
    return tuple(name[:letters] for name in names)
