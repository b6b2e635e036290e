"""Channels over time, or over tokens that form no grid: a row a channel, a column a step, one axis for the whole."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtWidgets import QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.figure.panel_parts import sequence_part
from explorer.core.geometry.cells import Cell
from explorer.core.kind_words import counted
from explorer.core.render.waveform_reduced import waveform_reduced
from explorer.core.translation import ntr, tr
from explorer.ui.graphics.axes import IndexAxis, StepAxis, Steps
from explorer.ui.graphics.cell_pointer import CellGrid, CellPointer
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.over_bar import OverBar
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.widgets import text

_PLAIN = Steps()
_ROW = 48.0  # px: a row is not higher than that, three rows should not fill a screen


class TimeView(PlotPanel):
    """The picture with its axes; panels of one sound can share what is seen (`box.setXLink`)."""

    hovered = Signal(int, int)
    selected = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.steps = StepAxis("bottom", title=tr("step"))
        self.channels = left = IndexAxis("left", 26, title=tr("channel"))
        super().__init__(
            tr("Sequence"), tr("This layer has no values yet."), parent, upward=False, left=left, bottom=self.steps
        )
        self.setMinimumSize(120, 80)
        self.box.scrubs = True
        self.values: Array | None = None
        self.step = "step"
        self.meaning = _PLAIN
        self._limits: render.Limits | None = None
        self._columns: Array | None = None
        self._colormap = ""
        self._made_for: tuple[object, ...] = ()
        self._picture, self._frame, self._cursor = PictureItem(), FrameItem("accent", 1.5), FrameItem("warm", 1.5)
        self._step = FrameItem("warm", 1.5)
        for item in (self._picture, self._frame, self._cursor, self._step):
            self.box.addItem(item, ignoreBounds=True)
        self.cells = CellPointer(self, self._words)
        self.cells.hovered.connect(self.hovered)
        self.cells.left.connect(self.left)
        self.box.clicked.connect(self._click)
        self.scene().sigPrepareForPaint.connect(self._make)
        self.offer(tr("Show all"), self._fit)
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    def set_values(
        self,
        values: Array,
        limits: render.Limits,
        colormap: str,
        step: str,
        steps: Steps = _PLAIN,
        columns: Array | None = None,
    ) -> None:
        """`columns`: all steps reduced to `wide` columns already, where somebody has."""
        self._columns = columns
        same = self.values is not None and self.values.shape == values.shape
        self.values, self._limits, self._colormap, self.step = values, limits, colormap, step
        self.cells.set_grid(CellGrid.of_units(*values.shape))
        self.show_message(not values.size)
        self.meaning = steps
        self.channels.set_count(values.shape[0])
        self.steps.set_title("" if steps.each else tr(step))
        self.steps.set_steps(steps)
        self.setAccessibleDescription(
            ntr("{n} channel, {steps}", "{n} channels, {steps}", values.shape[0], steps=counted(step, values.shape[1]))
        )
        self.lay_out(keep=same)
        self._made_for = ()
        self.viewport().update()

    @property
    def figure_part(self) -> MatrixPart | None:
        """Channels down, steps across."""
        if self.values is None or self._limits is None or not self.values.size:
            return None
        return sequence_part(self.values, self._limits, self._colormap, across=tr(self.step))

    def set_selected(self, cell: Cell | None) -> None:
        """Frames a cell (channel, step)."""
        self._frame.set_rects([] if cell is None else [QRectF(cell[1], cell[0], 1, 1)])

    def set_pointed(self, step: int | None) -> None:
        """Frames a step that is pointed at somewhere else; None: none."""
        rows, steps = (0, 0) if self.values is None else self.values.shape
        known = step is not None and 0 <= step < steps
        self._step.set_rects([QRectF(step or 0, 0, 1, rows)] if known else [])

    def set_cursor(self, seconds: float | None) -> None:
        """A line where a sound is heard, if the steps are times; None: none."""
        steps, rows = self.meaning, 0 if self.values is None else self.values.shape[0]
        at = None if seconds is None or not steps.each else (seconds - steps.start) / steps.each + 0.5
        self._cursor.set_lines([] if at is None else [(at, 0.0, at, float(rows))])

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing."""
        self.values = None
        self.cells.set_grid(CellGrid())
        self.set_pointed(None)
        self.set_selected(None)
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
        if not self.box.set_home(QRectF(0, 0, steps, shown), QRectF(0, 0, steps, rows), keep):
            self.moved()

    def moved(self) -> None:
        self._made_for = ()
        if self.values is not None:
            first, last = self._steps
            self._picture.place(QRectF(first, 0, max(last - first, 0), self.values.shape[0]))
        self.cells.place()

    @property
    def wide(self) -> int:
        """Device pixels across: as many columns are drawn where there are more steps."""
        return max(int(self.area.width() * self.devicePixelRatioF()), 1)

    @property
    def _steps(self) -> tuple[int, int]:
        """The first step that is seen, and the one past the last."""
        seen = self.box.seen.intersected(self.box.content)
        steps = 0 if self.values is None else self.values.shape[1]
        return int(seen.left()), min(int(np.ceil(seen.right())), steps)

    def _make(self) -> None:
        """The part that is seen, reduced to device pixels so that no peak is lost."""
        if self.values is None or self._limits is None or not self.values.size:
            return
        first, last = self._steps
        wide = self.wide
        wanted = (first, last, wide, self.theme.name)
        if self._made_for == wanted or last <= first:
            return
        part = self.values[:, first:last]
        if last - first > wide:
            ahead, whole = self._columns, last - first == self.values.shape[1]
            fits = ahead is not None and whole and ahead.shape[-1] == wide
            part = ahead if ahead is not None and fits else waveform_reduced(part, wide).largest
        pixels = render.colorize(part[:, None, :], self._limits, self._colormap)[:, 0]
        self._picture.fill(np.ascontiguousarray(pixels))
        self._made_for = wanted

    def _words(self, cell: Cell) -> str:
        """What stands beside the pointer."""
        value = "" if self.values is None else text.number(float(self.values[cell]))
        return (
            tr(
                "channel {cell}   {step} {cell2} {at}",
                cell=cell[0],
                step=self.step,
                cell2=cell[1],
                at=self.meaning.at(cell[1]),
            ).rstrip()
            + f"   {value}"
        )

    def point(self, at: QPointF | None) -> None:
        self.cells.point(at)

    def _click(self, at: QPointF) -> None:
        cell = self.cells.grid.cell_at(at)
        if cell is not None:
            self.set_selected(cell)
            self.selected.emit(*cell)


class TimePanel(OverBar):
    """(C, T) values with a colour bar. `hovered` and `selected` carry (channel, step), `scrubbed` the steps through depth that
    the wheel asks for."""

    hovered = Signal(int, int)
    selected = Signal(int, int)
    scrubbed = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.view = TimeView()
        super().__init__(self.view, bar_width=280, parent=parent)
        self.view.hovered.connect(self.hovered)
        self.view.selected.connect(self.selected)
        self.view.left.connect(self.left)
        self.view.box.scrubbed.connect(self.scrubbed)
        self.bar.hide()

    def set_values(
        self,
        values: Array,
        limits: render.Limits,
        colormap: str,
        step: str = "step",
        steps: Steps = _PLAIN,
        columns: Array | None = None,
    ) -> None:
        """`limits` of `values[:, None, :]` or of one map; `step` is what a column is called: "step" or "token"; `steps`: what the
        columns stand for; `columns`: all steps reduced to `view.wide` columns, where that was done ahead."""
        self.view.set_values(values, limits, colormap, step, steps, columns)
        self.setAccessibleDescription(self.view.accessibleDescription())
        one = len(limits.lo) == 1
        self.bar.setVisible(one and bool(values.size))
        if one:
            self.bar.set_range(*limits.of(0), colormap, movable=False)

    def set_selected(self, cell: Cell | None) -> None:
        """Frames a cell (channel, step)."""
        self.view.set_selected(cell)

    def set_pointed(self, step: int | None) -> None:
        """Frames a step that is pointed at somewhere else; None: none."""
        self.view.set_pointed(step)

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
