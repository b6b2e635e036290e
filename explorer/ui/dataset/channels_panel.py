"""Middle of the Dataset workspace: all channels of a layer as a table, and the histogram of one over the data. Passive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QWidget

from explorer.core.data_index import ChannelHistogram, ChannelTable, ClassBar
from explorer.core.kind_words import counted
from explorer.core.translation import ntr, tr
from explorer.ui import theme
from explorer.ui.data_index.class_bars import ClassBars
from explorer.ui.graphics.histogram_plot import HistogramPlot
from explorer.ui.widgets import text
from explorer.ui.widgets.choice import choice, fill, on_choice
from explorer.ui.widgets.fitted_table import FittedTable
from explorer.ui.widgets.frames import Caption, Elided
from explorer.ui.widgets.page_frame import column_of, paragraph
from explorer.ui.widgets.ranked import TableColumn


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel over the data set; NaN where there is nothing to tell."""

    channel: int
    maximum: float
    mean: float
    coverage: float
    sparsity: float
    selectivity: float
    d_prime: float
    prefers: str
    reach: int
    not_finite: int


def rows_of(table: ChannelTable) -> tuple[ChannelRow, ...]:
    """A row a channel."""
    columns = (table.maximum, table.mean, table.coverage, table.sparsity, table.selectivity, table.d_prime)
    maximum, mean, coverage, sparsity, selectivity, d_prime = (column.tolist() for column in columns)
    reach, bad = table.reach.tolist(), table.not_finite.tolist()
    return tuple(
        ChannelRow(
            c,
            maximum[c],
            mean[c],
            coverage[c],
            sparsity[c],
            selectivity[c],
            d_prime[c],
            table.prefers[c],
            reach[c],
            bad[c],
        )
        for c in range(len(maximum))
    )


def _plain(value: float, digits: int = 3) -> str:
    return "" if math.isnan(value) else text.number(value, digits)


_COLUMNS: tuple[TableColumn[ChannelRow], ...] = (
    TableColumn(tr("ch"), tr("Number of the channel"), lambda r: r.channel, lambda r: str(r.channel)),
    TableColumn(tr("max"), tr("Largest value over all inputs"), lambda r: r.maximum, lambda r: _plain(r.maximum)),
    TableColumn(tr("mean"), tr("Mean of the inputs' maxima"), lambda r: r.mean, lambda r: _plain(r.mean)),
    TableColumn(
        tr("coverage"),
        tr("Share of inputs with a value above 0"),
        lambda r: r.coverage,
        lambda r: "" if math.isnan(r.coverage) else text.percent(r.coverage),
    ),
    TableColumn(
        tr("sparsity"),
        tr(
            "Lifetime sparseness of the maxima (Vinje and Gallant 2000): 0: all inputs alike, 1: one input alone; none "
            "where values are negative"
        ),
        lambda r: r.sparsity,
        lambda r: _plain(r.sparsity, 2),
    ),
    TableColumn(
        tr("at max"),
        tr("Inputs whose value is the maximum: more than one says that the channel is clipped there"),
        lambda r: r.reach,
        lambda r: f"{r.reach:,}",
    ),
)
_CLASSES: tuple[TableColumn[ChannelRow], ...] = (
    TableColumn(
        tr("selective"),
        tr(
            "(highest class mean − mean of the others) / (highest + mean of the others): 0: responds to all classes equally, "
            "1: to a single class (Morcos et al. 2018)"
        ),
        lambda r: r.selectivity,
        lambda r: _plain(r.selectivity, 2),
    ),
    TableColumn(
        "d′",
        tr("(mean of the preferred class − mean of the others) / root of the mean of both variances"),
        lambda r: r.d_prime,
        lambda r: _plain(r.d_prime, 2),
    ),
    TableColumn(
        tr("class"), tr("The class with the highest mean"), lambda r: r.selectivity, lambda r: r.prefers, wordy=True
    ),
)
_BAD: TableColumn[ChannelRow] = TableColumn(
    tr("not finite"), tr("Inputs with NaN or infinity"), lambda r: r.not_finite, lambda r: f"{r.not_finite:,}"
)


class IndexTable(FittedTable[ChannelRow]):
    """The channels of an indexed layer. `jumped` carries the channel of a row that was double-clicked, or Return on it."""

    jumped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Channels over the data set"), lambda row: row.channel, parent)
        self.activated.connect(self._jump)
        self.set_rows(_COLUMNS, ())

    def _jump(self, index: QModelIndex) -> None:
        self.jumped.emit(self.rows.rows[index.row()].channel)

    def jump(self) -> None:
        """To the channel that is marked."""
        if self._number is not None:
            self.jumped.emit(self._number)

    def set_table(self, found: ChannelTable | None) -> None:
        """Another layer, or more pictures; sorting stays."""
        rows = rows_of(found) if found is not None else ()
        classes = any(row.prefers for row in rows)
        bad = (_BAD,) if any(row.not_finite for row in rows) else ()
        self.set_rows((*_COLUMNS[:2], *(_CLASSES if classes else ()), *_COLUMNS[2:], *bad), rows)
        self.fit()
        self.mark(self._number)


class ChannelsPanel(QWidget):
    """`tap_chosen` carries a layer, `channel_chosen` a channel that was clicked or walked to, `jumped` one that is to be seen in
    Explore."""

    tap_chosen = Signal(str)
    channel_chosen = Signal(int)
    jumped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tap = choice(tr("Layer"), tr("A layer of the index"), [], 320)
        self.about, self.note = Elided(), paragraph(True)
        self.about.setObjectName("dim")
        self.open = QPushButton(tr("Show in Explore"))
        self.open.setToolTip(tr("The selected channel in Explore with its examples  ( Return, double click )"))
        self.table, self.histogram, self.bars = IndexTable(), HistogramPlot(), ClassBars(10)
        self.title, self.legend = Caption(tr("Histogram")), Elided()
        self.legend.setObjectName("dim")
        self.legend.set_text(
            tr("Classes by their mean; orange: how many of the channel's best inputs are of the class")
        )
        row, beneath = QHBoxLayout(), QWidget()
        row.addWidget(self.tap)
        row.addWidget(self.about, 1)
        row.addWidget(self.open)
        self.histogram.setToolTip(
            tr("Values of all inputs on the channel: how many inputs have which maximum (logarithmic)")
        )
        column_of(beneath, self.title, self.histogram, self.legend, self.bars)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.table)
        self.split.addWidget(beneath)
        self.split.setStretchFactor(0, 1)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(theme.current().space)
        column = column_of(self, row, self.note, self.split)
        column.setStretch(2, 1)
        on_choice(self.tap, self.tap_chosen.emit)
        self.table.chosen.connect(self.channel_chosen)
        self.table.jumped.connect(self.jumped)
        self.open.clicked.connect(self.table.jump)
        self.set_note("")

    # --- setters; they emit nothing ---

    def set_taps(self, names: Sequence[str], current: str) -> None:
        """The layers of the index, and which is shown."""
        fill(self.tap, [(name, name) for name in names])
        self.tap.setCurrentIndex(self.tap.findData(current))
        self.tap.setEnabled(bool(names))

    def show_table(self, found: ChannelTable | None, noun: str = "picture") -> None:
        """All channels of that layer; `noun`: what the data set is of."""
        self.table.set_table(found)
        self.about.set_text(
            ntr(
                "{n:,} channel, {inputs}",
                "{n:,} channels, {inputs}",
                len(found.maximum),
                inputs=counted(noun, found.pictures),
            )
            if found is not None
            else ""
        )
        self.open.setEnabled(found is not None)

    def show_channel(self, channel: int | None, found: ChannelHistogram | None, bars: Sequence[ClassBar]) -> None:
        """One of them."""
        self.table.mark(channel)
        self.title.setText(tr("CHANNEL {channel} OVER THE DATA SET", channel=channel) if channel is not None else "")
        if found is None:
            self.histogram.clear()
        else:
            self.histogram.set_counts(found.counts, found.edges)
        self.bars.set_bars(bars)
        self.legend.setVisible(bool(self.bars.bars))

    def set_note(self, words: str) -> None:
        """Why something cannot be told."""
        self.note.setText(words)
        self.note.setVisible(bool(words))
