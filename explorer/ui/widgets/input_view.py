"""The original picture, with what lies over it: the crop, a receptive field, a window, a heat map."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.shrunk import displayable
from explorer.core.types import Array, Box
from explorer.ui.widgets.canvas import Canvas, ask_pen, draw_pixels, fit, outline, to_image


class InputView(Canvas):
    """Coordinates in signals and boxes are those of the original picture, in pixels. `hovered` and `selected` carry (y, x),
    `dropped` a list of file paths, `activated` that a person clicked while there is no picture."""

    hovered = Signal(float, float)
    selected = Signal(float, float)
    dropped = Signal(list)
    activated = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Input picture", "Drop a picture here, paste, or choose one (Ctrl+O).", parent)
        self.setAcceptDrops(True)
        self.setMinimumSize(120, 120)
        self._image = QImage()
        self._size = (0, 0)  # original height, width
        self._crop: Box | None = None
        self._field: Box | None = None
        self._exact = True
        self._window: Box | None = None
        self._heat, self._strength = QImage(), 0.6
        self._heat_box: Box | None = None
        self._sharp = False
        self._within: Box | None = None
        self._border: list[QLineF] = []
        self._dragged_over = False
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # ---- setters

    def set_picture(self, pixels: Array, name: str = "", size: tuple[int, int] | None = None) -> None:
        """(H, W, C) of a picture of `size`, their own where none is given; what lay over the last one stays if the size stays
        (video)."""
        size = size or (int(pixels.shape[0]), int(pixels.shape[1]))
        if size != self._size:
            self._crop = self._field = self._window = self._heat_box = None
            self._heat, self._size = QImage(), size
            self.updateGeometry()
        self._image, self._size = to_image(displayable(pixels)), size
        self.setAccessibleDescription(f"{name} {size[1]} × {size[0]} pixels".strip())
        self.update()

    def set_crop(self, box: Box | None) -> None:
        """The part that the model sees; the rest is dimmed."""
        self._crop = box
        self.update()

    def set_field(self, box: Box | None, exact: bool = True) -> None:
        """The receptive field of the cell that is pointed at; dashed where it reaches past the picture or is only a bound."""
        self._field, self._exact = box, exact
        self.update()

    def set_window(self, box: Box | None) -> None:
        """The window of the cell that is selected, until another one is."""
        self._window = box
        self.update()

    def set_heat(
        self,
        rgba: Array | None,
        box: Box | None = None,
        strength: float = 0.6,
        sharp: bool = False,
        within: Box | None = None,
    ) -> None:
        """(h, w, 4) uint8 over the whole picture or over a box of it, 0..1 strong; `sharp`: a cell is one colour; `within`: what
        lies outside of this box is left out. Without a border."""
        self._heat = QImage() if rgba is None else to_image(rgba)
        self._heat_box, self._strength, self._sharp, self._within = box, strength, sharp, within
        self._border = []
        self.update()

    def set_border(self, mask: Array | None) -> None:
        """A line round some cells (h, w) of the heat map, None: none."""
        self._border = [QLineF(x0, y0, x1, y1) for y0, x0, y1, x1 in border(mask)] if mask is not None else []
        self.update()

    def clear(self, message: str = "") -> None:
        self._image, self._heat, self._size = QImage(), QImage(), (0, 0)
        self._crop = self._field = self._window = None
        self.set_empty(message or self._empty)

    # ---- painting

    @property
    def picture(self) -> QRectF:
        """Where the picture is drawn."""
        place = fit(self._size[1], self._size[0], QRectF(self.rect()))
        place.moveTop(0)
        return place

    def on_screen(self, box: Box) -> QRectF:
        """A box of the original picture in the widget."""
        place, (height, width) = self.picture, self._size
        down, across = place.height() / height, place.width() / width
        corner = QPointF(place.left() + box.x0 * across, place.top() + box.y0 * down)
        return QRectF(corner, QPointF(place.left() + box.x1 * across, place.top() + box.y1 * down))

    def draw(self, painter: QPainter) -> None:
        if self._image.isNull():
            self._draw_invitation(painter)
            return
        place = self.picture
        draw_pixels(painter, place, self._image)
        if not self._heat.isNull():
            self._draw_heat(painter, place)
        if self._crop is not None:
            self._dim_outside(painter, place, self.on_screen(self._crop))
        if self._window is not None:
            seen = self.on_screen(self._window).intersected(place).adjusted(1, 1, -1, -1)
            outline(painter, seen, self.theme.accent, 2)
        if self._field is not None:
            self._draw_field(painter, place, self.on_screen(self._field))
        if self._dragged_over:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(ask_pen(self.theme.accent, 3))
            painter.drawRect(place.adjusted(1.5, 1.5, -1.5, -1.5))

    def _draw_heat(self, painter: QPainter, place: QRectF) -> None:
        target = place if self._heat_box is None else self.on_screen(self._heat_box)
        painter.save()
        painter.setClipRect(place if self._within is None else place.intersected(self.on_screen(self._within)))
        painter.setOpacity(self._strength)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self._sharp)
        painter.drawImage(target, self._heat)
        painter.setOpacity(1)
        painter.translate(target.topLeft())
        painter.scale(target.width() / self._heat.width(), target.height() / self._heat.height())
        for colour, width in (("#000000", 2.5), ("#ffffff", 1.0)):  # on any colour
            pen = ask_pen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines(self._border)
        painter.restore()

    def _draw_invitation(self, painter: QPainter) -> None:
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(ask_pen(self.theme.accent if self._dragged_over else self.theme.off, 1, dashed=True))
        painter.setBrush(QColor(self.theme.control))
        painter.drawRoundedRect(frame, self.theme.radius, self.theme.radius)
        self.draw_empty(painter)

    def _dim_outside(self, painter: QPainter, place: QRectF, crop: QRectF) -> None:
        outside = QPainterPath()
        outside.addRect(place)
        inside = QPainterPath()
        inside.addRect(crop.intersected(place))
        painter.fillPath(outside.subtracted(inside), QColor(0, 0, 0, 130))

    def _draw_field(self, painter: QPainter, place: QRectF, field: QRectF) -> None:
        """Solid where an edge of the field lies in the picture, dashed along the border where it lies beyond."""
        seen = field.intersected(place)
        if seen.isEmpty():
            return
        seen = QRectF(seen).adjusted(1, 1, -1, -1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for one, other, beyond in (
            (seen.topLeft(), seen.topRight(), field.top() < place.top() - 0.5),
            (seen.bottomLeft(), seen.bottomRight(), field.bottom() > place.bottom() + 0.5),
            (seen.topLeft(), seen.bottomLeft(), field.left() < place.left() - 0.5),
            (seen.topRight(), seen.bottomRight(), field.right() > place.right() + 0.5),
        ):
            painter.setPen(ask_pen("#000000", 3.5))
            painter.setOpacity(0.35)
            painter.drawLine(one, other)
            painter.setOpacity(1)
            painter.setPen(ask_pen(self.theme.beam, 2, dashed=beyond or not self._exact))
            painter.drawLine(one, other)
        middle = field.center()
        if place.contains(middle):
            painter.setPen(ask_pen(self.theme.beam, 1.5))
            painter.drawLine(middle - QPointF(5, 0), middle + QPointF(5, 0))
            painter.drawLine(middle - QPointF(0, 5), middle + QPointF(0, 5))

    # ---- hands

    def _original(self, at: QPointF) -> tuple[float, float] | None:
        """(y, x) in the original picture; None outside."""
        place = self.picture
        if self._image.isNull() or not place.contains(at):
            return None
        y = (at.y() - place.top()) / place.height() * self._size[0]
        return y, (at.x() - place.left()) / place.width() * self._size[1]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._original(event.position())
        if at is None:
            self.left.emit()
        else:
            self.hovered.emit(*at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._original(event.position())
        if event.button() == Qt.MouseButton.LeftButton:
            if self._image.isNull():
                self.activated.emit()
            elif at is not None:
                self.selected.emit(*at)
        super().mouseReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event):
            self._dragged_over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._dragged_over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dragged_over = False
        self.update()
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the picture needs, at most square: what stands beneath keeps its place for most pictures."""
        height, across = self._size
        return width if not across else min(width, max(width * height // across, 60))

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(240))


def border(mask: Array) -> list[tuple[int, int, int, int]]:
    """The lines (y0, x0, y1, x1) between the cells of a mask (h, w) and all others, in cells."""
    framed = np.pad(mask, 1)
    flat = _runs(framed[1:, 1:-1] != framed[:-1, 1:-1])
    upright = _runs((framed[1:-1, 1:] != framed[1:-1, :-1]).T)
    return [(y, x0, y, x1) for y, x0, x1 in flat] + [(y0, x, y1, x) for x, y0, y1 in upright]


def _runs(marked: Array) -> list[tuple[int, int, int]]:
    """(row, first, past the last) of what is marked without a gap in each row."""
    steps = np.diff(np.pad(marked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    begins, ends = np.argwhere(steps > 0), np.argwhere(steps < 0)
    return [(row, first, last) for (row, first), (_, last) in zip(begins.tolist(), ends.tolist(), strict=True)]


def _paths(event: QDropEvent) -> list[str]:
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
