"""The Explore workspace: four places, always in the same spot. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui import text_size
from explorer.ui.explore.channel_panel import ChannelPanel
from explorer.ui.explore.input_panel import InputPanel
from explorer.ui.explore.maps_panel import MapsPanel
from explorer.ui.explore.strip_panel import StripPanel
from explorer.ui.widgets.splitter import GripSplitter

_SIDE = 200  # px of a column at a side, unless it is closed
# px of the columns and rows of a window of 1280 × 800, and what narrow and low ones leave them
_INPUT, _CHANNEL, _WIDE = 226, 336, 1246
_LEAST_INPUT, _LEAST_CHANNEL, _SHARE = 226, 304, 0.34
_STRIP, _HIGH, _LOW = 180, 740, 138


class ExploreWorkspace(QWidget):
    """Input left, maps in the middle, the channel right, the layers at the bottom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input: InputPanel = InputPanel()
        self.maps: MapsPanel = MapsPanel()
        self.channel: ChannelPanel = ChannelPanel()
        self.strip: StripPanel = StripPanel()
        parts = (self.input, self.maps, self.channel)
        self.columns = GripSplitter(Qt.Orientation.Horizontal, parts, self._widths)
        self.columns.setCollapsible(1, False)  # the sides can be closed
        text_size.hold(self.input, "setMinimumWidth", _SIDE)
        text_size.hold(self.channel, "setMinimumWidth", _SIDE)
        self.rows = GripSplitter(Qt.Orientation.Vertical, (self.columns, self.strip), self._heights)
        self.rows.setCollapsible(0, False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)

    def _widths(self, size: QSize) -> tuple[int, int, int]:
        """Of the columns, until somebody drags a grip. The sides get a seventh each of what a window has more, and give away what
        their lines can do without."""
        whole = size.width() - 2 * self.columns.handleWidth()
        more = (whole - _WIDE) / 7
        left = max(_INPUT + more, text_size.px(_LEAST_INPUT))
        right = max(_CHANNEL + more, min(text_size.px(_LEAST_CHANNEL), _SHARE * whole))
        return round(left), round(whole - left - right), round(right)

    def _heights(self, size: QSize) -> tuple[int, int]:
        """Of the columns and the strip, until somebody drags the grip: a low window has a low strip."""
        whole = size.height() - self.rows.handleWidth()
        more = whole - _HIGH
        strip = max(_STRIP + (more / 8 if more > 0 else more * 0.2), text_size.px(_LOW))
        return round(whole - strip), round(strip)

    @property
    def splitters(self) -> dict[str, GripSplitter]:
        """By the names under which their sizes are remembered."""
        return {"columns": self.columns, "rows": self.rows, "channel": self.channel.parts}
