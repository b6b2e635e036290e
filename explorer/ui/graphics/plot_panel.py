"""A panel with axes: what bars, curves, histograms, matrices and rows over time are drawn in."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.panel import Panel, PanelBox
from explorer.ui.graphics.setup import pg

_LEFT, _BOTTOM = 40, 17  # px


class PlotPanel(Panel):
    """A view between a left and a bottom axis; either can be left out (None)."""

    def __init__(
        self,
        name: str,
        empty: str = "",
        parent: QWidget | None = None,
        *,
        left: NumberAxis | None = None,
        bottom: NumberAxis | None = None,
        upward: bool = True,
    ) -> None:
        super().__init__(name, empty, parent, PanelBox(upward))
        self.left_axis, self.bottom_axis = left, bottom
        self.grid = pg.GraphicsLayout()
        self.grid.setContentsMargins(0, 2, 2, 0)
        self.grid.setSpacing(0)
        self.grid.addItem(self.box, 0, 1)
        if left is not None:
            self.grid.addItem(left, 0, 0)
            left.linkToView(self.box)
            left.setWidth(_LEFT)
        if bottom is not None:
            self.grid.addItem(bottom, 1, 1)
            bottom.linkToView(self.box)
            bottom.setHeight(_BOTTOM)
        self.setCentralItem(self.grid)

    @property
    def area(self) -> QRectF:
        self.grid.layout.activate()  # the axes may just have got another size
        return QRectF(self.box.sceneBoundingRect())

    def restyle(self) -> None:
        for axis in (self.left_axis, self.bottom_axis):
            if axis is not None:
                axis.restyle()
