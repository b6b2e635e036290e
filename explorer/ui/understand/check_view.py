"""What stands beside an attribution: the randomised twin's picture, and the curves of deletion and insertion."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.explain import Curve
from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import Canvas, ask_pen, draw_pixels, fit, to_image

_AXIS = 16.0


class Still(Canvas):
    """A small picture."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._image = QImage()

    def set_pixels(self, pixels: Array | None) -> None:
        """(h, w, 3) uint8, or None for nothing."""
        self._image = QImage() if pixels is None else to_image(pixels)
        self.update()

    def draw(self, painter: QPainter) -> None:
        if not self._image.isNull():
            draw_pixels(painter, fit(self._image.width(), self._image.height(), QRectF(self.rect())), self._image)

    def sizeHint(self) -> QSize:
        return QSize(160, 120)


class CurvePlot(Canvas):
    """Scores over the share of pixels changed: deletion should fall at once, insertion rise at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Deletion and insertion", "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._curves: tuple[Curve, ...] = ()

    def set_curves(self, *curves: Curve | None) -> None:
        self._curves = tuple(curve for curve in curves if curve is not None)
        self.setAccessibleDescription("; ".join(_title(curve) for curve in self._curves))
        self.update()

    def draw(self, painter: QPainter) -> None:
        if not self._curves:
            return
        area = QRectF(1, _AXIS, self.width() - 2, self.height() - 2 * _AXIS)
        scores = [float(s) for curve in self._curves for s in curve.scores if s == s]
        low, high = min((0.0, *scores)), max(scores, default=1.0)
        high = high if high > low else low + 1
        painter.fillRect(area, QColor(self.theme.control))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for curve in self._curves:
            painter.setPen(ask_pen(self._colour(curve), 2))
            points = [
                QPointF(area.left() + x * area.width(), area.bottom() - (y - low) / (high - low) * area.height())
                for x, y in zip(curve.shares.tolist(), curve.scores.tolist(), strict=True)
            ]
            painter.drawPolyline(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._label(painter, area, high)

    def _label(self, painter: QPainter, area: QRectF, high: float) -> None:
        flags = Qt.AlignmentFlag
        painter.setFont(self.small_font(11))
        for curve, side in zip(self._curves, (flags.AlignLeft, flags.AlignRight), strict=False):
            painter.setPen(QColor(self._colour(curve)))
            painter.drawText(QRectF(0, 0, self.width(), _AXIS), side | flags.AlignVCenter, _title(curve))
        painter.setPen(QColor(self.theme.dim))
        below = QRectF(0, area.bottom(), self.width(), _AXIS)
        painter.drawText(below, flags.AlignLeft | flags.AlignVCenter, f"0 % · top {text.number(high)}")
        painter.drawText(below, flags.AlignRight | flags.AlignVCenter, "100 % of pixels")

    def _colour(self, curve: Curve) -> str:
        return self.theme.warm if curve.kind == "deletion" else self.theme.accent

    def sizeHint(self) -> QSize:
        return QSize(220, 120)


def _title(curve: Curve) -> str:
    return f"{curve.kind}, area {text.number(curve.area)}"
