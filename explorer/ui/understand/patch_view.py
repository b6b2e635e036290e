"""A patch, its kernel and their products as tables; and the map before with the window on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import Canvas, draw_pixels, fit, outline, to_image
from explorer.ui.widgets.grid import PointedTables, cell_rect, write_cells

_SIGN, _CAPTION, _ROW = 16.0, 16.0, 24.0
_NUMBERS_FROM = 28.0  # px of a cell's width; numbers do not fit into less
_WRITTEN = 3  # columns: up to so many the products stand beneath, so that there is room for numbers
_HIGHEST = 120.0
TITLES = ("patch", "kernel", "products")


class PatchView(PointedTables):
    """values × weights = products, cell by cell; numbers where they fit, a read-out under the pointer everywhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Patch times kernel", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._parts: tuple[Array, ...] = ()
        self._titles = TITLES
        self._tops: tuple[float, ...] = ()
        self._padded: Array = np.zeros((0, 0), bool)

    def set_patch(
        self, parts: tuple[Array, ...], tops: tuple[float, ...], padded: Array, titles: tuple[str, str, str] = TITLES
    ) -> None:
        """Three (kh, kw) arrays, the largest size of each over all input channels, and where the window lies past the map."""
        self._parts, self._tops, self._padded, self._hover, self._titles = parts, tops, padded, None, titles
        total = float(parts[2].sum())
        self.setAccessibleDescription(f"{parts[2].size} products, together {text.number(total)}")
        self.updateGeometry()
        self.update()

    def areas(self) -> list[QRectF]:
        """Where the three tables are."""
        if not self._parts:
            return []
        rows, columns = self._parts[0].shape
        across = 2 if columns <= _WRITTEN else 3
        width = (self.width() - _SIGN * across) / across
        side = width / columns
        height = rows * (min(side, _ROW) if columns <= _WRITTEN else side)
        if height > _HIGHEST:
            height, width = _HIGHEST, columns * _HIGHEST / rows
        places = [(0, 0), (0, 1), (1, 0)] if across == 2 else [(0, 0), (0, 1), (0, 2)]
        return [
            QRectF(x * (width + _SIGN) + _SIGN * (across == 2), y * (height + _CAPTION) + _CAPTION, width, height)
            for y, x in places
        ]

    def draw(self, painter: QPainter) -> None:
        flags = Qt.AlignmentFlag
        for at, area in enumerate(self.areas()):
            painter.setFont(self.small_font(11))
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(
                QRectF(area.left(), area.top() - _CAPTION, area.width(), _CAPTION - 2),
                flags.AlignCenter,
                self._titles[at],
            )
            if at:
                sign = QRectF(area.left() - _SIGN, area.top(), _SIGN, area.height())
                painter.drawText(sign, flags.AlignCenter, "×="[at - 1])
            self._draw_table(painter, area, self._parts[at], self._tops[at])
        if self._hover is not None:
            y, x = self._hover
            value, weight, product = (float(part[y, x]) for part in self._parts)
            where = "padding: " if self._padded.size and self._padded[y, x] else ""
            words = f"{where}{text.number(value, 4)} × {text.number(weight, 4)} = {text.signed(product, 4)}"
            self.draw_readout(painter, self._pointer, words)

    def _draw_table(self, painter: QPainter, area: QRectF, values: Array, top: float) -> None:
        bad = np.array([values.size - np.count_nonzero(np.isfinite(values))])
        limits = render.Limits(np.array([-top]), np.array([top]), True, bad, covers=True)
        pixels = render.colorize(values.astype(np.float32), limits, self.theme.diverging)
        if area.width() / values.shape[1] < _NUMBERS_FROM:
            draw_pixels(painter, area, to_image(pixels))
        else:
            painter.setFont(self.small_font(10))
            write_cells(painter, area, pixels, lambda y, x: text.number(float(values[y, x]), 2))
        if self._hover is not None:
            outline(painter, cell_rect(area, values.shape, self._hover), self.theme.warm, 1.5)

    def tables(self) -> tuple[Sequence[QRectF], tuple[int, ...]]:
        return (self.areas(), self._parts[0].shape) if self._parts else ((), ())

    def resizeEvent(self, _event: object) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        areas = self.areas()
        return QSize(220, int(areas[2].bottom() + 2) if areas else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())


class WindowView(Canvas):
    """The map that a window slides over, with the window as a box; it may reach past the map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Window on the map before", "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._map: Array | None = None
        self._image = QImage()
        self._window = (0, 0, 0, 0)

    def set_map(self, values: Array, limits: render.Limits, colormap: str, window: tuple[int, int, int, int]) -> None:
        """A (H, W) map and the window on it: y0, x0, y1, x1, exclusive."""
        self._map, self._window = values, window
        self._image = to_image(render.colorize(values, limits, colormap))
        self.update()

    def draw(self, painter: QPainter) -> None:
        if self._map is None or self._image.isNull():
            return
        place = fit(self._image.width(), self._image.height(), QRectF(self.rect()).adjusted(3, 3, -3, -3))
        draw_pixels(painter, place, self._image)
        high, wide = place.height() / self._image.height(), place.width() / self._image.width()
        y0, x0, y1, x1 = self._window
        corner = QPointF(place.left() + x0 * wide, place.top() + y0 * high)
        box = QRectF(corner, QPointF(place.left() + x1 * wide, place.top() + y1 * high))
        outline(painter, box.intersected(QRectF(self.rect()).adjusted(1, 1, -1, -1)), self.theme.warm, 2)

    def sizeHint(self) -> QSize:
        return QSize(200, 130)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 130)
