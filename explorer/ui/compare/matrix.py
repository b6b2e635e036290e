"""How alike every layer of one model and every layer of another are, as a picture that leads there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPixmap, QPolygonF

from explorer.core.alike import Cka
from explorer.core.render_matrix import cell_colours
from explorer.ui.widgets import colorbar
from explorer.ui.widgets.canvas import ARROWS, Canvas, ask_pen, draw_pixels, outline, to_image
from explorer.ui.widgets.grid import cell_at, cell_rect

COLORMAP = "magma"
Pair = tuple[int, int]  # row, column


class MatrixView(Canvas):
    """Layers of one model down, of the other across, 0 to 1. `hovered` and `chosen` carry (row, column)."""

    hovered = Signal(int, int)
    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__("How alike are the layers", "Two columns with a model each can be compared here.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 120)
        self.found: Cka | None = None
        self.path: Sequence[int] = ()
        self.current: Pair | None = None
        self._hover: Pair | None = None
        self._image = QImage()
        self._still = QPixmap()  # all but cross and pointer, painted once: scrubbing only moves the cross
        self._still_for: tuple[object, ...] = ()

    def set_matrix(self, found: Cka | None, path: Sequence[int] = ()) -> None:
        """Shows a matrix with the column of each row that is on the path; None: the empty state."""
        self.found, self.path = found, path
        self._image = QImage()
        if found is not None and found.values.size:
            colours = cell_colours(found.values, found.known, COLORMAP, found.weak)
            self._image = to_image(np.ascontiguousarray(colours))
        if found is None or (self._hover is not None and not self._inside(self._hover)):
            self._hover = None
        self.update()

    def set_current(self, pair: Pair | None) -> None:
        """Where the cross is: the layers that the columns show."""
        if pair != self.current:
            self.current = pair
            self.update()

    @property
    def area(self) -> QRectF:
        """Where the cells are drawn."""
        return QRectF(self.rect()).adjusted(2, 2, -2, -colorbar.HEIGHT - self.theme.space)

    def cell(self, pair: Pair) -> QRectF:
        """Where one of them is drawn."""
        return cell_rect(self.area, self._shape, pair)

    def at(self, point: QPointF) -> Pair | None:
        """The cell under a point of the widget."""
        return cell_at(self.area, self._shape, point) if all(self._shape) else None

    @property
    def _shape(self) -> Pair:
        return (len(self.found.rows), len(self.found.columns)) if self.found is not None else (0, 0)

    def _inside(self, pair: Pair) -> bool:
        return pair[0] < self._shape[0] and pair[1] < self._shape[1]

    # --- painting

    def draw(self, painter: QPainter) -> None:
        if self.found is None or self._image.isNull():
            self.draw_empty(painter)
            return
        area, ratio = self.area, self.devicePixelRatioF()
        made_for = (self.found, self.path, self.size(), ratio, self.theme)
        if self._still_for != made_for:
            self._still, self._still_for = self._painted(self.found, ratio), made_for
        painter.drawPixmap(0, 0, self._still)
        if self.current is not None and self._inside(self.current):
            self._draw_cross(painter, area, self.cell(self.current))
        if self._hover is not None:
            outline(painter, _seen(self.cell(self._hover)), self.theme.warm, 1.5)

    def _painted(self, found: Cka, ratio: float) -> QPixmap:
        """Cells, path and colour bar on nothing, as large as the widget."""
        still = QPixmap(self.size() * ratio)
        still.setDevicePixelRatio(ratio)
        still.fill(Qt.GlobalColor.transparent)
        painter, area = QPainter(still), self.area
        draw_pixels(painter, area, self._image)
        self._draw_unknown(painter, found)
        self._draw_path(painter)
        bar = QRectF(2, area.bottom() + self.theme.space, self.width() - 4, colorbar.HEIGHT)
        colorbar.draw_colorbar(painter, bar, 0.0, 1.0, COLORMAP, self.small_font())
        painter.end()
        return still

    def _draw_unknown(self, painter: QPainter, found: Cka) -> None:
        """Hatched where there is no value: whole rows and columns, those of layers that do not vary."""
        rows, columns = self._shape
        bars = [self.cell((r, 0)).united(self.cell((r, columns - 1))) for r in np.flatnonzero(~found.known.any(1))]
        bars += [self.cell((0, c)).united(self.cell((rows - 1, c))) for c in np.flatnonzero(~found.known.any(0))]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(self.theme.window), Qt.BrushStyle.BDiagPattern))
        for bar in bars:
            painter.drawRect(bar)

    def _draw_path(self, painter: QPainter) -> None:
        line = QPolygonF([self.cell((row, column)).center() for row, column in enumerate(self.path)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in (("#000000", 3.0), ("#ffffff", 1.5)):  # an edge, so that it shows on any colour
            painter.setPen(ask_pen(colour, width))
            painter.drawPolyline(line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_cross(self, painter: QPainter, area: QRectF, frame: QRectF) -> None:
        x, y = round(frame.center().x()), round(frame.center().y())
        for name, width, opacity in ((self.theme.panel, 3, 0.35), (self.theme.accent, 1, 0.8)):
            colour = QColor(name)
            colour.setAlphaF(opacity)
            # filled, not drawn: long wide lines cost milliseconds
            painter.fillRect(QRectF(area.left(), y - width // 2, area.width(), width), colour)
            painter.fillRect(QRectF(x - width // 2, area.top(), width, area.height()), colour)
        outline(painter, _seen(frame), self.theme.accent, 2)

    # --- hands

    def forget_pointer(self) -> None:
        self._hover = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pair = self.at(event.position())
        if pair is None and self._hover is not None:
            self.left.emit()
        if pair is not None and pair != self._hover:
            self.hovered.emit(*pair)
        if pair != self._hover:
            self._hover = pair
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pair = self.at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and pair is not None:
            self.chosen.emit(*pair)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key not in ARROWS or self.found is None:
            super().keyPressEvent(event)
            return
        (down, right), (rows, columns) = ARROWS[Qt.Key(key)], self._shape
        row, column = self.current or (0, 0)
        self.chosen.emit(min(max(row + down, 0), rows - 1), min(max(column + right, 0), columns - 1))

    def sizeHint(self) -> QSize:
        return QSize(240, 260)


def _seen(frame: QRectF) -> QRectF:
    """A frame that is never smaller than can be seen."""
    wider, higher = max(6 - frame.width(), 0) / 2, max(6 - frame.height(), 0) / 2
    return frame.adjusted(-wider, -higher, wider, higher)
