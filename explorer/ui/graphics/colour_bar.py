"""The colours of a map with their values: an axis with ticks, and two lines that set the range by dragging."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core.render import colormaps
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.graphics.axes import EndsAxis
from explorer.ui.graphics.levels_item import LevelsItem
from explorer.ui.graphics.panel import PanelBox
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotArea
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
        self.setAccessibleName(tr("Colour range"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("Drag an end to set the colour range of this layer"))
        self._axis, self._box = EndsAxis(), PanelBox(upward=True)
        self._picture, self._levels = PictureItem(smooth=True), LevelsItem(width=2)
        for item in (self._picture, self._levels):
            self._box.addItem(item, ignoreBounds=True)
        self.setCentralItem(PlotArea(self._box, None, self._axis, margin=0))
        self._shown: tuple[object, ...] = ()
        self.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setBackground(theme.current().panel)
        self._levels.dragged.connect(self.levels_changed)
        self._levels.chosen.connect(self._chosen)

    @property
    def levels(self) -> tuple[float, float]:
        """Values of the first and the last colour."""
        return self._levels.low, self._levels.high

    @property
    def movable(self) -> bool:
        """Whether the range can be set by dragging."""
        return self._levels.movable

    def set_range(self, low: float, high: float, colormap: str, unit: str = "", movable: bool = True) -> None:
        """The first and the last value, the colour map between them, and the unit behind the numbers."""
        wanted = (low, high, colormap, unit, movable, theme.current().name)
        if wanted == self._shown:
            return
        self._shown = wanted
        span = high - low if high > low else max(abs(high), 1e-12)
        self._axis.set_unit(unit)
        self._axis.set_ends(low, high)
        home = QRectF(low - span * _MARGIN, 0, span * (1 + 2 * _MARGIN), 1)
        self._box.set_home(home, home)
        self._picture.set_pixels(colormaps.packed(colormap)[None], QRectF(low, 0, span, 1))
        self._levels.set_levels(low, low + span, movable)
        self.setAccessibleDescription(
            tr("{words} to {words2}{unit}", words=self._axis.words(low), words2=self._axis.words(high), unit=unit)
        )

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_shown"):
            self.setBackground(theme.current().panel)
            self.viewport().update()
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_shown"):
            self.centralWidget.resizeEvent(None)
            self.updateGeometry()
        super().changeEvent(event)

    def _chosen(self, low: float, high: float) -> None:
        self._shown = ()
        self.levels_chosen.emit(low, high)

    def sizeHint(self) -> QSize:
        return QSize(240, _BAR + text_size.px(_AXIS))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _BAR + text_size.px(_AXIS))
