"""A picture, or a batch, as it grows, and how the objective climbs."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.gallery import tiles
from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import Canvas, ask_pen, draw_pixels, fit, to_image

_HEIGHT, _GAP = 208, 4  # px
_AXIS = 16.0
_POINTS = 400  # of a curve: more than it has pixels


class GrownView(Canvas):
    """The pictures of a batch side by side, each as large as fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Maximised picture", "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._images: list[QImage] = []

    def set_pictures(self, pictures: Array | None) -> None:
        """(N, H, W, C) uint8, None for nothing."""
        self._images = [] if pictures is None else [to_image(tile) for tile in tiles(pictures)]
        count = len(self._images)
        self.setAccessibleDescription(f"{count} picture{'s' * (count != 1)}" if count else self._empty)
        self.update()

    def draw(self, painter: QPainter) -> None:
        if not self._images:
            painter.fillRect(self.rect(), QColor(self.theme.control))
            self.draw_empty(painter)
            return
        for place, image in zip(self.places(), self._images, strict=True):
            draw_pixels(painter, fit(image.width(), image.height(), place), image)

    def places(self) -> list[QRectF]:
        """Where the pictures stand: the number of columns that makes them largest."""
        count, first = len(self._images), self._images[0]

        def scale(columns: int) -> float:
            wide, high = self._room(count, columns)
            return min(wide / first.width(), high / first.height())

        columns = max(range(1, count + 1), key=scale)
        wide, high = self._room(count, columns)
        factor = scale(columns)
        wide, high = min(wide, first.width() * factor), min(high, first.height() * factor)
        left = (self.width() - columns * wide - (columns - 1) * _GAP) / 2
        spots = (divmod(number, columns) for number in range(count))
        return [QRectF(left + c * (wide + _GAP), r * (high + _GAP), wide, high) for r, c in spots]

    def _room(self, count: int, columns: int) -> tuple[float, float]:
        """(width, height) of a place."""
        rows = -(-count // columns)
        wide = (self.width() - (columns - 1) * _GAP) / columns
        return max(wide, 1.0), max((self.height() - (rows - 1) * _GAP) / rows, 1.0)

    def sizeHint(self) -> QSize:
        return QSize(_HEIGHT, _HEIGHT)


class ClimbPlot(Canvas):
    """The objective over the steps. It is of the moved pictures, so that it trembles."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Objective over the steps", "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("The target at each step, of the picture as it was moved for that step")
        self._curve: Array = np.zeros(0)
        self._steps, self._title = 1, ""

    def set_curve(self, curve: Array, steps: int, title: str) -> None:
        """(n,) values of the first n of so many steps."""
        self._curve, self._steps, self._title = np.asarray(curve, np.float64), max(steps, 1), title
        said = f"{title}, {text.number(self._first)} to {text.number(self._last)}" if len(curve) else ""
        self.setAccessibleDescription(said)
        self.update()

    @property
    def _first(self) -> float:
        return float(self._curve[0]) if len(self._curve) else math.nan

    @property
    def _last(self) -> float:
        return float(self._curve[-1]) if len(self._curve) else math.nan

    def draw(self, painter: QPainter) -> None:
        area = QRectF(1, _AXIS, self.width() - 2, self.height() - 2 * _AXIS)
        painter.fillRect(area, QColor(self.theme.control))
        if not len(self._curve):
            return
        low, high = float(self._curve.min()), float(self._curve.max())
        low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
        at = np.unique(np.linspace(0, len(self._curve) - 1, _POINTS).astype(int))
        across = area.left() + at / max(self._steps - 1, 1) * area.width()
        down = area.bottom() - 2 - (self._curve[at] - low) / (high - low) * (area.height() - 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(ask_pen(self.theme.accent, 2))
        points = [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]
        painter.drawPolyline(QPolygonF(points)) if len(points) > 1 else painter.drawPoint(points[0])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._label(painter, area)

    def _label(self, painter: QPainter, area: QRectF) -> None:
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        above, below = QRectF(0, 0, self.width(), _AXIS), QRectF(0, area.bottom(), self.width(), _AXIS)
        painter.setFont(self.small_font(11))
        painter.setPen(QColor(self.theme.dim))
        painter.drawText(above, left, self._title)
        painter.drawText(above, right, f"{text.number(self._first)} → {text.number(self._last)}")
        painter.drawText(below, left, "step 1")
        painter.drawText(below, right, f"step {self._steps}")

    def sizeHint(self) -> QSize:
        return QSize(220, 96)
