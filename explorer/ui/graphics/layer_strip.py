"""The layer strip: a row of small pictures, one a tap in execution order, that is scrubbed through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.layer_graph import LayerGraph
from explorer.core.translation import tr
from explorer.ui import text_size
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.stage_names import NAMES, StageNames
from explorer.ui.graphics.strip_arcs import HEIGHT as ARCS
from explorer.ui.graphics.strip_arcs import ArcsItem
from explorer.ui.graphics.strip_layout import GAP, StripLayout
from explorer.ui.widgets import text

_LEAST, _MOST = 16.0, 56.0  # width of a thumbnail
_SLIDER = 20  # height of the slider
_PAGE = 10
_LISTED = 8  # names of layers in a tool tip
_WIDEST = 30_000  # device pixels of the row that is kept painted; Qt's limit is 32,767
_HATCH = 6  # px between the lines over what cannot be shown


@dataclass(frozen=True, slots=True, eq=False)
class StripItem:
    """One tap: its name, a small (H, W, 3) or 32-bit picture if there is one, and why not if it cannot be shown."""

    name: str
    image: Array | None = None
    stage: str = ""
    kind: str = ""
    shape: tuple[int, ...] = ()
    enabled: bool = True
    reason: str = field(default="", repr=False)

    @property
    def tip(self) -> str:
        """All that is known of it, a line each."""
        lines = [self.name, "  ".join(part for part in (self.kind, text.shape(self.shape)) if part), self.reason]
        return "\n".join(line for line in lines if line)


class StripView(Panel):
    """The row itself; its units are logical pixels from the first thumbnail on. Signals are those of LayerStrip."""

    scrubbed = Signal(int)
    placed = Signal(int)  # the current one has changed, whoever did it

    def __init__(self, arcs: bool = False, parent: QWidget | None = None) -> None:
        """`arcs`: whether connections are drawn over the row."""
        super().__init__(tr("Layers"), tr("The layers of the model appear here."), parent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.items_: list[StripItem] = []
        self.stages: list[tuple[str, int, int]] = []  # name, first, last
        self.current = 0
        self.layout_ = StripLayout(0, 1.0, _LEAST, _MOST)  # where the thumbnails are
        self._images: list[Array | None] = []
        self._hover: int | None = None
        self._row = PictureItem()
        self._row_for: tuple[object, ...] = ()
        self._names = StageNames(self)
        self.graph, self._arcs = LayerGraph(), ArcsItem() if arcs else None
        self._top = NAMES + (ARCS if arcs else 0)  # where the thumbnails begin
        self._frame, self._hover_frame = FrameItem("accent", 2.5), FrameItem("warm", 1.5)
        self._feeding, self._fed = FrameItem("accent", 1.2), FrameItem("warm", 1.2, dashed=True)
        for item in (self._row, self._names, self._feeding, self._fed, self._hover_frame, self._frame):
            self.box.addItem(item, ignoreBounds=True)
        if self._arcs is not None:
            self.box.addItem(self._arcs, ignoreBounds=True)
        for frame in (self._feeding, self._fed, self._hover_frame, self._frame):
            frame.setZValue(1)  # over what dims the row
        self.box.draws = True
        self.box.clicked.connect(self._click)
        self.box.dragged.connect(self._drag)
        self.box.scrubbed.connect(self.step)
        self.scene().sigPrepareForPaint.connect(self._make_row)
        self.begin()

    # --- setters

    def set_items(self, items: Sequence[StripItem], current: int) -> None:
        self.items_ = list(items)
        self._images = [None if item.image is None else packed(item.image) for item in items]
        self._row_for, self.stages = (), []
        for stage, group in groupby(enumerate(items), key=lambda pair: pair[1].stage):
            indices = [index for index, _ in group]
            self.stages.append((stage, indices[0], indices[-1]))
        self._hover, self.current = None, -1
        self.set_graph(LayerGraph())
        self.show_message(not items)
        self.set_current(current)

    def set_graph(self, graph: LayerGraph) -> None:
        """Which of the layers feed which."""
        self.graph = graph
        if self._arcs is not None:
            self._arcs.set_graph(graph)
        self._show_links()

    def set_current(self, index: int) -> None:
        index = min(max(index, 0), max(len(self.items_) - 1, 0))
        if index == self.current:
            return
        self.current = index
        item = self.items_[index] if self.items_ else None
        self.setAccessibleDescription(
            tr("{item}, layer {index} of {count}", item=item.name, index=index + 1, count=len(self.items_))
            if item
            else self.message.text()
        )
        self.lay_out()
        self.placed.emit(index)

    def update_image(self, index: int, image: Array) -> None:
        self._images[index] = packed(image)
        row = self._row.image
        if self._row_for and row is not None and row.size and index in self._made:
            self._draw_item(row, index)
            self._row.update()

    # --- places

    @property
    def _height(self) -> float:
        return float(max(self.viewport().height() - self._top, 8))

    def place(self, index: int) -> QRectF:
        """A thumbnail in the view's units."""
        layout = self.layout_
        return QRectF(index * layout.pitch, self._top, layout.pitch - GAP, self._height)

    def index_at(self, at: QPointF) -> int | None:
        """The tap at a point of the view."""
        layout = self.layout_
        index = int(at.x() / layout.pitch) if at.x() >= 0 else -1
        return index if at.y() >= self._top and 0 <= index < layout.count else None

    def lay_out(self) -> None:
        layout = StripLayout(len(self.items_), float(self.viewport().width()), _LEAST, _MOST, self.current)
        self.layout_ = layout
        seen = QRectF(layout.offset, 0, max(layout.width, 1), self._top + self._height)
        self.box.set_home(seen, seen, keep=False)
        self._frame.set_rects([self.place(self.current).adjusted(-1, -1, 1, 1)] if self.items_ else [])
        self._hover_frame.set_rects([] if self._hover is None else [self.place(self._hover)])
        made, ratio = self._made, self.devicePixelRatioF()
        wide = max(round(len(made) * layout.pitch * ratio), 1) / ratio
        self._row.place(QRectF(made.start * layout.pitch, self._top, wide, self._height))
        if self._arcs is not None:
            self._arcs.place(layout.pitch, NAMES, made, ratio)
            self._arcs.focus(self.current if self._hover is None else self._hover)
        self.viewport().update()

    # --- the row of pictures

    @property
    def _made(self) -> range:
        """Thumbnails in the row that is kept: all, of very many those that are seen."""
        layout = self.layout_
        wide = layout.count * layout.pitch * self.devicePixelRatioF()
        return range(layout.count) if wide <= _WIDEST else layout.visible()

    def _make_row(self) -> None:
        if not self.items_:
            return
        layout, made, ratio = self.layout_, self._made, self.devicePixelRatioF()
        wanted = (layout.pitch, self._height, ratio, self.theme.name, made)
        if self._row_for == wanted:
            return
        self._row_for = wanted
        width = len(made) * layout.pitch
        row = np.full((max(int(self._height * ratio), 1), max(round(width * ratio), 1)), _colour(self.theme.panel))
        for index in made:
            self._draw_item(row, index)
        self._row.fill(row)

    def _draw_item(self, row: Array, index: int) -> None:
        """One thumbnail into the row, in device pixels."""
        layout, ratio, made = self.layout_, self.devicePixelRatioF(), self._made
        left = round((index - made.start) * layout.pitch * ratio)
        right = min(round(((index - made.start + 1) * layout.pitch - GAP) * ratio), row.shape[1])
        place = row[:, left:right]
        image, item = self._images[index], self.items_[index]
        if image is None or not image.size or not item.enabled:
            place[:] = _colour(self.theme.control)
            if not item.enabled:
                y, x = np.indices(place.shape)
                place[(x + y) % _HATCH == 0] = _colour(self.theme.off)
            return
        place[:] = cropped(image, place.shape[0], place.shape[1])

    def restyle(self) -> None:
        self._row_for = ()
        self.viewport().update()

    # --- hands

    def point(self, at: QPointF | None) -> None:
        index = None if at is None else self.index_at(at)
        if index != self._hover:
            self._hover = index
            self._hover_frame.set_rects([] if index is None else [self.place(index)])
            self._show_links()

    def _show_links(self) -> None:
        """What feeds the layer that is pointed at, and what it feeds, framed."""
        at = self._hover if self._hover is not None and self._hover < len(self.graph.feeds) else None
        for frame, links in ((self._feeding, self.graph.feeds), (self._fed, self.graph.fed)):
            frame.set_rects([] if at is None else [self.place(other) for other in links[at]])
        if self._arcs is not None:
            self._arcs.focus(self.current if at is None else at)

    def _click(self, at: QPointF) -> None:
        index = self.index_at(at)
        if index is not None:
            self.go(index, direct=True)

    def _drag(self, start: QPointF, here: QPointF, _over: bool) -> None:
        # the row may scroll beneath the hand: the point of the screen counts
        index = self.index_at(QPointF(here.x(), max(here.y(), self._top)))
        if index is not None and start.y() >= self._top:
            self.go(index)

    def go(self, index: int, direct: bool = False) -> None:
        """To a tap; `direct`: also to one that cannot be shown, so that its reason can be read."""
        if not self.items_ or not 0 <= index < len(self.items_) or index == self.current:
            return
        if direct or self.items_[index].enabled:
            self.set_current(index)
            self.scrubbed.emit(index)

    def step(self, steps: int) -> None:
        """That many taps deeper (negative: shallower), not counting those that cannot be shown; stays at the ends."""
        index, direction, reached = self.current, 1 if steps > 0 else -1, self.current
        for _ in range(abs(steps)):
            index += direction
            while 0 <= index < len(self.items_) and not self.items_[index].enabled:
                index += direction
            if not 0 <= index < len(self.items_):
                break
            reached = index
        self.go(reached)

    def page(self, direction: int) -> None:
        """To the next or previous stage; in a model without stages ten taps."""
        if len(self.stages) < 2:
            self.step(direction * _PAGE)
            return
        at = next(n for n, (_, first, last) in enumerate(self.stages) if first <= self.current <= last)
        if direction < 0 and self.current > self.stages[at][1]:
            direction = 0
        _, first, last = self.stages[min(max(at + direction, 0), len(self.stages) - 1)]
        self.go(next((i for i in range(first, last + 1) if self.items_[i].enabled), first))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        steps = {key.Key_Left: -1, key.Key_Up: -1, key.Key_Right: 1, key.Key_Down: 1}
        pressed = key(event.key())
        if pressed in steps:
            self.step(steps[pressed])
        elif pressed in (key.Key_PageUp, key.Key_PageDown):
            self.page(1 if pressed == key.Key_PageDown else -1)
        elif pressed in (key.Key_Home, key.Key_End):
            self.step(len(self.items_) * (-1 if pressed == key.Key_Home else 1))
        else:
            event.ignore()

    def tip_of(self, index: int) -> str:
        """All that is known of a layer, a line each."""
        lines = [self.items_[index].tip]
        if index < len(self.graph.feeds):
            feeding = [tr("the input")] * self.graph.from_input[index] + self._named(self.graph.feeds[index])
            lines.append(
                tr("fed by: {listed}", listed=_listed(feeding) or "–")
                if self.graph.known[index]
                else tr("fed by: not followed")
            )
            lines.append(tr("feeds: {listed}", listed=_listed(self._named(self.graph.fed[index])) or "–"))
        return "\n".join(lines)

    def _named(self, places: Sequence[int]) -> list[str]:
        return [self.items_[at].name for at in places]

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.index_at(self.in_view(QPointF(event.pos())))
            if index is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.tip_of(index), self)
            return True
        return super().viewportEvent(event)


class LayerStrip(QWidget):
    """The row and a slider beneath it. Emits `scrubbed(index)` for the tap that a person goes to. Keys, wheel and drag pass
    over taps that cannot be shown; a click on one goes there all the same, so that its reason can be read."""

    scrubbed = Signal(int)

    def __init__(self, arcs: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self.slider = StripView(arcs), QSlider(Qt.Orientation.Horizontal)
        self.slider.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as the strip, in every language
        self.slider.setAccessibleName(tr("Depth"))
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        text_size.hold(self.slider, "setFixedHeight", _SLIDER)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.slider)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.view)
        self.view.scrubbed.connect(self.scrubbed)
        self.view.placed.connect(self._placed)
        self.slider.valueChanged.connect(self.view.go)

    def set_items(self, items: Sequence[StripItem], current: int = 0) -> None:
        """The taps in execution order; zoom and place start anew."""
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(len(items) - 1, 0))
        self.slider.blockSignals(False)
        self.view.set_items(items, current)

    def set_graph(self, graph: LayerGraph) -> None:
        """Which of the layers feed which."""
        self.view.set_graph(graph)

    def set_current(self, index: int) -> None:
        """Frames a tap and brings it into sight; emits nothing."""
        self.view.set_current(index)

    def update_image(self, index: int, image: Array) -> None:
        """A new picture for one tap."""
        self.view.update_image(index, image)

    @property
    def current(self) -> int:
        """The tap that is framed."""
        return self.view.current

    @property
    def items(self) -> Sequence[StripItem]:
        """The taps of the row."""
        return self.view.items_

    def page(self, direction: int) -> None:
        """To the next or previous stage."""
        self.view.page(direction)

    def _placed(self, index: int) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(index)
        self.slider.blockSignals(False)
        self.setAccessibleDescription(self.view.accessibleDescription())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.view.keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(800, NAMES + 48 + _SLIDER)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (tr(" and {more} more", more=more) if more > 0 else "")


def packed(image: Array) -> Array:
    """(H, W, 3) uint8 or (H, W) uint32 as 0xffRRGGBB."""
    if image.ndim == 2:
        return image
    red, green, blue = (image[..., at].astype(np.uint32) for at in range(3))
    return np.uint32(0xFF000000) | red << 16 | green << 8 | blue


def cropped(image: Array, height: int, width: int) -> Array:
    """The part of a picture that has the shape height : width, at that many pixels: squeezed maps would lie."""
    rows, columns = image.shape[:2]
    wanted = rows * width / max(height, 1)
    seen_rows, seen_columns = (rows, wanted) if wanted < columns else (columns * height / max(width, 1), columns)
    y = np.minimum(np.arange(height) * seen_rows / max(height, 1), rows - 1).astype(np.int64)
    x = np.minimum(np.arange(width) * seen_columns / max(width, 1), columns - 1).astype(np.int64)
    part: Array = image[y[:, None], x]
    return part


def _colour(name: str) -> np.uint32:
    return np.uint32(QColor(name).rgb())
