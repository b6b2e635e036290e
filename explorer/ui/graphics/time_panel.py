"""Channels over time, or over tokens that form no grid: a row a channel, a column a step, one axis for the whole."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core import render
from explorer.core.types import Array
from explorer.ui import theme
from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.colour_bar import ColourBar, keep_room
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.widgets import text

Cell = tuple[int, int]
_ROW = 24.0  # px: a row is not higher than that, three rows should not fill a screen


class TimeView(PlotPanel):
    """The picture with its axes; panels of one sound can share what is seen (`box.setXLink`)."""

    hovered = Signal(int, int)
    selected = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"left": NumberAxis("left"), "bottom": NumberAxis("bottom")}
        super().__init__("Sequence", "This layer has no values yet.", parent, upward=False, **axes)
        self.setMinimumSize(120, 80)
        self.box.scrubs = True
        self.values: Array | None = None
        self.step = "step"
        self._limits: render.Limits | None = None
        self._colormap = ""
        self._selected: Cell | None = None
        self._hover: Cell | None = None
        self._made_for: tuple[object, ...] = ()
        self._picture = PictureItem()
        self._frame, self._hover_frame = FrameItem("accent", 1.5), FrameItem("warm", 1.5)
        for item in (self._picture, self._frame, self._hover_frame):
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.box.double_clicked.connect(self._fit)
        self.scene().sigPrepareForPaint.connect(self._make)
        self.offer("Show all", self._fit)
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    def set_values(self, values: Array, limits: render.Limits, colormap: str, step: str) -> None:
        same = self.values is not None and self.values.shape == values.shape
        self.values, self._limits, self._colormap, self.step = values, limits, colormap, step
        self._hover, self._made_for = None, ()
        self.show_message(not values.size)
        self.setAccessibleDescription(f"{values.shape[0]} channels, {values.shape[1]} {step}s")
        self.lay_out(keep=same)
        self._place_frames()
        self.viewport().update()

    def set_selected(self, cell: Cell | None) -> None:
        """Frames a cell (channel, step)."""
        self._selected = cell
        self._place_frames()

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing."""
        self.values = self._hover = self._selected = None
        self.set_empty(message)
        self.show_message(True)

    @property
    def picture(self) -> QRectF:
        """Where the rows are drawn, in the widget."""
        return self.on_screen(self.box.content)

    def lay_out(self, keep: bool = True) -> None:
        if self.values is None or not self.values.size:
            return
        rows, steps = self.values.shape
        shown = max(self.area.height() / _ROW, rows)  # a few rows leave room beneath
        self.box.set_home(QRectF(0, 0, steps, shown), QRectF(0, 0, steps, rows), keep)
        self._made_for = ()

    def moved(self) -> None:
        self._made_for = ()

    def _make(self) -> None:
        """The part that is seen, reduced to device pixels so that no peak is lost."""
        if self.values is None or self._limits is None or not self.values.size:
            return
        seen, ratio = self.box.seen.intersected(self.box.content), self.devicePixelRatioF()
        first, last = int(seen.left()), min(int(np.ceil(seen.right())), self.values.shape[1])
        wide = max(int(self.area.width() * ratio), 1)
        wanted = (first, last, wide, self.theme.name)
        if self._made_for == wanted or last <= first:
            return
        part = strongest(self.values[:, first:last], wide)
        pixels = render.colorize(part[:, None, :], self._limits, self._colormap)[:, 0]
        self._picture.set_pixels(np.ascontiguousarray(pixels), QRectF(first, 0, last - first, self.values.shape[0]))
        self._made_for = wanted

    def _place_frames(self) -> None:
        for item, cell in ((self._frame, self._selected), (self._hover_frame, self._hover)):
            item.set_rects([] if cell is None else [QRectF(cell[1], cell[0], 1, 1)])

    def _cell(self, at: QPointF) -> Cell | None:
        if self.values is None or not self.box.content.contains(at):
            return None
        rows, steps = self.values.shape
        return min(int(at.y()), rows - 1), min(int(at.x()), steps - 1)

    def point(self, at: QPointF | None) -> None:
        cell = None if at is None else self._cell(at)
        if cell is not None and cell != self._hover:
            self.hovered.emit(*cell)
        if cell is None and self._hover is not None and at is not None:
            self.left.emit()
        self._hover = cell
        self._place_frames()
        if cell is None or at is None or self.values is None:
            self.read_out.say("", QPointF(), QRectF())
            return
        value = text.number(float(self.values[cell]))
        self.read_out.say(f"channel {cell[0]}   {self.step} {cell[1]}   {value}", at, self.box.seen)

    def _click(self, at: QPointF) -> None:
        cell = self._cell(at)
        if cell is not None:
            self.set_selected(cell)
            self.selected.emit(*cell)


class TimePanel(QWidget):
    """(C, T) values with a colour bar. `hovered` and `selected` carry (channel, step), `scrubbed` the steps through depth that
    the wheel asks for."""

    hovered = Signal(int, int)
    selected = Signal(int, int)
    scrubbed = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self.bar = TimeView(), ColourBar()
        self.bar.setMaximumWidth(280)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        column.addWidget(self.view, 1)
        column.addWidget(self.bar)
        self.setFocusProxy(self.view)
        self.view.hovered.connect(self.hovered)
        self.view.selected.connect(self.selected)
        self.view.left.connect(self.left)
        self.view.box.scrubbed.connect(self.scrubbed)
        keep_room(self.bar)
        self.bar.hide()

    def set_values(self, values: Array, limits: render.Limits, colormap: str, step: str = "step") -> None:
        """`limits` of `values[:, None, :]` or of one map; `step` is what a column is called: "step" or "token"."""
        self.view.set_values(values, limits, colormap, step)
        self.setAccessibleDescription(self.view.accessibleDescription())
        one = len(limits.lo) == 1
        self.bar.setVisible(one and bool(values.size))
        if one:
            self.bar.set_range(*limits.of(0), colormap, movable=False)

    def set_selected(self, cell: Cell | None) -> None:
        """Frames a cell (channel, step)."""
        self.view.set_selected(cell)

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing, what to do."""
        self.view.clear(message)
        self.bar.hide()

    @property
    def picture(self) -> QRectF:
        """Where the rows are drawn, in `view`."""
        return self.view.picture

    def sizeHint(self) -> QSize:
        return QSize(500, 300)


def strongest(values: Array, most: int) -> Array:
    """(C, T) values in at most so many columns, each the value of the largest size among those that it stands for."""
    steps = values.shape[1]
    if steps <= most:
        return values
    starts = np.arange(most) * steps // most
    low, high = np.fmin.reduceat(values, starts, axis=1), np.fmax.reduceat(values, starts, axis=1)
    return np.where(np.abs(low) > np.abs(high), low, high)
