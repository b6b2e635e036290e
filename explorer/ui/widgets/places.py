"""A layer painted on the picture it saw: one colour a cell, over the pixels that the cells stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from explorer.core.cells import Cell
from explorer.core.shrunk import displayable
from explorer.core.types import Array, Box
from explorer.ui.widgets import colorbar, text
from explorer.ui.widgets.canvas import ARROWS, Canvas, ask_pen, draw_pixels, fit, outline, to_image
from explorer.ui.widgets.grid import cell_at, cell_rect
from explorer.ui.widgets.wheel import WheelSteps

_DIM = 130  # of 255: the picture where it has no cells
_CHANNELS = (("red", "#e5484d"), ("green", "#30a46c"), ("blue", "#3e82f7"))


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours mean: shares of the variance that red, green and blue stand for, or a colour map from −1 to 1."""

    shares: tuple[float, ...] = ()
    colormap: str = ""


class PlacesView(Canvas):
    """Cells are (y, x). `hovered` and `selected` carry one, `released` that the chosen one is given up (Esc), `scrubbed` the
    steps through depth that the wheel asks for."""

    hovered = Signal(int, int)
    selected = Signal(int, int)
    released = Signal()
    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Layer on the picture", "Open a picture to see this layer on it.", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 90)
        self.setToolTip("Every cell is painted where the middle of its receptive field lies on the picture")
        self._pixels: Array | None = None
        self._picture, self._size = QImage(), (0, 0)
        self.rgb: Array | None = None  # what is painted
        self._cells, self._grid, self._box = QImage(), (0, 0), Box(0, 0, 0, 0)
        self._ground = QPixmap()
        self._ground_for: tuple[object, ...] = ()
        self._legend = Legend()
        self._read: Callable[[Cell], str] = text_of
        self._chosen: Cell | None = None
        self._best: Cell | None = None
        self._pointed: Cell | None = None
        self._hover: Cell | None = None
        self._pointer = QPointF()
        self._stale = ""
        self._wheel = WheelSteps()

    # ---- setters

    def set_picture(self, pixels: Array, size: tuple[int, int] | None = None) -> None:
        """(H, W, C) of a picture of `size`, their own where none is given. The array is kept: the same one again costs nothing."""
        if pixels is self._pixels:
            return
        self._pixels = pixels
        self._picture, self._size = to_image(displayable(pixels)), size or (int(pixels.shape[0]), int(pixels.shape[1]))
        self.update()

    def set_cells(self, rgb: Array, box: Box, legend: Legend, read: Callable[[Cell], str]) -> None:
        """(h, w, 3) uint8 over a box of the picture; `read` says in words what a cell holds."""
        grid = (int(rgb.shape[0]), int(rgb.shape[1]))
        if grid != self._grid:
            self._hover = self._pointed = self._chosen = self._best = None
        self.rgb, self._box, self._legend, self._read = rgb, box, legend, read
        self._cells, self._grid = to_image(rgb), grid
        self._stale = ""
        self.update()

    def set_marks(self, chosen: Cell | None, best: Cell | None = None) -> None:
        """The cell that is asked about, and the one most similar to it."""
        self._chosen, self._best = chosen, best
        self._describe()
        self.update()

    def set_pointed(self, cell: Cell | None) -> None:
        """Frames a cell that is pointed at elsewhere."""
        if cell != self._pointed:
            self._pointed = cell
            self.update()

    def set_stale(self, words: str) -> None:
        """Whose picture it still is, while another one is on its way."""
        self._stale = words
        self._describe()
        self.update()

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing, what to do."""
        self.rgb, self._stale = None, ""
        self._cells, self._grid = QImage(), (0, 0)
        self._hover = self._pointed = self._chosen = self._best = None
        self.set_empty(message)
        self._describe()

    @property
    def drawn(self) -> bool:
        """Whether there is a layer, be it the last one."""
        return self.rgb is not None

    @property
    def marks(self) -> tuple[Cell | None, Cell | None]:
        """The cell that is asked about, and the one most similar to it."""
        return self._chosen, self._best

    @property
    def stale(self) -> str:
        """Whose picture it still is; "" for the one that is wanted."""
        return self._stale

    # ---- painting

    @property
    def _whole(self) -> QRectF:
        """Where the original picture is drawn."""
        below = colorbar.HEIGHT + self.theme.space
        area = QRectF(0, 0, self.width(), max(self.height() - below, 1)).adjusted(2, 2, -2, -2)
        return fit(self._size[1], self._size[0], area)

    @property
    def _target(self) -> QRectF:
        """Where the cells are drawn."""
        whole, (height, width), box = self._whole, self._size, self._box
        if not height or not width:
            return QRectF()
        down, across = whole.height() / height, whole.width() / width
        corner = QPointF(whole.left() + box.x0 * across, whole.top() + box.y0 * down)
        return QRectF(corner, QPointF(whole.left() + box.x1 * across, whole.top() + box.y1 * down))

    def frame(self, cell: Cell) -> QRectF:
        """Where a cell is in the widget."""
        return cell_rect(self._target, self._grid, cell)

    def draw(self, painter: QPainter) -> None:
        if self._cells.isNull() or self._picture.isNull():
            self.draw_empty(painter)
            return
        whole = self._whole
        painter.drawPixmap(QPointF(0, 0), self._grounded(whole))
        painter.setClipRect(whole)
        draw_pixels(painter, self._target, self._cells)
        painter.setClipping(False)
        self._draw_marks(painter)
        self._draw_legend(painter, whole)
        if self._stale:
            self._draw_stale(painter, whole)
        elif self._hover is not None and self.underMouse():
            self.draw_readout(painter, self._pointer, self._read(self._hover))

    def _grounded(self, whole: QRectF) -> QPixmap:
        """The dimmed picture alone, as large as the widget: it stays while cells are pointed at."""
        made_for = (id(self._pixels), self.size(), self.devicePixelRatioF(), whole.getRect())
        if self._ground_for != made_for:
            self._ground, self._ground_for = QPixmap(self.size() * self.devicePixelRatioF()), made_for
            self._ground.setDevicePixelRatio(self.devicePixelRatioF())
            self._ground.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._ground)
            draw_pixels(painter, whole, self._picture)
            painter.fillRect(whole, QColor(0, 0, 0, _DIM))
            painter.end()
        return self._ground

    def _draw_marks(self, painter: QPainter) -> None:
        for cell, colour, width in (
            (self._best, self.theme.text, 1.0),
            (self._pointed, self.theme.warm, 1.5),
            (self._hover, self.theme.warm, 1.5),
            (self._chosen, self.theme.accent, 2.0),
        ):
            if cell is not None and cell[0] < self._grid[0] and cell[1] < self._grid[1]:
                outline(painter, _at_least(self.frame(cell), 5), colour, width)

    def _draw_legend(self, painter: QPainter, whole: QRectF) -> None:
        area = QRectF(2, whole.bottom() + self.theme.space, self.width() - 4, colorbar.HEIGHT)
        if self._legend.colormap:
            colorbar.draw_colorbar(painter, area, -1, 1, self._legend.colormap, self.small_font())
            return
        if not self._legend.shares:
            return
        painter.setFont(self.small_font(12))
        left, metrics = area.left(), painter.fontMetrics()
        roomy = self.width() >= 420
        for (name, colour), share in zip(_CHANNELS, self._legend.shares, strict=False):
            words = f"{name} {text.percent(share)}" if roomy else text.percent(share)
            painter.fillRect(QRectF(left, area.top() + 4, 10, 10), QColor(colour))
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(QPointF(left + 14, area.top() + 13), words)
            left += 14 + metrics.horizontalAdvance(words) + 14
        painter.drawText(QPointF(left, area.top() + 13), "of the variance" if roomy else "variance")

    def _draw_stale(self, painter: QPainter, whole: QRectF) -> None:
        painter.setFont(self.font())
        room = int(whole.width()) - 2 * self.theme.inset - 16
        words = painter.fontMetrics().elidedText(self._stale, Qt.TextElideMode.ElideMiddle, max(room, 40))
        plate = QRectF(0, 0, painter.fontMetrics().horizontalAdvance(words) + 16, painter.fontMetrics().height() + 10)
        plate.moveTopLeft(whole.topLeft() + QPointF(self.theme.inset, self.theme.inset))
        painter.setPen(ask_pen(self.theme.line))
        painter.setBrush(QColor(self.theme.control))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(QColor(self.theme.text))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)

    # ---- hands

    def cell_at(self, at: QPointF) -> Cell | None:
        """The cell under a point of the widget."""
        place = self._target
        if self._cells.isNull() or place.isEmpty() or not self._whole.contains(at):
            return None
        return cell_at(place, self._grid, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        cell = None if self._stale else self.cell_at(self._pointer)
        before, self._hover = self._hover, cell
        if cell is None and before is not None:
            self.left.emit()
        if cell is not None and cell != before:
            self.hovered.emit(*cell)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = None if self._stale else self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.selected.emit(*cell)
        else:
            super().mousePressEvent(event)

    def forget_pointer(self) -> None:
        self._hover = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_Escape and self._chosen is not None:
            self.released.emit()
        elif step is not None and plain and self.drawn and not self._stale:
            rows, columns = self._grid
            y, x = self._chosen or (rows // 2, columns // 2)
            self.selected.emit(min(max(y + step[0], 0), rows - 1), min(max(x + step[1], 0), columns - 1))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = self._wheel.steps(event)
        if steps:
            self.scrubbed.emit(steps)
        event.accept()

    def _describe(self) -> None:
        if not self.drawn:
            self.setAccessibleDescription(self._empty)
            return
        chosen = f", place {text_of(self._chosen)} chosen" if self._chosen is not None else ""
        self.setAccessibleDescription(self._stale or f"{self._grid[0]} × {self._grid[1]} places{chosen}")

    def sizeHint(self) -> QSize:
        return QSize(700, 520)


def text_of(cell: Cell) -> str:
    """A place in words, which no line break parts."""
    return f"({cell[0]},\u00a0{cell[1]})"


def _at_least(frame: QRectF, side: float) -> QRectF:
    grow_x, grow_y = max(side - frame.width(), 0) / 2, max(side - frame.height(), 0) / 2
    return frame.adjusted(-grow_x, -grow_y, grow_x, grow_y)
