"""Small pictures of the channels of a layer, as activation maximisation generates them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import FigurePart
from explorer.core.figure.panel_parts import pictures_part
from explorer.core.translation import tr
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.layer_strip import cropped, packed
from explorer.ui.graphics.panel import ARROWS, Panel
from explorer.ui.graphics.picture_item import PictureItem


class Thumbs(Panel):
    """Small pictures of the channels of a layer, those that are still to come as empty places. `chosen` carries a channel:
    clicked, or reached with the arrow keys. A unit of the view is a logical pixel."""

    chosen = Signal(int)

    SIDE, GAP = 44, 4  # px

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Generated images of the channels"), "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.scrubs = False
        self._images: dict[int, Array] = {}
        self._count = self._selected = 0
        self._hover: int | None = None
        self._made_for: tuple[object, ...] = ()
        self._picture = PictureItem()
        self._frame, self._warm = FrameItem("accent", 2.0), FrameItem("warm", 2.0)
        for item in (self._picture, self._frame, self._warm):
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.scene().sigPrepareForPaint.connect(self._make)
        self.begin(empty=False)

    def set_count(self, count: int) -> None:
        """So many places, all of them empty."""
        self._images, self._count, self._hover = {}, count, None
        self._changed()
        self._grow()

    def set_picture(self, channel: int, rgb: Array) -> None:
        """(h, w, 3) uint8."""
        self._images[channel] = packed(rgb)
        self._changed()

    def _changed(self) -> None:
        self.setAccessibleDescription(
            tr("{count} of {count2} channels have an image", count=len(self._images), count2=self._count)
        )
        self._made_for = ()
        self.viewport().update()

    def set_selected(self, channel: int) -> None:
        """Frames a channel."""
        self._selected = channel
        self._mark()

    @property
    def made(self) -> frozenset[int]:
        """Channels whose picture is there."""
        return frozenset(self._images)

    @property
    def figure_part(self) -> FigurePart | None:
        """The pictures that are there, by channel."""
        there = {str(at): render.rgb_of(self._images[at]) for at in sorted(self._images)}
        return pictures_part(there)

    def place(self, channel: int) -> QRectF:
        """Where a channel's picture is."""
        row, column = divmod(channel, self._columns)
        step = self.SIDE + self.GAP
        return QRectF(column * step + 1, row * step + 1, self.SIDE, self.SIDE)

    @property
    def _columns(self) -> int:
        return max((int(self.width()) - 2 + self.GAP) // (self.SIDE + self.GAP), 1)

    def _grow(self) -> None:
        rows = -(-self._count // self._columns)
        self.setFixedHeight(max(rows * (self.SIDE + self.GAP) - self.GAP + 2, 1))

    def lay_out(self) -> None:
        area = QRectF(self.viewport().rect())
        self.box.set_home(area, area, keep=False)
        self._made_for = ()
        self._mark()

    def restyle(self) -> None:
        self._changed()

    def _make(self) -> None:
        """All places as one picture, at the pixels of the screen; of thousands only what is seen."""
        seen = QRectF(self.visibleRegion().boundingRect())
        ratio, step = self.devicePixelRatioF(), self.SIDE + self.GAP
        first, last = max(int(seen.top() // step), 0), int(seen.bottom() // step) + 1
        wanted = (first, last, self._columns, ratio, self.theme.name)
        if self._made_for == wanted or not self._count:
            return
        self._made_for = wanted
        side = round(self.SIDE * ratio)
        empty, ground = (np.uint32(QColor(c).rgb()) for c in (self.theme.track, self.theme.panel))
        height = round((last - first) * step * ratio)
        sheet = np.full((max(height, 1), max(round(self._columns * step * ratio), 1)), ground)
        for channel in range(first * self._columns, min(last * self._columns, self._count)):
            place = self.place(channel)
            y, x = round((place.y() - first * step) * ratio), round(place.x() * ratio)
            image = self._images.get(channel)
            part = sheet[y : y + side, x : x + side]
            part[:] = empty if image is None else cropped(image, side, side)[: part.shape[0], : part.shape[1]]
        self._picture.set_pixels(sheet, QRectF(0, first * step, sheet.shape[1] / ratio, sheet.shape[0] / ratio))

    def _mark(self) -> None:
        known = 0 <= self._selected < self._count
        self._frame.set_rects([self.place(self._selected)] if known else [])
        self._warm.set_rects([] if self._hover is None else [self.place(self._hover)])

    def _at(self, where: QPointF) -> int | None:
        step = self.SIDE + self.GAP
        column, row = int(where.x() // step), int(where.y() // step)
        channel = row * self._columns + column
        return channel if 0 <= column < self._columns and 0 <= channel < self._count else None

    def point(self, at: QPointF | None) -> None:
        self._hover = None if at is None else self._at(at)
        self._mark()

    def _click(self, at: QPointF) -> None:
        channel = self._at(at)
        if channel is not None:
            self.chosen.emit(channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        channel = None if step is None else self._selected + step[0] * self._columns + step[1]
        if channel is None:
            event.ignore()
        elif 0 <= channel < self._count:
            self.chosen.emit(channel)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            channel = self._at(QPointF(event.pos()))
            made = "" if channel in self._images else tr(": not generated yet")
            QToolTip.showText(
                event.globalPos(),
                "" if channel is None else tr("channel {channel}{made}", channel=channel, made=made),
                self,
            )
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if self._begun:
            self._grow()


class ThumbsArea(QScrollArea):
    """Thumbs, a few rows of them at once."""

    _ROWS = 4  # that are seen at once

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
        self.ensureVisible(int(place.x()), int(place.y()), 0, Thumbs.SIDE)

    def sizeHint(self) -> QSize:
        return QSize(220, min(self.thumbs.height(), self._ROWS * (Thumbs.SIDE + Thumbs.GAP)) + 2)

    def set_count(self, count: int) -> None:
        """So many places, all of them empty."""
        self.thumbs.set_count(count)
        self.updateGeometry()
