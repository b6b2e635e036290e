"""What every painted view shares: arrays to images, an empty state, a focus frame, a read-out beside the pointer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui import theme

# (down, right) of an arrow key
ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


def to_image(pixels: NDArray[Any]) -> QImage:
    """(H, W) uint32 0xffRRGGBB, or (H, W, 3 or 4) uint8 RGB(A), as an image that shares or owns its memory safely.

    The image keeps a view of 32-bit pixels: they must not be written to afterwards."""
    if pixels.size == 0:
        return QImage()
    if pixels.ndim == 2 and pixels.dtype == np.uint32:
        data, form = np.ascontiguousarray(pixels), QImage.Format.Format_RGB32
    elif pixels.ndim == 3 and pixels.shape[2] == 4:
        data, form = np.ascontiguousarray(pixels, dtype=np.uint8), QImage.Format.Format_RGBA8888
    else:
        data, form = np.ascontiguousarray(pixels, dtype=np.uint8), QImage.Format.Format_RGB888
    image = QImage(data.data, data.shape[1], data.shape[0], data.strides[0], form)
    image.array = data  # type: ignore[attr-defined]  # Qt only borrows the memory
    return image


def fit(width: float, height: float, area: QRectF) -> QRectF:
    """The largest rectangle of that shape in the middle of an area."""
    if width <= 0 or height <= 0 or area.isEmpty():
        return QRectF(area.center(), area.center())
    scale = min(area.width() / width, area.height() / height)
    out = QRectF(0, 0, width * scale, height * scale)
    out.moveCenter(area.center())
    return out


def draw_pixels(painter: QPainter, target: QRectF, image: QImage) -> None:
    """Enlarges with hard pixels, since a cell is a number and not a blur; reduces smoothly, so that no row is dropped."""
    reduces = target.width() * painter.device().devicePixelRatioF() < image.width() * 0.999
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, reduces)
    painter.drawImage(target, image)


def ask_pen(colour: str, width: float = 1.0, dashed: bool = False) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if dashed:
        pen.setDashPattern([4, 3])
    return pen


def outline(painter: QPainter, frame: QRectF, colour: str, width: float) -> None:
    """A frame on a picture of any colour: the line has an edge in the background's."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ask_pen(theme.current().panel, width + 2))
    painter.drawRect(frame)
    painter.setPen(ask_pen(colour, width))
    painter.drawRect(frame)


class Canvas(QWidget):
    """A widget that paints itself. Subclasses implement `draw` and call `update()` when something changed."""

    left = Signal()  # the pointer went away

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = empty
        self._key_focus = False
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_empty(self, text: str) -> None:
        """What the view says while it has nothing to show: what to do next."""
        self._empty = text
        self.update()

    def draw(self, painter: QPainter) -> None:
        raise NotImplementedError

    @property
    def theme(self) -> theme.Theme:
        return theme.current()

    def small_font(self, pixels: int = 11, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels)
        font.setBold(bold)
        return font

    def draw_empty(self, painter: QPainter, area: QRectF | None = None) -> None:
        area = area or QRectF(self.rect()).adjusted(12, 8, -12, -8)
        painter.setPen(QColor(self.theme.dim))
        painter.setFont(self.font())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def draw_readout(self, painter: QPainter, at: QPointF, text: str) -> None:
        """A line of text in a small plate beside the pointer, always inside the widget."""
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 14, metrics.height() + 8)
        plate.moveTopLeft(at + QPointF(14, 16))
        if plate.right() > self.width() - 2:
            plate.moveRight(at.x() - 10)
        if plate.bottom() > self.height() - 2:
            plate.moveBottom(at.y() - 10)
        plate.moveLeft(max(plate.left(), 2.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.setBrush(QColor(self.theme.control))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(QColor(self.theme.text))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paintEvent(self, _event: QPaintEvent) -> None:  # Qt's name
        painter = QPainter(self)
        try:
            self.draw(painter)
            if self._key_focus:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
                painter.setPen(ask_pen(self.theme.accent, 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        finally:
            painter.end()  # a painter that is still open when the paint event ends crashes the process

    def focusInEvent(self, event: Any) -> None:
        # a frame for those who came by keyboard; whoever clicked knows where they are
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
        self._key_focus = event.reason() in reasons
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        self._key_focus = False
        self.update()
        super().focusOutEvent(event)

    def leaveEvent(self, event: Any) -> None:
        self.forget_pointer()
        self.left.emit()
        self.update()
        super().leaveEvent(event)

    def forget_pointer(self) -> None:
        """The pointer is no longer over the widget; subclasses drop what they highlight."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.update()
        super().resizeEvent(event)
