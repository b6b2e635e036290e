"""Small pictures of the channels of a layer, those that are still to come as empty places."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from explorer.core.types import Array
from explorer.ui.widgets.canvas import ARROWS, Canvas, draw_pixels, fit, outline, to_image

_SIDE, _GAP = 44, 4  # px
_ROWS = 4  # that are seen at once


class Thumbs(Canvas):
    """`chosen` carries a channel: clicked, or reached with the arrow keys."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Maximised channels", "", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._images: dict[int, QImage] = {}
        self._count = 0
        self._selected = 0
        self._hover: int | None = None
        self._seen = QRect()

    def set_count(self, count: int) -> None:
        """So many places, all of them empty."""
        self._images, self._count, self._hover = {}, count, None
        self._describe()
        self._grow()

    def set_picture(self, channel: int, rgb: Array) -> None:
        """(h, w, 3) uint8."""
        self._images[channel] = to_image(rgb)
        self._describe()
        self.update()

    def set_selected(self, channel: int) -> None:
        self._selected = channel
        self.update()

    @property
    def made(self) -> frozenset[int]:
        """Channels whose picture is there."""
        return frozenset(self._images)

    def place(self, channel: int) -> QRectF:
        row, column = divmod(channel, self._columns)
        return QRectF(column * (_SIDE + _GAP) + 1, row * (_SIDE + _GAP) + 1, _SIDE, _SIDE)

    @property
    def _columns(self) -> int:
        return max((self.width() - 2 + _GAP) // (_SIDE + _GAP), 1)

    def _describe(self) -> None:
        self.setAccessibleDescription(f"{len(self._images)} of {self._count} channels have a picture")

    def _grow(self) -> None:
        rows = -(-self._count // self._columns)
        self.setFixedHeight(max(rows * (_SIDE + _GAP) - _GAP + 2, 1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._seen = event.rect()  # of thousands of places a few are seen
        super().paintEvent(event)

    def draw(self, painter: QPainter) -> None:
        seen = self._seen
        first = max(seen.top() // (_SIDE + _GAP), 0) * self._columns
        last = min((seen.bottom() // (_SIDE + _GAP) + 1) * self._columns, self._count)
        painter.setFont(self.small_font(10))
        for channel in range(first, last):
            self._draw_one(painter, channel, self.place(channel))

    def _draw_one(self, painter: QPainter, channel: int, place: QRectF) -> None:
        image = self._images.get(channel)
        if image is None:
            painter.fillRect(place, QColor(self.theme.track))
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(channel))
        else:
            draw_pixels(painter, fit(image.width(), image.height(), place), image)
        if channel in (self._selected, self._hover):
            outline(painter, place, self.theme.warm if channel == self._hover else self.theme.accent, 2)

    # --- pointing

    def _at(self, where: QPointF) -> int | None:
        column, row = int(where.x() // (_SIDE + _GAP)), int(where.y() // (_SIDE + _GAP))
        channel = row * self._columns + column
        return channel if 0 <= column < self._columns and 0 <= channel < self._count else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._at(event.position())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        channel = self._at(event.position())
        if channel is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        channel = self._selected + step[0] * self._columns + step[1]
        if 0 <= channel < self._count:
            self.chosen.emit(channel)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            channel = self._at(QPointF(event.pos()))
            made = "" if channel in self._images else ": not made yet"
            QToolTip.showText(event.globalPos(), "" if channel is None else f"channel {channel}{made}", self)
            return True
        return super().event(event)

    def forget_pointer(self) -> None:
        self._hover = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._grow()
        super().resizeEvent(event)


class ThumbsArea(QScrollArea):
    """Thumbs, a few rows of them at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbs = Thumbs()
        self.setWidget(self.thumbs)
        self.setWidgetResizable(True)
        for part in (self.viewport(), self.thumbs):
            part.setAutoFillBackground(False)  # the panel's background shows through
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_selected(self, channel: int) -> None:
        """Frames a channel and brings it into view."""
        self.thumbs.set_selected(channel)
        place = self.thumbs.place(channel).center()
        self.ensureVisible(int(place.x()), int(place.y()), 0, _SIDE)

    def sizeHint(self) -> QSize:
        return QSize(220, min(self.thumbs.height(), _ROWS * (_SIDE + _GAP)) + 2)

    def set_count(self, count: int) -> None:
        self.thumbs.set_count(count)
        self.updateGeometry()
