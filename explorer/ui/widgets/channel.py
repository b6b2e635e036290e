"""One feature map, large: every cell can be read, pointed at and chosen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.cells import Cell, Region
from explorer.core.types import Array
from explorer.ui.widgets import colorbar, text
from explorer.ui.widgets.canvas import ARROWS, Canvas, ask_pen, draw_pixels, fit, outline, to_image
from explorer.ui.widgets.wheel import WheelSteps

_NUMBERS = 34  # height of the two lines beneath the colour bar


class ChannelView(Canvas):
    """Shows a (H, W) map with its colour bar and a line of numbers. `hovered` and `selected` carry (y, x) of a cell;
    `scrubbed` the steps the wheel asks for (to the next channel); `banded` the Region that was drawn by dragging or with
    Shift and the arrows, None when it is given up."""

    banded = Signal(object)
    hovered = Signal(int, int)
    selected = Signal(int, int)
    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Selected channel", "Click a feature map to see it here.", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 120)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._map: Array | None = None
        self._image = QImage()
        self._limits: render.Limits | None = None
        self._colormap = "magma"
        self._summary = ""
        self._unit = ""
        self._cell: Cell | None = None
        self._hover: Cell | None = None
        self._pointer = QPointF()
        self._wheel = WheelSteps()
        self._banding = False
        self._held = False  # the button is down
        self._anchor: Cell | None = None  # where the band began, and where it is drawn to
        self._corner: Cell | None = None

    def set_map(
        self,
        values: Array,
        limits: render.Limits,
        colormap: str,
        cell: Cell | None = None,
        unit: str = "",
        note: str = "",
    ) -> None:
        """Shows a (H, W) map; `limits` is that map's own (`render.pick`), `unit` stands behind its numbers (" %"), `note` in
        the place of the second line of them. The array is kept: it must not be written to."""
        if self._map is None or self._map.shape != values.shape:
            self._anchor = self._corner = None
            self.updateGeometry()
        self._map, self._limits, self._colormap, self._cell = values, limits, colormap, cell
        self._image = to_image(render.colorize(values, limits, colormap)) if values.size else QImage()
        self._unit, self._summary = unit, _summary(values, unit, note)
        if self._hover is not None and not (self._hover[0] < values.shape[0] and self._hover[1] < values.shape[1]):
            self._hover = None
        self.setAccessibleDescription(self._summary)
        self.update()

    def set_cell(self, cell: Cell | None) -> None:
        """Puts the cross on a cell (None: none)."""
        self._cell = cell
        self.update()

    def set_hover(self, cell: Cell | None) -> None:
        """Frames a cell that is pointed at elsewhere."""
        self._hover = cell
        self.update()

    def set_banding(self, on: bool) -> None:
        """Whether a region can be drawn; without it there is none."""
        if on != self._banding:
            self._banding = on
            self._anchor = self._corner = None
            self.update()

    @property
    def band(self) -> Region | None:
        """The region that is drawn."""
        if self._anchor is None or self._corner is None:
            return None
        (y0, x0), (y1, x1) = self._anchor, self._corner
        return min(y0, y1), min(x0, x1), max(y0, y1) + 1, max(x0, x1) + 1

    def clear(self, message: str) -> None:
        self._map = self._limits = self._cell = self._hover = self._anchor = self._corner = None
        self._image, self._summary = QImage(), ""
        self.set_empty(message)

    # ---- painting

    @property
    def picture(self) -> QRectF:
        """Where the map is drawn."""
        area = QRectF(0, 0, self.width(), max(self.height() - self._below, 1)).adjusted(2, 2, -2, -2)
        place = fit(self._image.width(), self._image.height(), area)
        place.moveTop(area.top())
        return place

    def draw(self, painter: QPainter) -> None:
        if self._map is None or self._limits is None or self._image.isNull():
            self.draw_empty(painter)
            return
        place = self.picture
        draw_pixels(painter, place, self._image)
        self._draw_cell(painter, place)
        bar = QRectF(2, place.bottom() + self.theme.space, self.width() - 4, colorbar.HEIGHT)
        lo, hi = self._limits.of(0)
        colorbar.draw_colorbar(painter, bar, lo, hi, self._colormap, self.small_font(), self._unit)
        painter.setPen(QColor(self.theme.dim))
        painter.setFont(self.small_font(12))
        for at, sentence in enumerate(self._summary.split("\n")):
            line = QRectF(2, bar.bottom() + 2 + at * _NUMBERS / 2, self.width() - 4, _NUMBERS / 2)
            short = painter.fontMetrics().elidedText(sentence, Qt.TextElideMode.ElideRight, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)
        if self._hover is not None and self.underMouse():
            y, x = self._hover
            value = text.number(float(self._map[y, x])) + self._unit
            self.draw_readout(painter, self._pointer, f"({y}, {x})   {value}")

    def _draw_cell(self, painter: QPainter, place: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._cell is not None:
            frame = self._frame(place, self._cell)
            middle = frame.center()
            for one, other in (
                (QPointF(place.left(), middle.y()), QPointF(frame.left(), middle.y())),
                (QPointF(frame.right(), middle.y()), QPointF(place.right(), middle.y())),
                (QPointF(middle.x(), place.top()), QPointF(middle.x(), frame.top())),
                (QPointF(middle.x(), frame.bottom()), QPointF(middle.x(), place.bottom())),
            ):
                for colour, width, opacity in ((self.theme.panel, 2.5, 0.35), (self.theme.accent, 1.0, 0.8)):
                    painter.setPen(ask_pen(colour, width))
                    painter.setOpacity(opacity)
                    painter.drawLine(one, other)
            painter.setOpacity(1)
            outline(painter, frame, self.theme.accent, 2)
        if (band := self.band) is not None:
            whole = self._frame(place, band[:2]).united(self._frame(place, (band[2] - 1, band[3] - 1)))
            outline(painter, whole, self.theme.accent, 2)
        if self._hover is not None:
            outline(painter, self._frame(place, self._hover), self.theme.warm, 1.5)

    def _frame(self, place: QRectF, cell: Cell) -> QRectF:
        high, wide = place.height() / self._image.height(), place.width() / self._image.width()
        frame = QRectF(place.left() + cell[1] * wide, place.top() + cell[0] * high, wide, high)
        grow_x, grow_y = max(5 - wide, 0) / 2, max(5 - high, 0) / 2
        return frame.adjusted(-grow_x, -grow_y, grow_x, grow_y)

    # ---- hands

    def cell_at(self, at: QPointF) -> Cell | None:
        """The cell under a point of the widget."""
        place = self.picture
        if self._map is None or place.isEmpty() or not place.contains(at):
            return None
        rows, columns = self._map.shape
        y = int((at.y() - place.top()) / place.height() * rows)
        x = int((at.x() - place.left()) / place.width() * columns)
        return min(y, rows - 1), min(x, columns - 1)

    def cell_near(self, at: QPointF) -> Cell | None:
        """The cell under a point, or the one at the edge that it is next to."""
        place = self.picture.adjusted(0.5, 0.5, -0.5, -0.5)
        x, y = min(max(at.x(), place.left()), place.right()), min(max(at.y(), place.top()), place.bottom())
        return self.cell_at(QPointF(x, y))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._held and self._banding:
            self._draw_to(self.cell_near(self._pointer))
        cell = self.cell_at(self._pointer)
        if cell is None and self._hover is not None:
            self.left.emit()
        if cell is not None and cell != self._hover:
            self.hovered.emit(*cell)
        self._hover = cell
        self.update()

    def _draw_to(self, cell: Cell | None) -> None:
        """The band now reaches to a cell; a hand that has not left the first one draws none."""
        if cell is not None and (self.band is not None or cell != self._cell):
            self._anchor, self._corner = self._anchor or self._cell, cell

    def forget_pointer(self) -> None:
        self._hover = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self._held = True
            self._choose(cell)
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held and self.band is not None:
            self.banded.emit(self.band)
        self._held = False
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is None or self._map is None:
            super().keyPressEvent(event)
            return
        rows, columns = self._map.shape
        grows = self._banding and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        y, x = (self._corner if grows else None) or self._cell or (rows // 2, columns // 2)
        to = min(max(y + step[0], 0), rows - 1), min(max(x + step[1], 0), columns - 1)
        if not grows:
            self._choose(to)
            return
        self._anchor, self._corner = self._anchor or self._cell or (y, x), to
        self.banded.emit(self.band)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = self._wheel.steps(event)
        if steps:
            self.scrubbed.emit(steps)
        event.accept()

    def _choose(self, cell: Cell) -> None:
        if self.band is not None:
            self._anchor = self._corner = None
            self.banded.emit(None)
        self.set_cell(cell)
        self.selected.emit(*cell)

    @property
    def _below(self) -> int:
        """What the colour bar and the numbers need."""
        return colorbar.HEIGHT + _NUMBERS + self.theme.space

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the map needs, at most square."""
        rows, columns = (1, 1) if self._map is None or not self._map.size else self._map.shape
        return min(width, max(width * rows // columns, 60)) + self._below

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(260))


def _summary(values: Array, unit: str = "", note: str = "") -> str:
    """Two lines: max with its place and min; mean, zeros and how many values are no numbers, or a note."""
    finite = np.isfinite(values)
    if not finite.any():
        return "no finite value"
    good = values[finite]
    peak = np.unravel_index(int(np.where(finite, values, -np.inf).argmax()), values.shape)
    zeros = text.percent(1 - np.count_nonzero(good) / good.size)
    bad = values.size - good.size
    least, most = (f"{text.number(float(value))}{unit}" for value in (good.min(), good.max()))
    first = f"max {most} at ({peak[0]}, {peak[1]})   min {least}"
    if note:
        return f"{first}\n{note}"
    second = f"mean {text.number(float(good.mean(dtype=np.float64)))}   zero {zeros}"
    return f"{first}\n{second}" + (f"   {bad} not finite" if bad else "")
