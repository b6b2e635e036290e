"""A panel with axes: what bars, curves, histograms, matrices and rows over time are drawn in."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QRectF
from PySide6.QtWidgets import QWidget

from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.panel import Panel, PanelBox
from explorer.ui.graphics.setup import pg


class PlotArea(pg.GraphicsWidget):
    """A view box with an axis at its left and one beneath; either can be left out. Fills the widget it is the centre of."""

    def __init__(self, box: Any, left: NumberAxis | None, bottom: NumberAxis | None, margin: float = 1.0) -> None:
        """`margin`: px that stay free above and at the right."""
        super().__init__()
        self._box, self._left, self._bottom, self._margin = box, left, bottom, margin
        for part in (box, left, bottom):
            if part is not None:
                part.setParentItem(self)
        for axis in (left, bottom):
            if axis is not None:
                axis.follow(box)

    def resizeEvent(self, _event: Any) -> None:
        """Qt's name."""
        x = 0.0 if self._left is None else self._left.thickness
        beneath = 0.0 if self._bottom is None else self._bottom.thickness
        width, height = self.size().width() - x - self._margin, self.size().height() - beneath - self._margin
        if width <= 0 or height <= 0:
            return
        self._box.setGeometry(QRectF(x, self._margin, width, height))
        if self._left is not None:
            self._left.setGeometry(QRectF(0, self._margin, x, height))
        if self._bottom is not None:
            self._bottom.setGeometry(QRectF(x, self._margin + height, width, beneath))


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
        self.setCentralItem(PlotArea(self.box, left, bottom))

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: axes of another text take another room."""
        if event.type() == QEvent.Type.FontChange:
            self.refit()
        super().changeEvent(event)

    def refit(self) -> None:
        """An axis takes another room."""
        if self._begun:
            self.centralWidget.resizeEvent(None)
            self.lay_out()

    @property
    def area(self) -> QRectF:
        return QRectF(self.box.geometry())
