"""The Explore workspace: four places, always in the same spot. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from explorer.ui import text_size, theme
from explorer.ui.explore.channel_panel import ChannelPanel
from explorer.ui.explore.input_panel import InputPanel
from explorer.ui.explore.maps_panel import MapsPanel
from explorer.ui.explore.strip_panel import StripPanel


class ExploreWorkspace(QWidget):
    """Input left, maps in the middle, the channel right, the layers at the bottom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input, self.maps, self.channel, self.strip = InputPanel(), MapsPanel(), ChannelPanel(), StripPanel()
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        for panel in (self.input, self.maps, self.channel):
            self.columns.addWidget(panel)
        for at, share in enumerate((1, 5, 1)):  # of what a larger window has more
            self.columns.setStretchFactor(at, share)
        self.columns.setChildrenCollapsible(False)
        self.columns.setHandleWidth(theme.current().space)
        text_size.hold(self.input, "setMinimumWidth", 246)
        text_size.hold(self.channel, "setMinimumWidth", 290)
        self.columns.setSizes([262, 728, 322])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space)
        column.addWidget(self.columns, 1)
        column.addWidget(self.strip)
