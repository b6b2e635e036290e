"""A picture, or some side by side, to be looked at: a twin, a map with a window on it, a batch as it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.figure.figure_parts import FigureFrame, FigurePart, PicturePart
from explorer.core.figure.panel_parts import pictures_part
from explorer.core.render import rgb_of
from explorer.core.translation import ntr, tr
from explorer.ui.graphics.image_panel import rect_of
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.picture_item import PictureItem

_GAP = 0.02  # of a picture's longer side, between pictures


class StillPanel(Panel):
    """Pictures of one size, as large as they fit; a unit of the view is a pixel of one of them. Ctrl + wheel zooms."""

    def __init__(self, name: str, height: int = 130, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name, empty, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.scrubs = False
        self._high = height
        self._pictures: list[PictureItem] = []
        self._shape = (0, 0)
        self._window: Box | None = None
        self._frame = FrameItem("warm", 2.0)
        self._frame.setZValue(10)
        self.box.addItem(self._frame, ignoreBounds=True)
        self.offer(tr("Show all"), self._fit)
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    def set_pictures(self, pictures: Sequence[Array], smooth: bool = False) -> None:
        """Pictures of one size, (h, w, 3) uint8 or (h, w) 0xffRRGGBB; none: the empty state."""
        for item in self._pictures:
            self.box.removeItem(item)
        self._pictures = []
        self._shape = (int(pictures[0].shape[0]), int(pictures[0].shape[1])) if len(pictures) else (0, 0)
        for picture in pictures:
            item = PictureItem(smooth)
            item.set_pixels(picture)
            self._pictures.append(item)
            self.box.addItem(item, ignoreBounds=True)
        self.show_message(not len(pictures))
        self.setAccessibleDescription(
            ntr("{count} picture", "{count} pictures", len(pictures), count=len(pictures)) if len(pictures) else ""
        )
        self.lay_out(keep=False)

    @property
    def figure_part(self) -> FigurePart | None:
        """The pictures by number, with the frame of the first."""
        images = [item.image for item in self._pictures if item.image is not None]
        part = pictures_part({str(at): image if image.ndim == 3 else rgb_of(image) for at, image in enumerate(images)})
        if isinstance(part, PicturePart) and self._window is not None:
            y0, x0, y1, x1 = self._window.y0, self._window.x0, self._window.y1, self._window.x1
            return replace(part, frames=(FigureFrame(y0, x0, y1 - y0, x1 - x0),))
        return part

    def set_window(self, window: Box | None) -> None:
        """Frames a part of the first picture; it may reach past it."""
        self._window = window
        self._frame.set_rects([] if window is None else [rect_of(window)])

    def places(self) -> list[QRectF]:
        """Where the pictures are in the widget."""
        return [self.on_screen(item.mapRectToParent(item.boundingRect())) for item in self._pictures]

    def lay_out(self, keep: bool = True) -> None:
        """The number of columns that makes the pictures largest."""
        count, (high, wide) = len(self._pictures), self._shape
        if not count or not high or not wide:
            return
        across, down = max(int(self.viewport().width()) - 6, 1), max(int(self.viewport().height()) - 6, 1)
        gap = max(high, wide) * _GAP

        def scale(columns: int) -> float:
            rows = -(-count // columns)
            return min(across / (columns * (wide + gap) - gap), down / (rows * (high + gap) - gap))

        columns = max(range(1, count + 1), key=scale)
        best, rows = scale(columns), -(-count // columns)
        for at, item in enumerate(self._pictures):
            row, column = divmod(at, columns)
            item.setPos(QPointF(column * (wide + gap), row * (high + gap)))
        content = QRectF(0, 0, columns * (wide + gap) - gap, rows * (high + gap) - gap)
        home = QRectF(0, 0, (across + 6) / best, (down + 6) / best)
        home.moveCenter(content.center())
        self.box.set_home(home, content, keep)

    def sizeHint(self) -> QSize:
        return QSize(160, self._high)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._high)


def stacked(pictures: Array | None) -> list[Array]:
    """(N, H, W, C) as a list of pictures; None: none."""
    return [] if pictures is None else [np.ascontiguousarray(picture) for picture in pictures]
