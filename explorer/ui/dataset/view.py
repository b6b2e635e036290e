"""The Dataset workspace: four places, always in the same spot. Passive: setters in, signals out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from explorer.core.session.dataset_place import DatasetPage
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.dataset.channels_panel import ChannelsPanel
from explorer.ui.dataset.chosen_panel import ChosenPanel
from explorer.ui.dataset.index_list import IndexList
from explorer.ui.dataset.making_panel import MakingPanel
from explorer.ui.dataset.pictures_panel import PicturesPanel
from explorer.ui.dataset.scatter_panel import ScatterPanel
from explorer.ui.widgets.figure_request import FigureButton
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.pages import Pages

_PAGES = (
    (DatasetPage.PICTURES, tr("Pictures"), tr("All inputs of the data set with filters")),
    (DatasetPage.CHANNELS, tr("Channels"), tr("All channels of a layer: selectivity, coverage, sparsity")),
    (DatasetPage.SCATTER, tr("Scatter"), tr("Inputs by their features (PCA)")),
)


class DatasetView(QWidget):
    """What is indexed and the indexes left, pictures or channels in the middle, the chosen picture right. `paged` carries a
    DatasetPage."""

    paged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.making, self.indexes, self.chosen = MakingPanel(), IndexList(), ChosenPanel()
        self.pictures, self.channels, self.scatter = PicturesPanel(), ChannelsPanel(), ScatterPanel()
        self.tabs, self.stack = Pages(), QStackedWidget()
        self.tabs.setAccessibleName(tr("Pages of the data set"))
        for at, ((_page, title, about), panel) in enumerate(
            zip(_PAGES, (self.pictures, self.channels, self.scatter), strict=True)
        ):
            self.tabs.addTab(title)
            self.tabs.setTabToolTip(at, about)
            self.stack.addWidget(panel)
        left, middle = QSplitter(Qt.Orientation.Vertical), Frame()
        left.addWidget(self.making)
        left.addWidget(self.indexes)
        left.setStretchFactor(1, 1)
        left.setChildrenCollapsible(False)
        line = QHBoxLayout()
        line.addWidget(self.tabs, 1)
        line.addWidget(FigureButton())
        nest(middle.body, line)
        middle.add(self.stack, 1)
        columns = QSplitter(Qt.Orientation.Horizontal)
        for part in (left, middle, self.chosen):
            columns.addWidget(part)
        for at, share in enumerate((1, 4, 2)):
            columns.setStretchFactor(at, share)
        for split in (left, columns):
            split.setChildrenCollapsible(False)
            split.setHandleWidth(theme.current().space)
        columns.setSizes([272, 680, 310])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(columns)
        self.tabs.currentChanged.connect(self._turned)

    def _turned(self, at: int) -> None:
        self.stack.setCurrentIndex(at)
        self.paged.emit(_PAGES[at][0])

    def show_page(self, page: DatasetPage) -> None:
        """Brings a page to the front; emits nothing."""
        at = next(at for at, (each, _title, _about) in enumerate(_PAGES) if each is page)
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(at)
        self.tabs.blockSignals(False)
        self.stack.setCurrentIndex(at)
