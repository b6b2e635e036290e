"""One feature map, large, with its numbers; its colour range is set by dragging."""

from __future__ import annotations

import re

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.geometry.cells import Cell, Region
from explorer.core.translation import tr
from explorer.ui.graphics.map_view import MapView
from explorer.ui.graphics.over_bar import OverBar
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Parts

_PLACE = re.compile(r" (\S+ \(\d+, \d+\))")  # "at (3, 5)", in any language


class FeatureMapPanel(OverBar):
    """A (H, W) map with its colour bar and two lines of numbers. `hovered` and `selected` carry (y, x) of a cell;
    `banded` the Region that was drawn by dragging, by its handles or with
    Shift and the arrows, None when it is given up; `levels_chosen` the colour range that was set by dragging."""

    banded = Signal(object)
    hovered = Signal(int, int)
    selected = Signal(int, int)
    left = Signal()
    levels_chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None, levels: bool = True) -> None:
        """`levels`: whether the colour range can be set by dragging."""
        self.view, self.numbers, self._column = MapView(), (Parts(), Parts()), QLabel()
        super().__init__(self.view, self.numbers, beside=self._column, parent=parent)
        self._levels = levels
        self._summary = self._reading = ""
        self._column.setWordWrap(True)
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._column.setTextFormat(Qt.TextFormat.PlainText)
        for line in self.numbers:
            line.setObjectName("dim")
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._column.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(tr("Selected channel"))
        self.bar.hide()
        self.limits: render.Limits | None = None
        self.colormap = ""
        self.view.banded.connect(self.banded)
        self.view.hovered.connect(self.hovered)
        self.view.selected.connect(self.selected)
        self.view.left.connect(self.left)
        self.view.box.scrubs = False  # the panel that it stands in scrolls
        self.bar.levels_changed.connect(self._preview)
        self.bar.levels_chosen.connect(self.levels_chosen)

    def set_map(
        self,
        values: Array,
        limits: render.Limits,
        colormap: str,
        cell: Cell | None = None,
        unit: str = "",
        note: str = "",
    ) -> None:
        """Shows a (H, W) map; `limits` is that map's own (`render.pick`), `unit` stands behind its numbers (" %"), `note` in
        the place of the second line of them. The array is kept: it must not be written to."""
        self.limits, self.colormap = limits, colormap
        before = self.view.heightForWidth(self.width())
        self.view.set_map(values, limits, colormap, cell, unit)
        if before != self.view.heightForWidth(self.width()):
            self.updateGeometry()
        self.bar.set_range(*limits.of(0), colormap, unit, movable=self._levels)
        self.bar.show()
        self._write(summary_of(values, unit, note))

    def _preview(self, low: float, high: float) -> None:
        """The map between the levels that are being dragged."""
        values = self.view.values
        if values is None or self.limits is None or not high > low:
            return
        bad, signed = self.limits.bad, self.limits.signed
        dragged = render.Limits(np.array([low]), np.array([high]), signed, bad, covers=False)
        self.view.set_map(values, dragged, self.colormap, self.view.cell, self.view.unit)

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing, what to do."""
        self.view.clear(message)
        self.bar.hide()
        self._write("")
        self.limits = None

    def _write(self, summary: str) -> None:
        for line, said in zip(self.numbers, [*summary.splitlines(), "", ""], strict=False):
            line.set_text(said, at_end=True)
        self._summary = _PLACE.sub(r"\n\1", summary.replace("   ", "\n"))  # narrow
        self._say_beside()
        self.setToolTip(summary)  # where there is no room for it elsewhere
        self.setAccessibleDescription(summary)

    def set_reading(self, words: str) -> None:
        """What is said of the selected cell where the numbers stand beside the map; else its owner shows it."""
        self._reading = words
        self._say_beside()

    def _say_beside(self) -> None:
        self._column.setText("\n".join(part for part in (self._reading, self._summary) if part))

    def set_cell(self, cell: Cell | None) -> None:
        """Puts the cross on a cell (None: none)."""
        self.view.set_cell(cell)

    def set_hover(self, cell: Cell | None) -> None:
        """Frames a cell that is pointed at elsewhere."""
        self.view.cells.show(cell)

    def set_banding(self, on: bool) -> None:
        """Whether a region can be drawn; without it there is none."""
        self.view.set_banding(on)

    @property
    def band(self) -> Region | None:
        """The region that is drawn."""
        return self.view.region

    @property
    def picture(self) -> QRectF:
        """Where the map is drawn, in `view`."""
        return self.view.picture


def summary_of(values: Array, unit: str = "", note: str = "") -> str:
    """Two lines: max with its place and min; mean, zeros and how many values are no numbers, or a note."""
    finite = np.isfinite(values)
    if not finite.any():
        return tr("no finite value")
    good = values[finite]
    peak = np.unravel_index(int(np.where(finite, values, -np.inf).argmax()), values.shape)
    zeros = text.percent(1 - np.count_nonzero(good) / good.size)
    bad = values.size - good.size
    least, most = (f"{text.number(float(value))}{unit}" for value in (good.min(), good.max()))
    first = tr("max {most} at ({peak}, {peak2})   min {least}", most=most, peak=peak[0], peak2=peak[1], least=least)
    if note:
        return f"{first}\n{note}"
    second = tr("mean {mean}   zero {zeros}", mean=text.number(float(good.mean(dtype=np.float64))), zeros=zeros)
    return f"{first}\n{second}" + (tr("   {bad} not finite", bad=bad) if bad else "")
