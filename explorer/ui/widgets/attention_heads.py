"""What one token attends to in every head: all heads as one picture, each a tile on the grid of the tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from explorer.core import render
from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import ARROWS, ask_pen
from explorer.ui.widgets.mosaic import MosaicView

COLOURS = "inferno"
_MARKED = 14  # px a tile must have across for the cells in it to be marked


class AttentionHeads(MosaicView):
    """Tiles of weights or other sizes from 0 up, each on a scale of its own or all on one. Signals are those of the mosaic: the
    channel is the number of the tile. `rows` and `columns` say which cells of the grid are shown. `walked` carries the steps
    (down, right) of Shift and an arrow key, where `walks` is set; else Shift makes no difference."""

    walked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Attention of every head")
        self.set_empty("")
        self.names: tuple[str, ...] = ()
        self.values: Array | None = None  # (tiles, h, w) as shown
        self.rows: Array = np.zeros(0, np.int64)
        self.columns: Array = np.zeros(0, np.int64)
        self.walks = False
        self._marks: Array | None = None
        self._percent = False

    def set_tiles(
        self,
        values: Array,
        names: Sequence[str],
        cells: tuple[Array, Array] | None = None,
        *,
        one_scale: bool = False,
        order: Array | None = None,
        marks: Array | None = None,
        percent: bool = False,
    ) -> None:
        """(tiles, h, w) by name. `cells`: the rows and columns of the grid that the picture shows, None: all. `marks`: cells to be
        framed. `percent`: values are shares of a whole."""
        rows, columns = cells if cells is not None else (np.arange(values.shape[1]), np.arange(values.shape[2]))
        whole = (len(rows), len(columns)) == values.shape[1:] and rows[0] == 0 and columns[0] == 0
        shown = values if whole else values[:, rows][:, :, columns]
        self.rows, self.columns, self.names = rows, columns, tuple(names)
        self._marks = marks if marks is None or whole else marks[:, rows][:, :, columns]
        self._percent, self.values = percent, shown
        scale = render.ScaleMode.PER_LAYER if one_scale else render.ScaleMode.PER_MAP
        self.set_maps(shown, limits=render.limits(shown, scale), colormap=COLOURS, order=order, labels=self.names)

    def clear(self, message: str) -> None:
        self.values, self.names, self._marks = None, (), None
        super().clear(message)

    def tile_cell(self, cell: tuple[int, int]) -> tuple[int, int] | None:
        """Where a cell of the grid is in each tile, None where the tiles do not show it."""
        y, x = np.flatnonzero(self.rows == cell[0]), np.flatnonzero(self.columns == cell[1])
        return (int(y[0]), int(x[0])) if len(y) and len(x) else None

    def grid_cell(self, y: int, x: int) -> tuple[int, int]:
        """The cell of the grid at a cell of the tiles."""
        return int(self.rows[y]), int(self.columns[x])

    def readout(self, channel: int, y: int, x: int) -> str:
        value = float(self.values[channel, y, x]) if self.values is not None else float("nan")
        said = text.percent(value) if self._percent else text.number(value)
        return f"{self.names[channel]}   {self.grid_cell(y, x)}   {said}"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if self.walks and step is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.walked.emit(*step)
        else:
            super().keyPressEvent(event)

    def draw(self, painter: QPainter) -> None:
        super().draw(painter)
        if self._marks is None or self.mosaic is None or self._tiles.tile(0).width() < _MARKED:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ask_pen(self.theme.accent, 1.5))
        for position, tile in enumerate(self._tiles.order):
            for y, x in np.argwhere(self._marks[tile]):
                painter.drawRect(self._tiles.cell(position, int(y), int(x)))

    def _describe(self) -> None:
        chosen = self.names[self._channel] if self._channel is not None and self._channel < len(self.names) else ""
        of = f"{len(self.names)} tiles: {', '.join(self.names)}" if self.names else self._empty
        self.setAccessibleDescription(f"{chosen} of {of}" if chosen else of)
