"""The Explore workspace: four places, always in the same spot. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui import text_size
from explorer.ui.explore.channel_panel import ChannelPanel
from explorer.ui.explore.input_panel import InputPanel
from explorer.ui.explore.maps_panel import MapsPanel
from explorer.ui.explore.strip_panel import StripPanel
from explorer.ui.widgets.splitter import GripSplitter

_SIDE = 200  # px of a column at a side, unless it is closed


class ExploreWorkspace(QWidget):
    """Input left, maps in the middle, the channel right, the layers at the bottom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input, self.maps, self.channel, self.strip = InputPanel(), MapsPanel(), ChannelPanel(), StripPanel()
        self.columns = GripSplitter(Qt.Orientation.Horizontal, (self.input, self.maps, self.channel))
        for at, share in enumerate((1, 5, 1)):  # of what a larger window has more
            self.columns.setStretchFactor(at, share)
        self.columns.setCollapsible(1, False)  # the sides can be closed
        text_size.hold(self.input, "setMinimumWidth", _SIDE)
        text_size.hold(self.channel, "setMinimumWidth", _SIDE)
        self.columns.begin([226, 684, 336])
        self.rows = GripSplitter(Qt.Orientation.Vertical, (self.columns, self.strip))
        self.rows.setStretchFactor(0, 7)
        self.rows.setStretchFactor(1, 1)
        self.rows.setCollapsible(0, False)
        self.rows.begin([560, 180])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)

    @property
    def splitters(self) -> dict[str, GripSplitter]:
        """By the names under which their sizes are remembered."""
        return {"columns": self.columns, "rows": self.rows, "channel": self.channel.parts}
