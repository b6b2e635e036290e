"""The colours of a map with their values: an axis with ticks, and two lines that set the range by dragging."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import colormaps
from explorer.ui import theme
from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.setup import pg

_BAR, _AXIS = 9, 17  # px
_MARGIN = 0.02  # of the range, so that the outermost lines can be taken hold of


class ColourBar(pg.GraphicsView):
    """A colour map between two values. `levels_changed` carries (low, high) while a line is dragged, `levels_chosen` the same
    when it is let go."""

    levels_changed = Signal(float, float)
    levels_chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setAccessibleName("Colour range")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Drag an end to set the colour range of this layer")
        self._axis = NumberAxis("bottom")
        layout, self._box = pg.GraphicsLayout(), pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addItem(self._box, 0, 0)
        layout.addItem(self._axis, 1, 0)
        self._box.disableAutoRange()
        self._axis.linkToView(self._box)
        self._axis.setHeight(_AXIS)
        self._picture = PictureItem(smooth=True)
        self._region = pg.LinearRegionItem((0, 1), brush=(0, 0, 0, 0), hoverBrush=(0, 0, 0, 0), swapMode="block")
        self._region.setMovable(True)
        for item in (self._picture, self._region):
            self._box.addItem(item, ignoreBounds=True)
        self.setCentralItem(layout)
        self._shown: tuple[object, ...] = ()
        self.setBackground(theme.current().panel)
        self._region.sigRegionChanged.connect(self._dragging)
        self._region.sigRegionChangeFinished.connect(self._dragged)
        self._setting = False

    @property
    def levels(self) -> tuple[float, float]:
        """Values of the first and the last colour."""
        low, high = self._region.getRegion()
        return float(low), float(high)

    def set_range(self, low: float, high: float, colormap: str, unit: str = "", movable: bool = True) -> None:
        """The first and the last value, the colour map between them, and the unit behind the numbers."""
        wanted = (low, high, colormap, unit, movable, theme.current().name)
        if wanted == self._shown:
            return
        self._shown = wanted
        span = high - low if high > low else max(abs(high), 1e-12)
        self._setting = True
        self._axis.set_unit(unit)
        self._box.setRange(xRange=(low - span * _MARGIN, low + span * (1 + _MARGIN)), yRange=(0, 1), padding=0)
        self._picture.set_pixels(colormaps.packed(colormap)[None], QRectF(low, 0, span, 1))
        self._region.setRegion((low, low + span))
        self._region.setMovable(movable)
        for line in self._region.lines:
            line.setMovable(movable)
            line.setPen(pg.mkPen(theme.current().text if movable else theme.current().off, width=2))
            line.setHoverPen(pg.mkPen(theme.current().warm, width=3))
        self._setting = False
        self.setAccessibleDescription(f"{self._axis.written(low)} to {self._axis.written(high)}{unit}")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_shown"):
            self.setBackground(theme.current().panel)
            self._axis.restyle()
        super().changeEvent(event)

    def _dragging(self) -> None:
        if not self._setting:
            self.levels_changed.emit(*self.levels)

    def _dragged(self) -> None:
        if not self._setting:
            self._shown = ()
            self.levels_chosen.emit(*self.levels)

    def sizeHint(self) -> QSize:
        return QSize(240, _BAR + _AXIS)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _BAR + _AXIS)


def keep_room(widget: QWidget) -> None:
    """A widget that is hidden now and then keeps its place: nothing jumps when it is shown."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
