"""How strong each map is beside its own scale: a bar at the foot of a tile, as long as its largest value beside that of the layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem

from explorer.core import render
from explorer.core.arrays import Array
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.tile_labels import LABEL_FROM, MOST_LABELS
from explorer.ui.graphics.tiles import Tiles

_HIGH = 3.0  # px
_TRACK, _BAR = QColor(0, 0, 0, 150), QColor(255, 255, 255, 230)  # on a picture of any colour


def strengths_of(limits: render.Limits) -> Array | None:
    """(C,) from 0 to 1: the largest absolute value of each map beside that of all; None where all have one scale."""
    if len(limits.hi) < 2:
        return None
    sizes = np.maximum(np.abs(limits.lo), np.abs(limits.hi))
    top = float(sizes.max())
    return sizes / top if top > 0 else sizes


class TileStrengths(QGraphicsItem):
    """Bars over tiles that are large enough to have a label."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel
        self._tiles: Tiles | None = None
        self.shown: Array = np.zeros(0)  # of each position
        self._seen, self._first = QRectF(), QRectF()
        self.hide()

    def set_tiles(self, tiles: Tiles, order: Array, strengths: Array, first: QRectF) -> None:
        """Tiles in an order of channels; `strengths` by channel; `first`: the first tile in the widget."""
        on = first.width() >= LABEL_FROM[0] and first.height() >= LABEL_FROM[1]
        self.setVisible(on)
        if not on:
            self.shown = np.zeros(0)
            return
        seen = self._panel.box.seen
        if seen != self._seen:
            self.prepareGeometryChange()
            self._seen = seen
        self._tiles, self._first, self.shown = tiles, first, strengths[order]

    def bars(self) -> tuple[list[QRectF], list[QRectF]]:
        """The tracks and the bars of the tiles that are seen, in the widget."""
        if self._tiles is None or not len(self.shown):
            return [], []
        tiles, first = self._tiles, self._first
        scale, (step_y, step_x) = first.width() / tiles.tile(0).width(), tiles.pitch
        step_y, step_x, wide, across = step_y * scale, step_x * scale, first.width(), tiles.grid.columns
        left, foot = first.left(), first.bottom() - _HIGH
        places = np.asarray(tiles.seen(self._seen)[:MOST_LABELS], int)
        xs, ys = (left + places % across * step_x).tolist(), (foot + places // across * step_y).tolist()
        lengths = (wide * self.shown[places]).tolist()
        tracks = [QRectF(x, y, wide, _HIGH) for x, y in zip(xs, ys, strict=True)]
        bars = [QRectF(x, y, length, _HIGH - 1) for x, y, length in zip(xs, ys, lengths, strict=True)]
        return tracks, bars

    # --- Qt's names

    def boundingRect(self) -> QRectF:
        return self._seen

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        tracks, bars = self.bars()
        painter.save()
        painter.resetTransform()
        painter.setPen(Qt.PenStyle.NoPen)
        for rects, colour in ((tracks, _TRACK), (bars, _BAR)):
            painter.setBrush(colour)
            painter.drawRects(rects)
        painter.restore()
