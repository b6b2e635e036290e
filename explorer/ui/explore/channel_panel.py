"""Right: the selected channel, large, with its values and its weights."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu, QScrollArea, QToolButton, QWidget

from explorer.core import render
from explorer.core.display import Display
from explorer.core.types import Kernel, Kind, Tap
from explorer.ui.explore.present import channel_noun
from explorer.ui.widgets import text
from explorer.ui.widgets.channel import ChannelView
from explorer.ui.widgets.histogram import Histogram
from explorer.ui.widgets.kernel import KernelTable
from explorer.ui.widgets.panel import Panel


class ChannelPanel(QScrollArea):
    """The map, its histogram, the weights that made it; the button with the ways to take it along."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map = ChannelView()
        self.map.setMinimumHeight(250)
        self.reading = QLabel()
        self.reading.setWordWrap(True)
        self.reading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.histogram = Histogram()
        self.kernel = KernelTable()
        self.take = QToolButton()
        self.take.setText("Copy · save")
        self.take.setToolTip("Copy or save the picture, the values, or a script that computes them")
        self.take.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.take)
        self.take.setMenu(self.menu)
        self.panel = Panel()
        self.caption = self.panel.section("Channel", self.take)
        self.panel.add(self.map)
        self.panel.add(self.reading)
        self.panel.section("Values of this channel")
        self.panel.add(self.histogram)
        self.weights = self.panel.section("Weights")
        self.panel.add(self.kernel)
        self.panel.body.addStretch(1)
        self.panel.setMinimumWidth(0)
        self.setWidget(self.panel)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_channel(self, shown: Display, channel: int, cell: tuple[int, int] | None) -> None:
        """One channel of a display."""
        self._say(f"{channel_noun(shown.tap)} {channel}")
        if shown.maps is not None and shown.limits is not None:
            one = shown.maps[channel]
            self.map.set_map(one, render.pick(shown.limits, channel), shown.colormap, cell)
            self._read(f"cell ({cell[0]}, {cell[1]}) = {_full(one[cell])}" if cell is not None else "")
            self.histogram.set_counts(*render.histogram(one, 48))
        elif shown.sequence is not None:
            row = shown.sequence[channel]
            self.map.clear("A channel of a sequence is one row of the picture in the middle.")
            self._read(f"mean {text.number(float(row.mean()))}, largest {text.number(float(row.max()))}")
            self.histogram.set_counts(*render.histogram(row, 48))
        elif shown.vector is not None:
            value = float(shown.vector[channel]) if len(shown.vector) else float("nan")
            self.map.clear("A vector has no map: each entry is one number.")
            self._read(f"entry {channel} = {_full(value)}")
            self.histogram.set_counts(*render.histogram(shown.vector, 48))

    def show_frame(self, shown: Display, channel: int, cell: tuple[int, int] | None) -> None:
        """The map alone, of a frame among many."""
        if shown.maps is not None and shown.limits is not None:
            one = shown.maps[channel]
            inside = cell if cell is not None and cell[0] < one.shape[0] and cell[1] < one.shape[1] else None
            self.map.set_map(one, render.pick(shown.limits, channel), shown.colormap, inside)

    def show_kernel(self, tap: Tap, kernel: Kernel | None, channel: int) -> None:
        """The weights of the channel, or why there are none."""
        if kernel is not None and channel < len(kernel.weight):
            self.kernel.set_kernel(kernel, channel)
        else:
            self.kernel.clear(_no_weights(tap))

    def clear(self, message: str) -> None:
        self.map.clear(message)
        self._read("")
        self.histogram.clear()
        self.kernel.clear("")

    def _read(self, words: str) -> None:
        self.reading.setText(words)
        self.reading.setVisible(bool(words))

    def _say(self, title: str) -> None:
        self.caption.setText(title.upper())
        self.caption.setAccessibleName(title)


def _full(value: float) -> str:
    """A value to the precision of float32."""
    return f"{float(value):.7g}".replace("-", "−")


def _no_weights(tap: Tap) -> str:
    if tap.kind in (Kind.CONV, Kind.LINEAR):
        return "The weights of this layer could not be read."
    if tap.kind == Kind.BLOCK:
        return "A block has no weights of its own: choose a convolution or linear layer inside it."
    return f"{tap.type} has no kernel."
