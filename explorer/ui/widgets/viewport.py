"""Zoom and pan of a picture inside a widget: plain geometry, in logical pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

MAX_ZOOM = 64.0


class Viewport:
    """Where a picture lies. At zoom 1 it is as its owner fitted it (`home`); it can be moved only as far as it sticks out."""

    def __init__(self) -> None:
        self.zoom = 1.0
        self._pan = QPointF(0, 0)
        self._area = QRectF()
        self._home = QRectF()

    def place(self, area: QRectF, home: QRectF) -> None:
        """The widget's area and the picture's place in it at zoom 1."""
        self._area, self._home = QRectF(area), QRectF(home)
        self._clamp()

    def reset(self) -> None:
        self.zoom, self._pan = 1.0, QPointF(0, 0)

    @property
    def target(self) -> QRectF:
        """Where the picture is drawn now."""
        out = QRectF(0, 0, self._home.width() * self.zoom, self._home.height() * self.zoom)
        out.moveCenter(self._home.center() + self._pan)
        return out

    def zoom_by(self, factor: float, around: QPointF) -> None:
        """Enlarges so that the point of the picture under `around` stays where it is."""
        before = self.target
        wanted = min(max(self.zoom * factor, 1.0), MAX_ZOOM)
        ratio, self.zoom = wanted / self.zoom, wanted
        self._pan = around + (before.center() - around) * ratio - self._home.center()
        self._clamp()

    def move(self, by: QPointF) -> None:
        self._pan += by
        self._clamp()

    def show(self, rect: QRectF) -> None:
        """Moves just so far that a rectangle (in widget coordinates) is seen, or fills the area if it is larger."""
        area = self._area
        self.move(
            QPointF(
                _shift(rect.left(), rect.right(), area.left(), area.right()),
                _shift(rect.top(), rect.bottom(), area.top(), area.bottom()),
            )
        )

    def _clamp(self) -> None:
        free_x = max(self._home.width() * self.zoom - self._area.width(), 0) / 2
        free_y = max(self._home.height() * self.zoom - self._area.height(), 0) / 2
        self._pan = QPointF(min(max(self._pan.x(), -free_x), free_x), min(max(self._pan.y(), -free_y), free_y))


def _shift(start: float, end: float, first: float, last: float) -> float:
    """How far the stretch start..end must go to lie inside first..last, or around it if it is longer."""
    if end - start > last - first:
        first, last = last - (end - start), first + (end - start)
    return max(first - start, 0.0) + min(last - end, 0.0)
