"""One finished picture: colours are made by `core.render`, nothing is computed while painting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem


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


def flattened(
    whole: QRectF, items: Sequence[PictureItem], shade: int = 0, clip: QRectF | None = None, least: int = 512
) -> NDArray[np.uint8]:
    """(H, W, 3) of what pictures show of a rectangle of the view, one over the other. The first is what the size follows: whole
    multiples of its pixels, `least` at the longer side. `shade`: how dark it is made, 0..255; `clip`: where the others are seen."""
    first = items[0].image
    assert first is not None
    times = max(-(-least // max(first.shape[:2])), 1)
    canvas = QImage(first.shape[1] * times, first.shape[0] * times, QImage.Format.Format_RGB888)
    canvas.fill(Qt.GlobalColor.black)
    painter = QPainter(canvas)
    painter.scale(canvas.width() / whole.width(), canvas.height() / whole.height())
    painter.translate(-whole.topLeft())
    for at, item in enumerate(items):
        if at == 1:
            painter.fillRect(whole, QColor(0, 0, 0, shade))
            painter.setClipRect(whole if clip is None else clip)
        if item.image is not None and item.image.size and item.isVisible():
            painter.setOpacity(item.opacity())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, item.smooth)
            painter.drawImage(item.boundingRect(), to_image(item.image))
    painter.end()
    rows = np.frombuffer(canvas.constBits(), np.uint8).reshape(canvas.height(), canvas.bytesPerLine())
    return rows[:, : canvas.width() * 3].reshape(canvas.height(), canvas.width(), 3).copy()


class PictureItem(QGraphicsItem):
    """Finished pixels in a rectangle of the view: (H, W) uint32 0xffRRGGBB or (H, W, 3 or 4) uint8.

    Cells stay hard when enlarged, since a cell is a number and not a blur; a reduced picture is resampled, so that no row is
    dropped. `smooth`: enlarged softly as well. Unlike pyqtgraph's ImageItem it knows no levels and no histogram, and its pixels
    can be exchanged while it is about to be painted without being painted twice."""

    def __init__(self, smooth: bool = False) -> None:
        super().__init__()
        self.smooth = smooth
        self.image: NDArray[Any] | None = None
        self._qimage = QImage()
        self._rect = QRectF()

    def place(self, rect: QRectF) -> None:
        """Where the picture is, in the view's units."""
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = QRectF(rect)

    def fill(self, pixels: NDArray[Any]) -> None:
        """Other pixels, just before the picture is painted. The array must not be written to."""
        if pixels is not self.image:
            self.image, self._qimage = pixels, to_image(pixels)

    def set_pixels(self, pixels: NDArray[Any], rect: QRectF | None = None) -> None:
        """Shows pixels in a rectangle (None: one unit a pixel). The array must not be written to."""
        self.place(QRectF(0, 0, pixels.shape[1], pixels.shape[0]) if rect is None else rect)
        self.fill(pixels)
        self.update()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to paint."""
        return self.image is None or self.image.size == 0

    # --- Qt's names

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, _option: Any, _widget: Any = None) -> None:
        if self.empty or self._rect.isEmpty():
            return
        transform, size = painter.worldTransform(), self._qimage.size()
        ratio = painter.device().devicePixelRatioF()
        across = abs(transform.m11()) * self._rect.width() / size.width()
        down = abs(transform.m22()) * self._rect.height() / size.height()
        reduced = min(across, down) * ratio < 0.999
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth or reduced)
        painter.drawImage(self._rect, self._qimage)
