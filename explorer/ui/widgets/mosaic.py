"""All feature maps of a layer as one picture that can be pointed at, zoomed and walked through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QNativeGestureEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.core import render
from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import ARROWS, Canvas, ask_pen, draw_pixels, outline
from explorer.ui.widgets.glyphs import Glyphs
from explorer.ui.widgets.tiles import Hit, Tiles
from explorer.ui.widgets.wheel import WheelSteps

_LABEL_FROM = 30, 18  # logical pixels across and down: smaller tiles have no room for a number
_MAX_LABELS = 1200
_ZOOM_STEP = 1.25


class MosaicView(Canvas):
    """Shows (C, H, W) maps. The picture is made when it is painted, for the size it is painted at, so setters cost nothing.

    Signals carry (channel, cell y, cell x). `selected` has cell -1, -1 as long as no cell has been chosen. `scrubbed` carries
    the steps through depth that the wheel asks for. `left`: the pointer is over no cell any more."""

    hovered = Signal(int, int, int)
    selected = Signal(int, int, int)
    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Feature maps", "Open a picture to see the feature maps of this layer.", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self._tiles = Tiles()
        self._wheel = WheelSteps()
        self._labels: Sequence[str] | None = None
        self._glyphs: Glyphs | None = None
        self._glyphs_for = (0.0, False)
        self._layer = QPixmap()  # the labels alone, drawn once for as long as no tile moves
        self._layer_for: tuple[object, ...] = ()
        self._channel: int | None = None
        self._cell: tuple[int, int] | None = None
        self._pointed: tuple[int, int] | None = None
        self._hover: Hit | None = None
        self._pointer = QPointF()
        self._press: QPointF | None = None
        self._dragging = False

    # ---- setters

    def set_maps(
        self,
        maps: Array,
        *,
        limits: render.Limits,
        colormap: str,
        order: Array | None = None,
        labels: Sequence[str] | None = None,
        across: int = 0,
    ) -> None:
        """Shows maps in an order (None: by index), each with its label (None: its number), `across` of them in a row (0: as
        many as fill the area best). Zoom and place stay when the number and size of the maps stay. The array is kept, not
        copied: it must not be written to."""
        order = np.arange(len(maps)) if order is None else np.asarray(order)
        self._tiles.across = across
        same = self._tiles.set_maps(maps, limits, colormap, order)
        self._labels = labels
        if self._hover is not None:  # the pointer rests at a position, where another channel may be now
            position, _, y, x = self._hover
            self._hover = (position, int(order[position]), y, x) if same else None
        self._describe()
        self.update()

    def set_image(self, mosaic: render.Mosaic, maps: Array | None = None) -> None:
        """Shows a ready-made picture; with `maps` the values can be read."""
        self._tiles.set_ready(mosaic, maps)
        self._labels = self._hover = None
        self._describe()
        self.update()

    def clear(self, message: str) -> None:
        """Shows a sentence instead of maps: why there are none, what to do."""
        self._tiles.clear()
        self._hover = self._channel = self._cell = self._pointed = None
        self.set_empty(message)
        self._describe()

    def set_selected(self, channel: int | None, cell: tuple[int, int] | None = None) -> None:
        """Frames a channel's tile, and marks a cell in it."""
        self._channel, self._cell = channel, cell
        self._describe()
        self.update()

    def set_pointed(self, cell: tuple[int, int] | None) -> None:
        """Marks the cell that is pointed at elsewhere, in every tile that is large enough."""
        if cell != self._pointed:
            self._pointed = cell
            self.update()

    def fit(self) -> None:
        """Back to the whole picture."""
        self._tiles.view.reset()
        self.update()

    @property
    def mosaic(self) -> render.Mosaic | None:
        """The picture as shown, for copying and saving."""
        self._make()
        return self._tiles.mosaic

    @property
    def zoom(self) -> float:
        return self._tiles.view.zoom

    def channel_rect(self, channel: int) -> QRectF | None:
        """Where a channel's tile is in the widget; None when it is not shown."""
        position = None if self.mosaic is None else self.mosaic.position(channel)
        return None if position is None else self._tiles.tile(position)

    # ---- painting

    def _make(self) -> None:
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        self._tiles.make(area, self.devicePixelRatioF(), QColor(self.theme.mosaic_gap).rgb())

    def draw(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        self._make()
        if self._tiles.image.isNull():
            self.draw_empty(painter)
            return
        draw_pixels(painter, self._tiles.view.target, self._tiles.image)
        self._draw_labels(painter)
        self._draw_pointed(painter)
        self._draw_selected(painter)
        self._draw_hover(painter)

    def _draw_pointed(self, painter: QPainter) -> None:
        maps, cell = self._tiles.maps, self._pointed
        if cell is None or maps is None or not (cell[0] < maps.shape[1] and cell[1] < maps.shape[2]):
            return
        seen = [position for position, _, _ in self._tiles.corners(QRectF(self.rect()))[:_MAX_LABELS]]
        if self._tiles.tile(0).width() < _LABEL_FROM[0]:  # marks would hide small tiles: the selected one has to do
            seen = [position for position in seen if self._tiles.order[position] == self._channel]
        frames = [self._tiles.cell(position, *cell) for position in seen]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((self.theme.panel, 2.5), (self.theme.warm, 1.0)):  # an edge, so that it shows on any map
            painter.setPen(ask_pen(colour, width))
            painter.drawRects(frames)

    def _draw_labels(self, painter: QPainter) -> None:
        if self._tiles.mosaic is None:
            return
        first = self._tiles.tile(0)
        if first.width() < _LABEL_FROM[0] or first.height() < _LABEL_FROM[1]:
            return
        kind = (self.devicePixelRatioF(), self._tiles.light)
        if self._glyphs is None or self._glyphs_for != kind:
            self._glyphs, self._glyphs_for = Glyphs(self.small_font(), *kind), kind
        target, order = self._tiles.view.target, self._tiles.order
        made_for = (kind, self.size(), target.getRect(), self._tiles.mosaic.grid, self._labels, order.tobytes())
        if self._layer_for != made_for:
            self._layer, self._layer_for = self._labelled(self._glyphs, int(first.width()) - 6), made_for
        painter.drawPixmap(0, 0, self._layer)

    def _labelled(self, glyphs: Glyphs, room: int) -> QPixmap:
        """The labels of all tiles on nothing, as large as the widget."""
        layer = QPixmap(self.size() * self.devicePixelRatioF())
        layer.setDevicePixelRatio(self.devicePixelRatioF())
        layer.fill(Qt.GlobalColor.transparent)
        painter = QPainter(layer)
        for position, left, top in self._tiles.corners(QRectF(self.rect()))[:_MAX_LABELS]:
            # on whole pixels, where characters stay sharp
            name = self._name(int(self._tiles.order[position]))
            painter.drawPixmap(round(left) + 3, round(top) + 1, glyphs.label(name, room))
        painter.end()
        return layer

    def _name(self, channel: int) -> str:
        return str(channel) if self._labels is None or channel >= len(self._labels) else self._labels[channel]

    def _draw_selected(self, painter: QPainter) -> None:
        mosaic = self._tiles.mosaic
        position = None if mosaic is None or self._channel is None else mosaic.position(self._channel)
        if position is None:
            return
        outline(painter, self._tiles.tile(position).adjusted(-1, -1, 1, 1), self.theme.accent, 2.5)
        if self._cell is not None:
            outline(painter, self._tiles.cell(position, *self._cell), self.theme.accent, 1.5)

    def _draw_hover(self, painter: QPainter) -> None:
        if self._hover is None:
            return
        position, channel, y, x = self._hover
        outline(painter, self._tiles.tile(position), self.theme.warm, 1)
        outline(painter, self._tiles.cell(position, y, x), self.theme.warm, 1.5)
        self.draw_readout(painter, self._pointer, self.readout(channel, y, x))

    def readout(self, channel: int, y: int, x: int) -> str:
        """What stands beside the pointer."""
        parts = [f"channel {channel}" if self._labels is None else self._name(channel), f"({y}, {x})"]
        if self._tiles.maps is not None:
            parts.append(text.number(float(self._tiles.maps[channel, y, x])))
        return "   ".join(parts)

    # ---- hands

    def forget_pointer(self) -> None:
        self._hover = None

    def _hit(self, at: QPointF) -> Hit | None:
        self._make()  # the picture may still be that of other maps, with more of them
        return self._tiles.hit(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._press is not None:
            far = (at - self._press).manhattanLength() >= QApplication.startDragDistance()
            if self._dragging or (far and self._tiles.view.zoom > 1):
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._tiles.view.move(at - self._press)
                self._press = at
                self.update()
                return
        self._pointer = at
        hit = self._hit(at)
        if hit is None and self._hover is not None:
            self.left.emit()
        if hit is not None and (self._hover is None or hit[1:] != self._hover[1:]):
            self.hovered.emit(*hit[1:])
        if hit is not None or self._hover is not None:
            self.update()
        self._hover = hit

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._dragging = event.position(), False
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        hit = None if self._dragging else self._hit(event.position())
        self._press, self._dragging = None, False
        self.unsetCursor()
        if hit is not None:
            self._choose(hit[1], (hit[2], hit[3]))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom(_ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        else:
            steps = self._wheel.steps(event)
            if steps:
                self.scrubbed.emit(steps)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1 + event.value(), event.position())
            return True
        return super().event(event)

    def _zoom(self, factor: float, around: QPointF) -> None:
        self._make()
        self._tiles.view.zoom_by(factor, around)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, middle = event.key(), QRectF(self.rect()).center()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
        elif key in ARROWS and len(self._tiles.order):
            self._step(*ARROWS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and len(self._tiles.order):
            self._choose(int(self._tiles.order[0 if key == Qt.Key.Key_Home else -1]), self._cell)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(_ZOOM_STEP, middle)
        elif key == Qt.Key.Key_Minus:
            self._zoom(1 / _ZOOM_STEP, middle)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, right: int) -> None:
        """To a neighbouring tile; stays at the edges."""
        self._make()
        if self._tiles.mosaic is None:
            return
        at = None if self._channel is None else self._tiles.mosaic.position(self._channel)
        wanted = 0 if at is None else at + right + down * self._tiles.mosaic.grid.columns
        if 0 <= wanted < len(self._tiles.order):
            self._choose(int(self._tiles.order[wanted]), self._cell)

    def _choose(self, channel: int, cell: tuple[int, int] | None) -> None:
        self.set_selected(channel, cell)
        rect = self.channel_rect(channel)
        if rect is not None and self._tiles.view.zoom > 1:
            self._tiles.view.show(rect)
        self.selected.emit(channel, *(cell or (-1, -1)))

    def _describe(self) -> None:
        chosen = "" if self._channel is None else f"Channel {self._channel} of "
        count = len(self._tiles.order)
        self.setAccessibleDescription(f"{chosen}{count} feature maps" if count else self._empty)

    def sizeHint(self) -> QSize:
        return QSize(700, 520)
