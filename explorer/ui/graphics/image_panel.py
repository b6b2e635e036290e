"""The original picture, with what lies over it: the crop, a receptive field, a window, a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QSizePolicy, QWidget

from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.figure.figure_parts import FigureFrame, PicturePart
from explorer.core.render.display_image import displayable
from explorer.core.translation import tr
from explorer.ui.graphics.items import ClipItem, FrameItem
from explorer.ui.graphics.output_items import BoxesItem, DrawnBox
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.picture_item import PictureItem, flattened

_SHADE = 130  # of 255: outside of what the model sees


def rect_of(box: Box) -> QRectF:
    """A box as Qt has it."""
    return QRectF(QPointF(box.x0, box.y0), QPointF(box.x1, box.y1))


class ImagePanel(Panel):
    """Coordinates in signals and boxes are those of the original picture, in pixels; so are the view's units, and panels of
    one picture can share what is seen (`box.setXLink`). `hovered` and `selected` carry (y, x), `activated` that a person clicked
    while there is no picture."""

    hovered = Signal(float, float)
    selected = Signal(float, float)
    activated = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Input picture"), tr("Drop a picture here, paste, or choose one (Ctrl+O)."), parent)
        self.setAcceptDrops(False)  # what it stands in says what is done with files
        self.viewport().setAcceptDrops(False)
        self.setMinimumSize(120, 60)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._size, self._stretched = (0, 0), False  # original height, width
        self._heat_rect: QRectF | None = None
        self._has_heat = self._has_classes = False
        self.field_box: Box | None = None  # what is drawn
        self.window_box: Box | None = None
        self._picture, self.heat, self._clip = PictureItem(smooth=True), PictureItem(smooth=True), ClipItem()
        self.heat.setParentItem(self._clip)
        self.classes, self.boxes, self._seen = PictureItem(), BoxesItem(), ClipItem()
        self.classes.setParentItem(self._seen)
        self._shade = QGraphicsPathItem()
        self._shade.setPen(Qt.PenStyle.NoPen)
        self._shade.setBrush(QColor(0, 0, 0, _SHADE))
        self._window = FrameItem("accent", 2.0)
        self._field, self._beyond = (
            FrameItem("beam", 2.0, edge="#000000"),
            FrameItem("beam", 2.0, "#000000", dashed=True),
        )
        self._border, self._cursor = FrameItem("#ffffff", 1.0, edge="#000000"), FrameItem("warm", 1.5)
        frames = (self._border, self._cursor, self._window, self._field, self._beyond)
        for item in (self._picture, self._seen, self._clip, self._shade, self.boxes, *frames):
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.offer(tr("Show all"), self._fit)
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    # --- setters

    def set_picture(
        self,
        pixels: Array,
        name: str = "",
        size: tuple[int, int] | None = None,
        stretched: bool = False,
        unit: str = "pixels",
    ) -> None:
        """(H, W, C) of a picture of `size`, their own where none is given; what lay over the last one stays if the size stays
        (video). `stretched`: it fills the panel, as a row of samples does."""
        size = size or (int(pixels.shape[0]), int(pixels.shape[1]))
        same = (size, stretched) == (self._size, self._stretched)
        self._size, self._stretched = size, stretched
        self._picture.set_pixels(displayable(pixels), QRectF(0, 0, size[1], size[0]))
        self.show_message(False)
        if not same:
            for clear in (
                self.set_crop,
                self.set_field,
                self.set_window,
                self.set_heat,
                self.set_cursor,
                self.set_classes,
                self.set_boxes,
            ):
                clear(None)
            self.updateGeometry()
            self.lay_out(keep=False)
        self.setAccessibleDescription(f"{name} {size[1]} × {size[0]} {unit}".strip())

    def set_crop(self, box: Box | None) -> None:
        """The part that the model sees; the rest is dimmed."""
        path = QPainterPath()
        if box is not None:
            inside = QPainterPath()
            path.addRect(self.box.content)
            inside.addRect(rect_of(box).intersected(self.box.content))
            path = path.subtracted(inside)
        self._shade.setPath(path)

    def set_field(self, box: Box | None, exact: bool = True) -> None:
        """The receptive field of the cell that is pointed at; dashed where it reaches past the picture or is only a bound."""
        self.field_box = box
        whole = self.box.content
        rect = QRectF() if box is None else rect_of(box)
        seen = rect.intersected(whole)
        if seen.isEmpty():
            self._field.set_rects([])
            self._beyond.set_rects([])
            return
        down, across = self.scale_of_view
        seen = seen.adjusted(1 / across, 1 / down, -1 / across, -1 / down)
        sides = (
            ((seen.left(), seen.top(), seen.right(), seen.top()), rect.top() < whole.top()),
            ((seen.left(), seen.bottom(), seen.right(), seen.bottom()), rect.bottom() > whole.bottom()),
            ((seen.left(), seen.top(), seen.left(), seen.bottom()), rect.left() < whole.left()),
            ((seen.right(), seen.top(), seen.right(), seen.bottom()), rect.right() > whole.right()),
        )
        middle = rect.center()
        cross = (
            (middle.x() - 5 / across, middle.y(), middle.x() + 5 / across, middle.y()),
            (middle.x(), middle.y() - 5 / down, middle.x(), middle.y() + 5 / down),
        )
        solid = [line for line, beyond in sides if exact and not beyond]
        self._field.set_lines([*solid, *(cross if whole.contains(middle) else ())])
        self._beyond.set_lines(line for line, beyond in sides if beyond or not exact)

    def set_cursor(self, x: float | None) -> None:
        """A line from top to bottom: where a sound is heard."""
        self._cursor.set_lines([] if x is None else [(x, 0.0, x, float(self._size[0]))])

    def set_window(self, box: Box | None) -> None:
        """The window of the cell that is selected, until another one is."""
        self.window_box = box
        self._window.set_rects([] if box is None else [rect_of(box).intersected(self.box.content)])

    def set_classes(self, rgba: Array | None, box: Box | None = None, opacity: float = 0.6) -> None:
        """(h, w, 4) uint8 over a box of the original picture, a class for every cell; it lies beneath a heat map. None: nothing."""
        self._has_classes = rgba is not None
        self._show_classes()
        if rgba is None:
            return
        self._seen.setRect(self.box.content)
        self.classes.setOpacity(opacity)
        self.classes.set_pixels(rgba, self.box.content if box is None else rect_of(box))

    def _show_classes(self) -> None:
        """Two colourings over each other are read by nobody: a heat map takes the place of the classes."""
        self.classes.setVisible(self._has_classes and not self._has_heat)

    def set_boxes(self, boxes: Sequence[DrawnBox] | None) -> None:
        """Boxes of the original picture with their names; None: nothing."""
        self.boxes.set_boxes(boxes or (), self.box.content)

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
        self._has_heat = rgba is not None
        self.heat.setVisible(self._has_heat)
        self._show_classes()
        self._border.set_rects([])
        if rgba is None:
            return
        rect = self.box.content if box is None else rect_of(box)
        self._clip.setRect(self.box.content if within is None else rect_of(within).intersected(self.box.content))
        self._heat_rect = rect
        self.heat.smooth = not sharp
        self.heat.setOpacity(strength)
        self.heat.set_pixels(rgba, rect)

    def set_border(self, mask: Array | None) -> None:
        """A line round some cells (h, w) of the heat map, None: none."""
        if mask is None or self._heat_rect is None:
            self._border.set_rects([])
            return
        rect, (rows, columns) = self._heat_rect, mask.shape
        down, across = rect.height() / rows, rect.width() / columns
        self._border.set_lines(
            (rect.x() + x0 * across, rect.y() + y0 * down, rect.x() + x1 * across, rect.y() + y1 * down)
            for y0, x0, y1, x1 in border(mask)
        )

    @property
    def figure_part(self) -> PicturePart | None:
        """The picture with what lies over it."""
        if self._is_empty or self._picture.empty:
            return None
        whole = self.box.content
        clip = self._clip.rect() if self._has_heat else whole
        rgb = flattened(whole, (self._picture, self.classes, self.heat), clip=clip)
        down, across = rgb.shape[0] / whole.height(), rgb.shape[1] / whole.width()
        frames = tuple(
            FigureFrame(box.y0 * down, box.x0 * across, (box.y1 - box.y0) * down, (box.x1 - box.x0) * across)
            for box in (self.field_box, self.window_box)
            if box is not None
        )
        frames += tuple(
            FigureFrame(r.top() * down, r.left() * across, r.height() * down, r.width() * across, box.text)
            for box in self.boxes.boxes
            if not (r := box.rect.intersected(whole)).isEmpty()
        )
        return PicturePart("", rgb, frames=frames, aspect=3 / 8 if self._stretched else 0.0)

    def clear(self, message: str = "") -> None:
        """Nothing is shown; a sentence says what to do."""
        self._size = (0, 0)
        self.set_empty(message or self.message.text())
        self.show_message(True)

    # --- places

    @property
    def picture(self) -> QRectF:
        """Where the picture is drawn, in the widget."""
        return self.on_screen(self.box.content)

    def frame(self, box: Box) -> QRectF:
        """A box of the original picture in the widget."""
        return self.on_screen(rect_of(box))

    def lay_out(self, keep: bool = True) -> None:
        height, width = self._size
        if not height or not width:
            return
        if self._stretched:
            whole = QRectF(0, 0, width, height)
            self.box.set_home(whole, whole, keep)
            return
        across, down = max(self.viewport().width(), 1), max(self.viewport().height(), 1)
        scale = min(across / width, down / height)
        home = QRectF(0, 0, across / scale, down / scale)
        home.moveLeft((width - home.width()) / 2)  # at the top: what stands beneath keeps its place
        self.box.set_home(home, QRectF(0, 0, width, height), keep)

    # --- hands

    @property
    def _is_empty(self) -> bool:
        return self._size == (0, 0)

    def point(self, at: QPointF | None) -> None:
        if at is None or self._is_empty or not self.box.content.contains(at):
            self.left.emit()
        else:
            self.hovered.emit(at.y(), at.x())

    def _click(self, at: QPointF) -> None:
        if not self._is_empty and self.box.content.contains(at):
            self.selected.emit(at.y(), at.x())

    def mouseReleaseEvent(self, event: Any) -> None:
        super().mouseReleaseEvent(event)
        if self._is_empty and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit()

    # --- size

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the picture needs, at most square: what stands beneath keeps its place for most pictures."""
        height, across = self._size
        if self._stretched:
            return max(width * 3 // 8, 60)
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
