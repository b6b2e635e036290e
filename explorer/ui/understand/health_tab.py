"""The health of a layer: what it is measured over, the layer as a whole, its channels, and what could not be used."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QProgressBar, QPushButton, QWidget

from explorer.core.health import Health, Over
from explorer.ui import theme
from explorer.ui.graphics.histogram_plot import HistogramPlot
from explorer.ui.understand import words
from explorer.ui.understand.health_table import HealthTable
from explorer.ui.understand.page import Page, column_of, paragraph
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import NumbersTable
from explorer.ui.widgets.over import OverBox
from explorer.ui.widgets.panel import Caption

_ROWS = 9  # of the table
_LISTED = 200  # inputs left out, named one by one
_KINDS = ("this picture", "picture"), ("sample gallery", "gallery"), ("a folder …", "folder")


class HealthTab(Page):
    """`started` starts or stops the measurement, `channel_chosen` carries a channel, `sorted` asks for the maps in the order
    of the table, `saved` for a file."""

    started = Signal()
    channel_chosen = Signal(int)
    sorted = Signal()
    saved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: Health | None = None
        self.running = False
        self._channel = 0
        self.notes, self.status = paragraph(True), paragraph(True)
        self.over = OverBox("Inputs", "Inputs the layer is measured on", _KINDS)
        self.start = QPushButton("Measure")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.summary = NumbersTable()
        self.table = HealthTable()
        self.table.setFixedHeight(_ROWS * theme.current().row)
        self.sort, self.save = QPushButton("Sort maps like this"), QPushButton("Save as CSV …")
        self.sort.setToolTip("Shows the maps in the order of this table; the list Sort above the maps goes back")
        self.save.setToolTip("One line per channel, with all measures")
        self.values_title, self.histogram = Caption(""), HistogramPlot()
        self.out_title, self.out = Caption(""), QListWidget()
        self.out.setAccessibleName("Skipped inputs")
        self.out.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        self._connect()
        self.over.set_over(Over())
        self.set_health(None)
        self.set_running(False)
        self.say("Nothing is shown yet.")

    def _lay_out(self) -> None:
        first, last = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.over, 1)
        first.addWidget(self.start)
        last.addWidget(self.sort)
        last.addWidget(self.save)
        self.results = QWidget()
        column_of(
            self.results,
            self.summary,
            self.notes,
            Caption("Channels"),
            self.table,
            last,
            self.values_title,
            self.histogram,
            self.out_title,
            self.out,
        )
        self.add(first, self.over.folder, self.progress, self.status, self.results)

    def _connect(self) -> None:
        self.start.clicked.connect(self.started)
        self.table.chosen.connect(self.channel_chosen)
        self.sort.clicked.connect(self.sorted)
        self.save.clicked.connect(self.saved)

    def set_running(self, running: bool, fraction: float = 0.0) -> None:
        """Whether a measurement runs, and how far it is."""
        self.running = running
        self.start.setText("Cancel" if running else "Measure")
        self.progress.setVisible(running)
        self.progress.setRange(0, 100)
        self.progress.setValue(round(100 * fraction))

    def set_status(self, words_: str) -> None:
        """How many inputs, what went wrong, what to do next."""
        self.status.setText(words_)
        self.status.setVisible(bool(words_))

    def set_sortable(self, sortable: bool) -> None:
        """Whether the layer has maps that can be put in an order."""
        self.sort.setEnabled(sortable)

    def set_health(self, found: Health | None) -> None:
        """What has been measured, None: nothing yet."""
        self.found = found
        self.results.setVisible(found is not None)
        self.table.set_health(found)
        if found is None:
            return
        self.summary.set_rows(words.health_rows(found))
        self.notes.setText("\n".join(found.notes))
        self.notes.setVisible(bool(found.notes))
        self.set_channel(self._channel)
        self._list_skipped(found)

    def _list_skipped(self, found: Health) -> None:
        count = len(found.skipped)
        self.out.clear()
        for name, why in found.skipped[:_LISTED]:
            item = QListWidgetItem(f"{name}: {why}")
            item.setToolTip(text.tip(f"{name}: {why}"))
            self.out.addItem(item)
        if count > _LISTED:
            self.out.addItem(f"and {count - _LISTED:,} more")
        self.out.setFixedHeight(min(max(self.out.count(), 1), 4) * 24 + 6)
        self.out_title.setText(f"SKIPPED: {count:,}")
        for widget in (self.out_title, self.out):
            widget.setVisible(bool(count))

    def set_channel(self, channel: int) -> None:
        """The selected channel: its row and its histogram."""
        self._channel = channel
        self.table.mark(channel)
        if self.found is None or not 0 <= channel < len(self.found.channels):
            self.histogram.clear()
            return
        self.values_title.setText(f"CHANNEL {channel}, ALL INPUTS")
        self.histogram.set_counts(*self.found.values_of(channel))
