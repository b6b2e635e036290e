"""Right: the selected channel, large; beneath it its values and weights, or one of the ways to understand it."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from explorer.core import render
from explorer.core.activations import Kernel, Kind, Tap
from explorer.core.arrays import Array
from explorer.core.geometry.cells import Cell, prefix_name
from explorer.core.session.display import Display
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.actions import Action
from explorer.ui.explore.map_place import MapPlace
from explorer.ui.graphics.axes import Steps
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.graphics.feature_map_panel import FeatureMapPanel
from explorer.ui.graphics.histogram_plot import HistogramPlot
from explorer.ui.graphics.kernel_table import KernelTable
from explorer.ui.model_pane.present import cell_words, channel_noun, step_noun
from explorer.ui.widgets import text
from explorer.ui.widgets.figure_request import FigureButton
from explorer.ui.widgets.frames import Caption, Frame
from explorer.ui.widgets.help_button import HelpButton
from explorer.ui.widgets.page_frame import column_of, paragraph
from explorer.ui.widgets.pages import Pages
from explorer.ui.widgets.splitter import GripSplitter
from explorer.ui.widgets.wheel import keep_scrolling

_NO_CELL = tr("no cell is selected")
_PLAIN = Steps()
_FAMILY = tr("the pages beneath the map")
_LOW = 480  # px of the whole panel, beneath which the tabs are one row
_LITTLE = 178  # px of the map and its colour bar, where there is little room
# of the height, until somebody drags the grip: the map; where there is little room; what a page brings in its place
_MAP, _MOST, _FRONT = 0.42, 0.5, 0.5


class ChannelPanel(QWidget):
    """Tabs on top; the map and its reading, and one page beneath: `page_changed` carries its name, `levels_chosen` the
    colour range that was set by dragging. The button has the ways to take it along. What a page shows moves neither tabs nor map."""

    page_changed = Signal(str)
    levels_chosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map, self.curve = (
            FeatureMapPanel(),
            CurvePlot(tr("Channel over its steps"), tr("No values yet."), title=tr("value")),
        )
        self.curve.hide()
        self.reading = QLabel()
        self.reading.setWordWrap(True)
        text_size.hold(
            self.reading, "setMinimumHeight", self.reading.fontMetrics().height()
        )  # nothing moves when a cell is chosen
        self.reading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.histogram = HistogramPlot()
        self.kernel = KernelTable()
        self.take = QToolButton()
        self.take.setText(tr("Export"))
        self.take.setAccessibleName(tr("Export"))
        self.take.setToolTip(tr("Copy or save pictures, values, or a script that computes them"))
        self.take.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.take)
        self.take.setMenu(self.menu)
        self.tabs = Pages()
        self.tabs.setObjectName("pages")
        self.tabs.setAccessibleName(tr("What is shown of the channel"))
        self.panel, self._title = Frame(), tr("Channel")
        self._curved = False  # whether a sequence is shown
        self._counted: tuple[Array, tuple[float, float] | None] | None = None  # what the page Values is about
        self._weights: tuple[Tap, Kernel | None, int] | None = None
        self._low_head, self._beside_title = (
            _row()
        )  # what stands beside the title where there is no room for a line of the page's own
        self.caption = self.panel.section(tr("Channel"), self._low_head, self.take)
        self.panel.add(self.tabs)
        self._place = MapPlace(self.map, self.curve, self.reading)
        self.help, self.below, self.area = HelpButton(), Frame(), QScrollArea()
        self.figure = FigureButton()
        self.below.setObjectName("plain")
        self.below.body.setContentsMargins(0, theme.current().tight, 0, 0)
        self.page_title, (self._page_head, self._page_line) = Caption(tr("Values")), _row()
        self._page_line.addWidget(self.page_title, 1)
        self.below.add(self._page_head)
        self._low: bool | None = None
        self.flags = paragraph()
        self.flags.setObjectName("warm")
        self.flags.hide()
        self.below.add(self.flags)
        self.below.body.addStretch(1)
        self.area.setWidget(self.below)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what stands in it has
        self.below.setAutoFillBackground(False)  # which `setWidget` sets
        self.parts = GripSplitter(Qt.Orientation.Vertical, (self._place, self.area), self._first_sizes)
        self.panel.add(self.parts, 1)
        self.names: list[str] = []  # of the pages, in the order of their tabs
        self.pages: dict[str, QWidget] = {}  # those that are filled
        self._fronts: dict[str, tuple[str, QWidget]] = {}  # by page: what stands where the map is, and its title
        self._actions: list[Action] = []
        self._reasons: dict[str, str] = {}  # why a page is not there
        self.add_page("values", tr("Values"), tr("Histogram and weights"))
        self.fill_page("values", self._values())
        self.panel.setMinimumWidth(0)
        keep_scrolling(self.panel)
        column_of(self, self.panel)
        self._turn(0)
        self.tabs.currentChanged.connect(self._turn)
        self.map.levels_chosen.connect(self.levels_chosen)
        self.histogram.levels_chosen.connect(self.levels_chosen)

    def add_page(self, name: str, title: str, about: str) -> None:
        """One more page, with a tab that turns to it; it is empty until it is filled."""
        self.names.append(name)
        at = self.tabs.addTab(title)
        keys = (f"Ctrl+{at + 1}",) if at < 9 else ()
        go, why = partial(self.set_page, name), partial(self._why_not, name)
        action = Action(f"page.{name}", title, go, keys, "Analyse/Pages", "explore", about, _FAMILY, why)
        self._actions.append(action)
        self.tabs.setTabToolTip(at, action.tip)

    def fill_page(self, name: str, page: QWidget, front: QWidget | None = None) -> None:
        """What a page shows. `front` stands in the place of the map: the page is about the layer."""
        self.pages[name] = page
        self.below.body.insertWidget(self.below.body.count() - 1, page)  # before the stretch
        keep_scrolling(page)
        if front is not None:
            self._fronts[name] = self._actions[self.names.index(name)].title, front
            self._place.add(front)
        page.setVisible(name == self.page)
        if front is not None and name == self.page:
            self._bring(name)

    def show_page(self, name: str, why_not: str) -> None:
        """Whether there is a tab for a page ("": there is); one that is open gives way to the first."""
        at = self.names.index(name)
        if why_not and self.page == name:
            self.tabs.setCurrentIndex(0)
        self._reasons[name] = why_not
        self.tabs.setTabVisible(at, not why_not)

    def _why_not(self, name: str) -> str:
        return self._reasons.get(name, "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "parts"):
            self._fold()

    def _fold(self) -> None:
        """By the room alone, so that nothing moves with what is shown."""
        low = self.height() < text_size.px(_LOW)
        self.tabs.fold(low)
        if low != self._low:
            self._low = low
            self._place_head(low)
        self._say(self._title)

    def _place_head(self, low: bool) -> None:
        """A low panel has no line for the title of the page, which its tab names."""
        line = self._beside_title if low else self._page_line
        for widget in (self.figure, self.help):
            for other in (self._beside_title, self._page_line):
                other.removeWidget(widget)
            line.addWidget(widget)
        self._page_head.setVisible(not low)
        self._low_head.setVisible(low)
        self.take.setText("⇩" if low else tr("Export"))

    def own_actions(self) -> tuple[Action, ...]:
        """A page each."""
        return tuple(self._actions)

    def _values(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space)
        for widget in (Caption(tr("Histogram")), self.histogram, Caption(tr("Weights")), self.kernel):
            column.addWidget(widget)
        return page

    @property
    def page(self) -> str:
        """The name of the page that is open."""
        return self.names[max(self.tabs.currentIndex(), 0)]

    def set_page(self, name: str) -> None:
        """Opens a page; one of that name must exist to be opened."""
        if name in self.names:
            self.tabs.setCurrentIndex(self.names.index(name))

    def set_flags(self, words: str) -> None:
        """What must be known of everything on the open page; "" for nothing."""
        self.flags.setText(words)
        self.flags.setVisible(bool(words))

    def _turn(self, at: int) -> None:
        name = self.names[at]
        title = self._actions[at].title
        self.page_title.setText(title.upper())
        self.page_title.setAccessibleName(title)
        self.help.set_about(name, title)
        for other, page in self.pages.items():
            page.setVisible(other == name)
        self._bring(name)
        self._fill()
        self.area.verticalScrollBar().setValue(0)
        self.page_changed.emit(name)

    def _bring(self, name: str) -> None:
        """What the open page has in the place of the map, and its title."""
        self._stand()
        for other, (_, front) in self._fronts.items():
            front.setVisible(other == name)
        self._say(self._title)
        self.parts.settle()
        self._place.arrange()

    def _stand(self) -> None:
        """The map, or a sequence's curve in its place; neither where a page brings something of its own."""
        here = self.page not in self._fronts
        self.map.setVisible(here and not self._curved)
        self.curve.setVisible(here and self._curved)
        self._place.arrange()

    def _first_sizes(self, size: QSize) -> tuple[int, int]:
        """Of the map and the page, until somebody drags the grip: by the room alone, so that nothing moves with what is shown. A
        page that brings something in the place of the map has half."""
        wanted = self._place.heightForWidth(size.width())
        share, least = (_FRONT, 0.0) if self.page in self._fronts else (_MAP, min(_LITTLE, _MOST * size.height()))
        high = round(min(wanted, max(share * size.height(), least)))
        return high, size.height() - high

    def show_channel(
        self, shown: Display, channel: int, cell: Cell | None, steps: Steps = _PLAIN, where: str = "", name: str = ""
    ) -> None:
        """The reading and the values of one channel; its map, where it has one, is drawn by the pane. `steps`: of a sequence;
        `where`: what the selected cell stands over; `name`: of the class that an entry is about."""
        if self._curved != (shown.sequence is not None):
            self._curved = shown.sequence is not None
            self._stand()
        self._say(f"{channel_noun(shown.tap)} {channel}" + (f" · {name}" if name else ""))
        token = cell[1] if cell is not None and cell[0] < 0 else None
        if token is not None and shown.prefix is not None:
            self._read(f"{prefix_name(token)} = {_full(shown.prefix[token, channel])}")
        if shown.maps is not None and shown.limits is not None:
            one = shown.maps[channel]
            if token is None:
                beside = f" ({where})" if where else ""
                self._read(
                    f"{cell_words(shown.tap, cell)}{beside} = {_full(one[cell])}" if cell is not None else _NO_CELL
                )
            self._count(one, shown.limits.of(channel))
        elif shown.sequence is not None:
            row = shown.sequence[channel]
            self._draw_curve(row, channel, max(cell) if cell is not None and token is None else None, steps)
            if cell is None:
                self._read(
                    tr(
                        "mean {mean}, largest {max}",
                        mean=text.number(float(row.mean())),
                        max=text.number(float(row.max())),
                    )
                )
            elif token is None:
                self._read(
                    f"{step_noun(shown.tap)} {max(cell)} {steps.at(max(cell))}".rstrip() + f" = {_full(row[max(cell)])}"
                )
            self._count(row)
        elif shown.vector is not None:
            value = float(shown.vector[channel]) if len(shown.vector) else float("nan")
            self.map.clear(tr("A vector has no map: each entry is one number."))
            self._read(f"{name or tr('entry')}{(tr(', entry') if name else '')} {channel} = {_full(value)}")
            self._count(shown.vector)
        self._fill()

    def _draw_curve(self, row: Array, channel: int, step: int | None, steps: Steps) -> None:
        """Over the steps, or over time where that is known; the selected step as a dot."""
        x = np.arange(len(row)) * (steps.each or 1.0) + steps.start
        curves = [CurveData(x, row, tr("channel {channel}", channel=channel))]
        if step is not None and step < len(row):
            curves.append(
                CurveData(
                    x[step : step + 1],
                    row[step : step + 1],
                    tr("selected: {row}", row=text.number(float(row[step]))),
                    "warm",
                )
            )
        self.curve.set_curves(curves, " s" if steps.each else "", x_title="" if steps.each else tr("step"))

    def show_kernel(self, tap: Tap, kernel: Kernel | None, channel: int) -> None:
        """The weights of the channel, or why there are none."""
        self._weights = tap, kernel, channel
        self._fill()

    def _count(self, values: Array, levels: tuple[float, float] | None = None) -> None:
        """The values of the histogram, and between which of them the colours run."""
        self._counted = values, levels

    def _fill(self) -> None:
        """The page Values, as long as it is open."""
        if self.page != "values":
            return
        if self._counted is not None:
            values, levels = self._counted
            self.histogram.set_counts(*render.histogram(values, 48))
            self.histogram.set_levels(*(levels or (0.0, 0.0)))
        if self._weights is not None:
            tap, kernel, channel = self._weights
            if kernel is not None and channel < len(kernel.weight):
                self.kernel.set_kernel(kernel, channel)
            else:
                self.kernel.clear(_no_weights(tap))
        self._counted = self._weights = None

    def clear(self) -> None:
        """There is no channel."""
        self._read("")
        self._counted = self._weights = None
        self.curve.set_curves(())
        self.histogram.clear()
        self.kernel.clear("")

    def _read(self, words: str) -> None:
        self.reading.setText(words)
        self.map.set_reading(words)

    def _say(self, title: str) -> None:
        self._title = title
        shown, _ = self._fronts.get(self.page, (title, None))
        short = shown.upper()
        if self._low:
            beside = self._low_head.sizeHint().width() + self.take.sizeHint().width() + 4 * theme.current().space
            room = self.width() - 2 * theme.current().inset - beside
            short = self.caption.fontMetrics().elidedText(short, Qt.TextElideMode.ElideRight, max(room, 0))
        if (short, shown) != (self.caption.text(), self.caption.accessibleName()):
            self.caption.setText(short)
            self.caption.setAccessibleName(shown)
            self.caption.setToolTip("" if short == shown.upper() else text.tip(shown))


def _row() -> tuple[QWidget, QHBoxLayout]:
    """A line for small widgets."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme.current().tight)
    return row, line


def _full(value: float) -> str:
    """A value to the precision of float32."""
    return f"{float(value):.7g}".replace("-", "−")


def _no_weights(tap: Tap) -> str:
    if tap.kind in (Kind.CONV, Kind.LINEAR):
        return tr("The weights of this layer could not be read.")
    if tap.kind == Kind.BLOCK:
        return tr("A block has no weights of its own: choose a convolution or linear layer inside it.")
    return tr("{type} has no kernel.", type=tap.type)
