"""Paints a figure that was laid out, on whatever a QPainter paints on. One painter for PNG, SVG, PDF and the preview."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from explorer.core.figure.figure_drawing import BoxItem, DotItem, Drawing, ImageItem, LineItem, TextItem
from explorer.ui import theme
from explorer.ui.graphics.picture_item import to_image

UNITS = 100  # of the painter in a millimetre: sizes of fonts are whole numbers of them
_SHARP = 16  # device-independent pixels a millimetre that an embedded picture has at least (about 400 dpi)


class QtRuler:
    """Measures text with the font that it is painted in."""

    def width(self, text: str, size: float, bold: bool = False) -> float:
        return _metrics(size, bold).horizontalAdvance(text) / UNITS

    def ascent(self, size: float) -> float:
        return _metrics(size, False).ascent() / UNITS

    def descent(self, size: float) -> float:
        return _metrics(size, False).descent() / UNITS


@cache
def _font(size: float, bold: bool) -> QFont:
    font = QFont(theme.ui_font())
    font.setPixelSize(max(round(size * UNITS), 1))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


@cache
def _metrics(size: float, bold: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(size, bold))


def paint(painter: QPainter, drawing: Drawing) -> None:
    """Everything, on a painter of `UNITS` units a millimetre whose origin is the upper left corner."""
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.fillRect(_rect(0, 0, drawing.width, drawing.height), QColor(drawing.paper))
    for item in drawing.items:
        if isinstance(item, TextItem):
            _text(painter, item)
        elif isinstance(item, ImageItem):
            _image(painter, item)
        elif isinstance(item, BoxItem):
            _box(painter, item)
        elif isinstance(item, LineItem):
            _line(painter, item)
        else:
            _dot(painter, item)


def _rect(x: float, y: float, width: float, height: float) -> QRectF:
    return QRectF(x * UNITS, y * UNITS, width * UNITS, height * UNITS)


def _pen(colour: str, thickness: float, opacity: float = 1.0) -> QPen:
    shade = QColor(colour)
    shade.setAlphaF(opacity)
    pen = QPen(shade, thickness * UNITS)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _text(painter: QPainter, item: TextItem) -> None:
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(_font(item.size, item.bold))
    painter.setPen(QColor(item.colour))
    if not item.upright:
        painter.drawText(QPointF(item.x * UNITS, item.baseline * UNITS), item.text)
        return
    painter.save()
    painter.translate(item.baseline * UNITS, (item.y + item.height) * UNITS)
    painter.rotate(-90)
    painter.drawText(QPointF(0, 0), item.text)
    painter.restore()


def _image(painter: QPainter, item: ImageItem) -> None:
    """Among pixels the nearest one, means only where it is reduced. In a vector file enlarged by a whole factor, so that whatever
    shows the file has nothing to smooth."""
    rgb = np.ascontiguousarray(item.rgb)
    rows, columns = rgb.shape[:2]
    if not rows or not columns:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    target = _rect(item.x, item.y, item.width, item.height)
    if isinstance(painter.device(), QImage):
        seen = painter.transform().mapRect(target)
        image = to_image(rgb)
        if seen.width() < 0.95 * columns or seen.height() < 0.95 * rows:
            wide, high = max(round(min(seen.width(), columns)), 1), max(round(min(seen.height(), rows)), 1)
            ways = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            image = image.scaled(wide, high, *ways)
        painter.drawImage(target, image)
        return
    down, across = (
        min(max(int(np.ceil(side * _SHARP / count)), 1), 64)
        for side, count in ((item.height, rows), (item.width, columns))
    )
    painter.drawImage(target, to_image(rgb.repeat(down, 0).repeat(across, 1)))


def _box(painter: QPainter, item: BoxItem) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fill = QColor(item.fill) if item.fill else QColor(0, 0, 0, 0)
    if item.fill:
        fill.setAlphaF(item.opacity)
    painter.setBrush(fill if item.fill else Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(item.line, item.thickness) if item.line else Qt.PenStyle.NoPen)
    painter.drawRect(_rect(item.x, item.y, item.width, item.height))


def _line(painter: QPainter, item: LineItem) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    points = QPolygonF([QPointF(x * UNITS, y * UNITS) for x, y in item.points])
    if item.filled:
        fill = QColor(item.colour)
        fill.setAlphaF(item.opacity)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(points)
        return
    pen = _pen(item.colour, item.thickness, item.opacity)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if item.dashed:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(points)


def _dot(painter: QPainter, item: DotItem) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(item.colour))
    painter.setPen(_pen(item.line, 0.1) if item.line else Qt.PenStyle.NoPen)
    painter.drawEllipse(QPointF(item.x * UNITS, item.y * UNITS), item.radius * UNITS, item.radius * UNITS)
