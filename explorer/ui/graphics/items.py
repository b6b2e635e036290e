"""Small items that every panel uses: frames that show on any colour, the read-out beside the pointer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QGraphicsPathItem, QGraphicsRectItem

from explorer.ui import theme
from explorer.ui.graphics.setup import pg


@lru_cache(200)
def cosmetic_pen(colour: str, width: float = 1.0, dashed: bool = False, opacity: float = 1.0) -> QPen:
    """A pen whose width is in screen pixels at any zoom. It is shared: it must not be changed."""
    shade = QColor(colour)
    shade.setAlphaF(opacity)
    pen = QPen(shade, width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if dashed:
        pen.setDashPattern([4, 3])
    return pen


class FrameItem(QGraphicsPathItem):
    """Lines in one colour with an edge in the panel's, so that they show on a picture of any colour.

    `role` is the name of a colour of the theme ("accent", "warm", "beam", "text"), or a colour as #rrggbb."""

    def __init__(
        self, role: str, width: float, edge: str = "panel", dashed: bool = False, opacity: float = 1.0
    ) -> None:
        super().__init__()
        self.role, self.edge, self.width, self.dashed, self.opacity_ = role, edge, width, dashed, opacity
        self._path = QPainterPath()
        self.setBrush(Qt.BrushStyle.NoBrush)
        self.setPen(cosmetic_pen("#000000", width + 2))  # its width is what Qt takes the bounds from
        self.hide()

    def set_rects(self, rects: Iterable[QRectF]) -> None:
        """Rectangles in the view's units; none: nothing is shown."""
        path = QPainterPath()
        for rect in rects:
            path.addRect(rect)
        self.set_path(path)

    def set_lines(self, lines: Iterable[tuple[float, float, float, float]]) -> None:
        """Lines (x0, y0, x1, y1) in the view's units."""
        path = QPainterPath()
        for x0, y0, x1, y1 in lines:
            path.moveTo(x0, y0)
            path.lineTo(x1, y1)
        self.set_path(path)

    def set_path(self, path: QPainterPath) -> None:
        """Any path; an empty one hides the item."""
        if path == self._path:
            return
        self._path = path
        self.setPath(path)
        self.setVisible(not path.isEmpty())

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        """Qt's name."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(cosmetic_pen(_colour(self.edge), self.width + 2, opacity=0.35 if self.opacity_ < 1 else 1.0))
        painter.drawPath(self._path)
        painter.setPen(cosmetic_pen(_colour(self.role), self.width, self.dashed, self.opacity_))
        painter.drawPath(self._path)


class ClipItem(QGraphicsRectItem):
    """Nothing itself: what is put into it is seen only inside its rectangle."""

    def __init__(self) -> None:
        super().__init__()
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setFlag(QGraphicsRectItem.GraphicsItemFlag.ItemClipsChildrenToShape)


def _colour(role: str) -> str:
    return role if role.startswith("#") else str(getattr(theme.current(), role))


class ReadOut(pg.TextItem):
    """A line of text in a small plate beside the pointer, always inside the panel."""

    def __init__(self) -> None:
        super().__init__("", anchor=(0, 0))
        self.setZValue(100)
        self.hide()
        self.text = ""

    def say(self, text: str, at: QPointF, area: QRectF) -> None:
        """Shows a text at a point of the view; `area` is what is seen of the view. "" hides it."""
        if not text and not self.text:
            return
        self.text = text
        self.setVisible(bool(text))
        if not text:
            return
        look, font = theme.current(), QApplication.font()
        if font != self.textItem.font():
            self.setFont(font)
        self.fill, self.border = pg.mkBrush(look.control), pg.mkPen(look.line)
        self.setText(text, color=look.text)
        right = at.x() > area.center().x()
        low = at.y() > area.center().y()
        self.setAnchor((1.08 if right else -0.08, 1.4 if low else -0.7))
        self.setPos(at)
