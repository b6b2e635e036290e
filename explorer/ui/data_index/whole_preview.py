"""The whole picture of an example with the frame of its crop, over the window and beside the example."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.core.boxes import Box
from explorer.core.example_pictures import ExamplePicture
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.picture_item import to_image

_INSET, _SIDE = 8, 240


class WholePreview(QWidget):
    """Takes no part in what the mouse does. It lies over the window that `beside` is in."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("Whole picture"))
        self._image: QImage | None = None
        self._box: Box | None = None
        self._words = ""
        self.hide()

    def show_picture(self, picture: ExamplePicture, words: str, beside: QWidget, among: QWidget) -> None:
        """As high as `beside`, and at the left of `among`, which it is one of, where there is room; else at its right."""
        if picture.whole is None or not beside.isVisible():
            self.hide()
            return
        window = beside.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        image = to_image(picture.whole)
        if picture.samples is not None:  # a sound has no shape of its own
            image = image.scaled(320, 96)
        elif max(image.width(), image.height()) < _SIDE:  # few pixels are shown as they are
            image = image.scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio)
        self._image, self._box, self._words = image, picture.box, words
        self.resize(self.sizeHint())
        at = beside.mapTo(window, QPoint(0, 0))
        left = among.mapTo(window, QPoint(0, 0)).x()
        x = left - self.width() - _INSET
        x = x if x >= 0 else left + among.width() + _INSET
        y = min(max(at.y() + beside.height() // 2 - self.height() // 2, 0), max(window.height() - self.height(), 0))
        self.move(x, y)
        self.raise_()
        self.show()
        self.update()

    @property
    def frame(self) -> QRectF | None:
        """Where the crop is framed, in the widget; None: the crop is all of it."""
        if self._box is None or self._image is None:
            return None
        high, wide = self._image.height(), self._image.width()
        box = self._box
        return QRectF(
            _INSET + box.x0 * wide, _INSET + box.y0 * high, (box.x1 - box.x0) * wide, (box.y1 - box.y0) * high
        )

    # --- Qt's names ---

    def sizeHint(self) -> QSize:
        if self._image is None:
            return QSize(0, 0)
        high = self.fontMetrics().height() if self._words else 0
        return QSize(max(self._image.width(), _SIDE) + 2 * _INSET, self._image.height() + 2 * _INSET + high)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter, look = QPainter(self), theme.current()
        painter.fillRect(self.rect(), QColor(look.panel))
        painter.setPen(QColor(look.line))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.drawImage(_INSET, _INSET, self._image)
        frame = self.frame
        if frame is not None:
            for colour, wide in (("#000000", 4), (look.beam, 2)):
                painter.setPen(QPen(QColor(colour), wide))
                painter.drawRect(frame)
        if self._words:
            painter.setPen(QColor(look.dim))
            room = QRect(
                _INSET, _INSET + self._image.height() + 2, self.width() - 2 * _INSET, self.fontMetrics().height()
            )
            short = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft, short)
