"""A region of whole cells with handles, by which it is moved and resized."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Signal

from explorer.core.geometry.cells import Region
from explorer.ui import theme
from explorer.ui.graphics.panel import Panel
from explorer.ui.graphics.setup import pg


class RegionDrawer(QObject):
    """The region of a panel whose view's units are cells. `resized` carries it when a person has moved or resized it."""

    resized = Signal(object)

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel)
        self.region: Region | None = None
        self._shape = (0, 0)
        self._setting = False
        self._roi = pg.RectROI((0, 0), (1, 1), snapSize=1.0, translateSnap=True, scaleSnap=True, sideScalers=True)
        self._roi.hide()
        for handle in self._roi.getHandles():  # pyqtgraph makes each a menu without a parent, which nothing here opens
            handle.menu.deleteLater()
            handle.menu = None
        panel.box.addItem(self._roi, ignoreBounds=True)
        self._roi.sigRegionChangeFinished.connect(self._changed)
        self.restyle()

    def set_region(self, region: Region | None, shape: tuple[int, ...]) -> None:
        """Shows a region of a map of (rows, columns); None: none."""
        self.region, self._setting = region, True
        self._shape = (shape[0], shape[1])
        self._roi.setVisible(region is not None)
        if region is not None:
            y0, x0, y1, x1 = region
            self._roi.maxBounds = QRectF(0, 0, shape[1], shape[0])
            self._roi.setPos((x0, y0), finish=False)
            self._roi.setSize((x1 - x0, y1 - y0), finish=False)
        self._setting = False

    def _changed(self) -> None:
        if self._setting or self.region is None:
            return
        (x, y), (width, height) = self._roi.pos(), self._roi.size()
        rows, columns = self._shape
        y0, x0 = min(max(round(y), 0), rows - 1), min(max(round(x), 0), columns - 1)
        region = (y0, x0, min(max(round(y + height), y0 + 1), rows), min(max(round(x + width), x0 + 1), columns))
        if region != self.region:
            self.set_region(region, self._shape)
            self.resized.emit(region)

    def restyle(self) -> None:
        """The colours of the current theme."""
        look = theme.current()
        self._roi.setPen(pg.mkPen(look.accent, width=2))
        self._roi.hoverPen = pg.mkPen(look.warm, width=2)
        for handle in self._roi.getHandles():
            handle.pen = handle.currentPen = pg.mkPen(look.accent, width=2)
