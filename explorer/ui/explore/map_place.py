"""Where the map of the selected channel stands, with what is read from it."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from explorer.ui import text_size, theme
from explorer.ui.graphics.curve_plot import CurvePlot
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.graphics.over_bar import LEFT_OUT

_LEAST = 110  # px of the map with its reading
_UNDER = 70  # px of the colour bar and the numbers of a map
_TINY = 100  # px of a map that its numbers would be in the way of
_NUMBERS = 132  # px of the column of its numbers beside it


class MapPlace(QWidget):
    """The map, or what stands in its place, as large as its width allows, with the reading right beneath; where that leaves a map
    more cells, its numbers and the reading stand beside it. Placed by hand, so that no step through the layers asks a layout."""

    def __init__(self, map_: FeatureMapPanel, curve: CurvePlot, reading: QLabel) -> None:
        super().__init__()
        self._map, self._reading = map_, reading
        self._read = (map_, curve)  # what the reading is of
        self._parts: list[QWidget] = [map_, curve]
        for part in (map_, curve, reading):
            part.setParent(self)
        self.setMinimumHeight(_LEAST)

    def add(self, part: QWidget) -> None:
        """Another one that can stand there; hidden at first."""
        part.setParent(self)
        part.hide()
        self._parts.append(part)

    def arrange(self) -> None:
        """The one that is to be seen, as high as there is room for."""
        shown = next((part for part in self._parts if not part.isHidden() and part.parentWidget() is self), None)
        if shown is None:  # it may be enlarged elsewhere
            return
        if shown is self._map and self._side() > 0:
            self._map.setGeometry(0, 0, self.width(), min(self._map.heightForWidth(self.width()), self.height()))
            self._reading.hide()
            return
        read = shown in self._read
        self._reading.setVisible(read)
        beneath = self._beneath(self.width()) if read else 0
        room = max(self.height() - beneath, 0)
        high = min(shown.heightForWidth(self.width()) if shown.hasHeightForWidth() else room, room)
        shown.setGeometry(0, 0, self.width(), high)
        gap = theme.current().tight
        self._reading.setGeometry(0, high + gap, self.width(), max(beneath - gap, 0))

    def _side(self) -> int:
        """Where the numbers leave the map the most room (`OverBar.set_side`); they are left out where it would be tiny."""
        wide, column = self.width(), text_size.px(_NUMBERS)
        high = self.height() - self._beneath(wide)
        rooms = {0: high, column: self.height()}
        side = max(rooms, key=lambda side: self._map.drawn_height(wide, rooms[side], side))
        if self._map.drawn_height(wide, rooms[side], side) < min(_TINY, self._map.heightForWidth(wide)):
            side = LEFT_OUT
        self._map.set_side(side)
        return side

    def _beneath(self, width: int) -> int:
        return self._reading.heightForWidth(width) + theme.current().tight

    def heightForWidth(self, width: int) -> int:
        """Of a square map."""
        return width + _UNDER + self._beneath(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a map of another shape
            self.arrange()
        return super().event(event)
