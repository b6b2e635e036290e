"""One finished picture in one ImageItem: colours are made by `core.render`, nothing is computed while painting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from explorer.ui.graphics.setup import pg


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


class PictureItem(pg.ImageItem):
    """An ImageItem of finished pixels: (H, W) uint32 0xffRRGGBB or (H, W, 3 or 4) uint8.

    Cells stay hard when enlarged, since a cell is a number and not a blur; a reduced picture is resampled, so that no row is
    dropped. `smooth`: enlarged softly as well."""

    def __init__(self, smooth: bool = False) -> None:
        super().__init__(axisOrder="row-major")
        self.smooth = smooth
        self._placed: tuple[QRectF, tuple[int, ...]] | None = None

    def set_pixels(self, pixels: NDArray[Any], rect: QRectF | None = None) -> None:
        """Shows pixels in a rectangle of the view's units (None: one unit a pixel). The array must not be written to."""
        if pixels is not self.image:
            self.setImage(pixels, autoLevels=False)
        wanted = QRectF(0, 0, pixels.shape[1], pixels.shape[0]) if rect is None else rect
        if pixels.size and (wanted, pixels.shape[:2]) != self._placed:
            self._placed = QRectF(wanted), pixels.shape[:2]
            self.setRect(wanted)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to paint."""
        return self.image is None or self.image.size == 0

    def render(self) -> None:
        """pyqtgraph's name: makes the QImage when it is painted for the first time."""
        self._unrenderable = self.empty
        self._renderRequired = False
        if not self._unrenderable:
            self.qimage = to_image(self.image)

    def paint(self, painter: QPainter, *args: Any) -> None:
        """pyqtgraph's name."""
        transform = painter.worldTransform()
        ratio = painter.device().devicePixelRatioF() if painter.device() is not None else 1.0
        reduces = min(abs(transform.m11()), abs(transform.m22())) * ratio < 0.999
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth or reduces)
        super().paint(painter, *args)
