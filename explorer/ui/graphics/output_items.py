"""What a model finds in a picture, over it: a class for every cell, boxes with their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QApplication, QGraphicsItem

from explorer.ui.graphics.items import cosmetic_pen

_PAD = 3.0  # px round a name
_LIGHT = 140  # of 255: a colour that black is read on


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box in the view's units, what is written at its corner, "#rrggbb". `strong`: it is pointed out."""

    rect: QRectF
    text: str
    colour: str
    strong: bool = False


class BoxesItem(QGraphicsItem):
    """Frames of one width at any zoom, each with its name in a plate at the upper left corner. The first stands over all others."""

    def __init__(self) -> None:
        super().__init__()
        self.boxes: tuple[DrawnBox, ...] = ()
        self._area = QRectF()

    def set_boxes(self, boxes: Sequence[DrawnBox], area: QRectF) -> None:
        """`area`: of the picture, outside of which no name is written."""
        self.prepareGeometryChange()
        self.boxes, self._area = tuple(boxes), QRectF(area)
        self.setVisible(bool(boxes))
        self.update()

    def boundingRect(self) -> QRectF:
        """Qt's name."""
        return self._area

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        """Qt's name."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in reversed(self.boxes):
            seen = box.rect.intersected(self._area)
            painter.setPen(cosmetic_pen("#000000", (5 if box.strong else 3.5), opacity=0.45))
            painter.drawRect(seen)
            painter.setPen(cosmetic_pen(box.colour, 3 if box.strong else 1.8))
            painter.drawRect(seen)
        view = painter.worldTransform()
        painter.save()
        painter.setWorldTransform(QTransform())  # names are as large at any zoom
        font = QApplication.font()
        painter.setFont(font)
        area = view.mapRect(self._area)
        for box in reversed(self.boxes):
            if box.text:
                _write(painter, QFontMetricsF(font), view.mapRect(box.rect.intersected(self._area)), box, area)
        painter.restore()


def _write(painter: QPainter, metrics: QFontMetricsF, frame: QRectF, box: DrawnBox, area: QRectF) -> None:
    words = metrics.elidedText(box.text, Qt.TextElideMode.ElideRight, max(area.width() - 2 * _PAD, 8.0))
    plate = QRectF(0, 0, metrics.horizontalAdvance(words) + 2 * _PAD, metrics.height())
    plate.moveTo(QPointF(min(frame.left(), area.right() - plate.width()), frame.top()))
    if plate.bottom() > area.bottom():
        plate.moveBottom(area.bottom())
    colour = QColor(box.colour)
    painter.fillRect(plate, colour)
    painter.setPen(QColor("#000000" if colour.lightness() >= _LIGHT or colour.green() > 150 else "#ffffff"))
    painter.drawText(
        plate.adjusted(_PAD, 0, -_PAD, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
    )
