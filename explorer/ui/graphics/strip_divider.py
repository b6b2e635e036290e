"""A line between two thumbnails of a layer strip that can be dragged; what is left of it is dimmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath

from explorer.ui.graphics.items import cosmetic_pen
from explorer.ui.graphics.layer_strip import LayerStrip, StripView
from explorer.ui.graphics.setup import pg
from explorer.ui.graphics.strip_layout import GAP

_REACH = 8.0  # px beside the line that still take hold of it
_GRIP, _HIGH, _LINE = 9.0, 22.0, 3.0  # px: width and height of the grip, width of the line
_OVER = 3.0  # that the line reaches over the thumbnails
_DIMMED = 0.68  # opacity of what lies over the dimmed thumbnails


class StripDivider(pg.GraphicsObject):
    """Stands before the thumbnail `place`, at one of its `stops` (nearest one); without stops it is not there. `moved` carries a
    place and whether the hand has let go; the divider itself stays until it is set."""

    moved = Signal(int, bool)

    def __init__(self, strip: LayerStrip) -> None:
        super().__init__()
        self._view = strip.view
        self.stops: tuple[int, ...] = ()
        self.place = 0
        self.locked = False
        self._shade = _Shade(self, self._view)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setZValue(2)  # over the frames of the strip
        self.hide()
        for item in (self._shade, self):
            self._view.box.addItem(item, ignoreBounds=True)

    # --- setters

    def set_stops(self, stops: Sequence[int]) -> None:
        """Where it can stand, as numbers of the thumbnails behind it; none: it is hidden."""
        self.stops = tuple(sorted(set(stops)))
        self.setVisible(bool(self.stops))
        self._shade.setVisible(bool(self.stops))
        self.set_place(self.place)

    def set_place(self, place: int) -> None:
        """Moves it; emits nothing."""
        self.place = place
        self._view.viewport().update()

    def set_locked(self, on: bool) -> None:
        """Whether it can be moved by hand."""
        self.locked = on
        self.setCursor(Qt.CursorShape.ArrowCursor if on else Qt.CursorShape.SizeHorCursor)
        self._view.viewport().update()

    # --- places

    @property
    def x(self) -> float:
        """Of the line, in the strip's units, always so that all of the grip is seen."""
        layout, seen = self._view.layout_, self._view.box.seen
        at, half = self.place * layout.pitch - GAP / 2, _GRIP / 2 + 1
        end = layout.count * layout.pitch
        return min(max(at, half), max(min(end, max(seen.right(), end - 1)) - half, half))

    def nearest(self, x: float) -> int:
        """The stop that is nearest to a point of the strip."""
        wanted = x / self._view.layout_.pitch
        return min(self.stops, key=lambda stop: abs(stop - wanted), default=self.place)

    # --- pyqtgraph's and Qt's names

    def boundingRect(self) -> QRectF:
        return self._view.box.seen

    def shape(self) -> QPainterPath:
        path, seen = QPainterPath(), self._view.box.seen
        path.addRect(QRectF(self.x - _REACH, seen.top(), 2 * _REACH, seen.height()))
        return path

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    def hoverEvent(self, event: Any) -> None:
        if not event.isExit() and not self.locked:
            event.acceptDrags(Qt.MouseButton.LeftButton)

    def mouseDragEvent(self, event: Any) -> None:
        if self.locked or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        self.moved.emit(self.nearest(event.pos().x()), event.isFinish())

    def paint(self, painter: QPainter, *_: Any) -> None:
        look, seen, x = self._view.theme, self._view.box.seen, self.x
        colour = look.off if self.locked else look.accent
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self._view.place(0).top() - _OVER  # the names above stay readable
        for shade, width in ((look.panel, _LINE + 2), (colour, _LINE)):
            painter.setPen(cosmetic_pen(shade, width))
            painter.drawLine(QPointF(x, top), QPointF(x, seen.bottom()))
        grip = QRectF(x - _GRIP / 2, self._middle - _HIGH / 2, _GRIP, _HIGH)
        painter.setPen(cosmetic_pen(look.panel))
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(grip, 3, 3)
        painter.setPen(cosmetic_pen(look.on_accent))
        for across in (-1.5, 1.5):
            painter.drawLine(QPointF(x + across, grip.top() + 6), QPointF(x + across, grip.bottom() - 6))

    @property
    def _middle(self) -> float:
        return float(self._view.place(0).center().y())


class _Shade(pg.GraphicsObject):
    """Lies over the thumbnails left of the line, beneath the frames."""

    def __init__(self, divider: StripDivider, view: StripView) -> None:
        super().__init__()
        self._divider, self._view = divider, view
        self.setZValue(0.5)
        self.hide()

    def boundingRect(self) -> QRectF:
        return self._view.box.seen

    def viewRangeChanged(self) -> None:
        """pyqtgraph's name."""
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: Any) -> None:
        place = self._divider.place
        if place > 0:
            row, colour = self._view.place(0), QColor(self._view.theme.panel)
            colour.setAlphaF(_DIMMED)
            last = self._view.place(place - 1)
            painter.fillRect(QRectF(row.left(), row.top(), last.right() - row.left(), row.height()), colour)
