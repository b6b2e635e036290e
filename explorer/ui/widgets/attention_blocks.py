"""All blocks × heads for one token: a line of small pictures a block, each head on the grid of its own block."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.types import Array
from explorer.ui.widgets.attention_heads import COLOURS
from explorer.ui.widgets.canvas import ARROWS, Canvas, outline, to_image

_NAME = 24  # px of the number in front
_GAP = 2
_LARGEST, _SMALLEST = 48, 10  # px of a tile
_READABLE, _HUGE = 24, 160  # px where a height is given


@dataclass(frozen=True, slots=True, eq=False)
class BlockRow:
    """(heads, h, w) of a block; None where it has no token there, or no map."""

    number: int
    name: str
    maps: Array | None


class BlocksView(Canvas):
    """`chosen` carries (block, head) that was clicked, or walked to and taken with Enter."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Attention of all blocks and heads", "", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(
            "One line a block, one picture a head, each from 0 to its own largest weight. Click to go there"
        )
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.rows: tuple[BlockRow, ...] = ()
        self._high = 0  # px in which all lines are to find room, 0: as many as they need
        self._images: list[tuple[int, QImage]] = []  # first block of each, made when it is painted
        self._made_for: tuple[object, ...] = ()
        self._steps: list[int] = []
        self._tops: list[int] = []
        self._here: tuple[int, int | None] = (0, None)
        self._hover: tuple[int, int] | None = None
        self._walk: tuple[int, int] | None = None
        self._pointer = QPointF()

    def set_rows(self, rows: Sequence[BlockRow]) -> None:
        """Every block in order."""
        grown = [_heads(row) for row in rows] != [_heads(row) for row in self.rows]
        self.rows = tuple(rows)
        self._made_for = ()
        seen = sum(row.maps is not None for row in rows)
        self.setAccessibleDescription(f"{seen} of {len(rows)} blocks, up to {self._most} heads")
        if grown:
            self._walk = self._hover = None
            self._place(self.width())
            self.updateGeometry()
        self.update()

    def set_here(self, block: int, head: int | None) -> None:
        """Frames the block that is shown, and its head."""
        self._here = block, head
        self.update()

    @property
    def _most(self) -> int:
        return max((_heads(row) for row in self.rows), default=0)

    def fit(self, high: int) -> None:
        """So large that all lines find room in so many px, as long as they are to be read."""
        if high != self._high:
            self._high, self._made_for = high, ()
            self._place(self.width())
            self.updateGeometry()
            self.update()

    def _step(self, row: BlockRow, width: int) -> int:
        """px from one head to the next."""
        across = (width - _NAME) // max(_heads(row), 1) - _GAP
        down = (self._high - _GAP) // max(len(self.rows), 1) - _GAP
        largest = min(max(down, _READABLE), _HUGE) if self._high else _LARGEST
        return min(max(across, _SMALLEST), largest) + _GAP

    def _place(self, width: int) -> None:
        """How far it is from one tile to the next in each line, and where the lines begin."""
        self._steps = [self._step(row, width) for row in self.rows]
        self._tops = list(accumulate(self._steps, initial=1))[:-1]

    def tile(self, block: int, head: int) -> QRectF:
        """Where a head's picture is."""
        step = self._steps[block]
        return QRectF(_NAME + head * step, self._tops[block], step - _GAP, step - _GAP)

    def _make(self) -> None:
        """One picture for all blocks in a row that are alike, at the pixels of the screen."""
        ratio = self.devicePixelRatioF()
        wanted = (self.width(), ratio, self.theme.name)
        if self._made_for == wanted:
            return
        self._made_for, self._images = wanted, []
        for first, maps in _alike(self.rows):
            side, heads = round((self._steps[first] - _GAP) * ratio), _heads(self.rows[first])
            grid = render.TileGrid(len(maps), *maps.shape[1:], heads, side, side, round(_GAP * ratio))
            limits = render.limits(maps, render.ScaleMode.PER_MAP)
            gap = QColor(self.theme.mosaic_gap).rgb()
            image = to_image(render.mosaic(maps, grid, limits, COLOURS, background=gap).pixels)
            image.setDevicePixelRatio(ratio)
            self._images.append((first, image))

    def draw(self, painter: QPainter) -> None:
        self._make()
        for first, image in self._images:
            painter.drawImage(QPointF(_NAME, self._tops[first]), image)
        painter.setFont(self.small_font(bold=True))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for at, row in enumerate(self.rows):
            name = QRectF(0, self._tops[at], self.width() if row.maps is None else _NAME, self._steps[at] - _GAP)
            painter.setPen(QColor(self.theme.accent if at == self._here[0] else self.theme.dim))
            painter.drawText(name, flags, str(row.number) if row.maps is not None else f"{row.number}    no map")
        block, chosen = self._here
        if chosen is not None and block < len(self.rows) and chosen < _heads(self.rows[block]):
            outline(painter, self.tile(block, chosen), self.theme.accent, 1.5)
        marked = self._hover or self._walk
        if marked is not None:
            outline(painter, self.tile(*marked), self.theme.warm, 1.5)
        if self._hover is not None:
            row = self.rows[self._hover[0]]
            self.draw_readout(painter, self._pointer, f"{row.name}   head {self._hover[1]}")

    def hit(self, at: QPointF) -> tuple[int, int] | None:
        """(block, head) under a point."""
        block = bisect_right(self._tops, at.y()) - 1
        if at.x() < _NAME or not 0 <= block < len(self.rows):
            return None
        head = int((at.x() - _NAME) // self._steps[block])
        return (block, head) if head < _heads(self.rows[block]) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer, self._hover = event.position(), self.hit(event.position())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position())
        if hit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._walk = hit
            self.chosen.emit(*hit)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is not None and self.rows:
            block, head = self._walk or (self._here[0], self._here[1] or 0)
            block = min(max(block + step[0], 0), len(self.rows) - 1)
            self._walk = block, min(max(head + step[1], 0), max(_heads(self.rows[block]) - 1, 0))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._walk is not None:
            self.chosen.emit(*self._walk)
        else:
            super().keyPressEvent(event)

    def forget_pointer(self) -> None:
        self._hover = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place(self.width())
        super().resizeEvent(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return sum(self._step(row, width) for row in self.rows) + 2

    def sizeHint(self) -> QSize:
        return QSize(280, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))


def _heads(row: BlockRow) -> int:
    return 0 if row.maps is None else len(row.maps)


def _alike(rows: Sequence[BlockRow]) -> list[tuple[int, Array]]:
    """(first block, maps of all of them) for blocks one after the other with as many heads and the same grid."""
    found: list[tuple[int, list[Array]]] = []
    for at, row in enumerate(rows):
        if row.maps is None:
            continue
        last = found[-1] if found else None
        if last is not None and last[0] + len(last[1]) == at and last[1][-1].shape == row.maps.shape:
            last[1].append(row.maps)
        else:
            found.append((at, [row.maps]))
    return [(first, np.concatenate(maps)) for first, maps in found]
