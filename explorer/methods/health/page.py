"""The health of a layer: the layer as a whole, its channels, a histogram of one, and the inputs that could not be used."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QWidget

from explorer.core.geometry.cells import has_maps
from explorer.core.health import Health
from explorer.core.render import SortKey
from explorer.core.selection import Selection
from explorer.core.session.session import Order
from explorer.core.translation import tr
from explorer.methods.health.channel_table import HealthTable
from explorer.methods.health.health_rows import health_rows
from explorer.ui import text_size, theme
from explorer.ui.graphics.histogram_plot import HistogramPlot
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.numbers import NumbersTable
from explorer.ui.widgets.page_frame import column_of, paragraph

_ROWS = 9  # of the table
_LISTED = 200  # inputs left out, named one by one


class ResultPage(Base[Health]):
    """A row of the table selects its channel; a button puts the maps into the order of the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Health | None = None
        self._channel = 0
        self.summary, self.notes = NumbersTable(), paragraph(True)
        self.table = HealthTable()
        text_size.hold(self.table, "setFixedHeight", _ROWS * theme.DARK.row)
        self.sort = QPushButton(tr("Sort maps like this"))
        self.sort.setToolTip(tr("Shows the maps in the order of this table; the list Sort above the maps goes back"))
        self.values_title, self.histogram = Caption(""), HistogramPlot()
        self.out_title, self.out = Caption(""), QListWidget()
        self.out.setAccessibleName(tr("Skipped inputs"))
        self.out.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        parts = (self.summary, self.notes, Caption(tr("Channels")), self.table, self.sort)
        column_of(self, *parts, self.values_title, self.histogram, self.out_title, self.out)
        self.table.chosen.connect(self._choose)
        self.sort.clicked.connect(self._sort_maps)

    def _choose(self, channel: int) -> None:
        self.changed.emit({"channel": channel})

    def _sort_maps(self) -> None:
        if self._result is not None:
            order = Order(self._result.tap, self.table.by, self.table.order)
            self.changed.emit({"sort": SortKey.MEASURED, "order": order})

    def show_result(self, result: Health) -> None:
        self._result = result
        self.table.set_health(result)
        self.summary.set_rows(health_rows(result))
        self.notes.setText("\n".join(result.notes))
        self.notes.setVisible(bool(result.notes))
        self._show_channel(self._channel)
        self._list_skipped(result)

    def show_selection(self, selection: Selection) -> None:
        self.sort.setEnabled(has_maps(selection.tap))
        self._show_channel(selection.channel)

    def _show_channel(self, channel: int) -> None:
        """Its row and its histogram."""
        self._channel = channel
        self.table.mark(channel)
        if self._result is None or not 0 <= channel < len(self._result.channels):
            self.histogram.clear()
            return
        self.values_title.setText(tr("CHANNEL {channel}, ALL INPUTS", channel=channel))
        self.histogram.set_counts(*self._result.values_of(channel))

    def _list_skipped(self, result: Health) -> None:
        count = len(result.skipped)
        self.out.clear()
        for name, why in result.skipped[:_LISTED]:
            item = QListWidgetItem(f"{name}: {why}")
            item.setToolTip(text.tip(f"{name}: {why}"))
            self.out.addItem(item)
        if count > _LISTED:
            self.out.addItem(tr("and {count:,} more", count=count - _LISTED))
        text_size.hold(self.out, "setFixedHeight", min(max(self.out.count(), 1), 4) * 24 + 6)
        self.out_title.setText(tr("SKIPPED: {count:,}", count=count))
        for widget in (self.out_title, self.out):
            widget.setVisible(bool(count))
