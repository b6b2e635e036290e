"""The histogram of the selected channel over all inputs, its numbers, and the inputs with the highest values."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.channel_statistics.spec import ChannelStatistics, summary
from explorer.ui.graphics.histogram_plot import HistogramPlot
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import column_of, paragraph


class ResultPage(Base[ChannelStatistics]):
    """Follows the selected channel: no other forward is needed for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ChannelStatistics | None = None
        self._channel = 0
        self.title, self.notes, self.histogram = Caption(""), paragraph(True), HistogramPlot()
        self.numbers, self.highest = NumbersTable(), NumbersTable()
        column_of(
            self, self.title, self.notes, self.histogram, self.numbers, Caption(tr("Highest values")), self.highest
        )

    def show_result(self, result: ChannelStatistics) -> None:
        self._result = result
        self._show()

    def show_selection(self, selection: Selection) -> None:
        self._channel = selection.channel
        self._show()

    def _show(self) -> None:
        result, channel = self._result, self._channel
        if result is None or channel >= result.values.shape[1]:
            return
        self.title.setText(
            tr(
                "{statistic} of channel {channel}, {count:,} inputs",
                statistic=tr(result.statistic),
                channel=channel,
                count=len(result.names),
            ).upper()
        )
        self.notes.setText("\n".join(result.notes))
        self.notes.setVisible(bool(result.notes))
        self.histogram.set_counts(*result.histogram(channel))
        row = summary(result)[channel]
        names = ("mean", "std", "minimum", "maximum")
        rows = [Row(tr(name), "–" if row[name] is None else text.number(row[name])) for name in names]
        left_out = "; ".join(f"{name}: {why}" for name, why in result.skipped)
        self.numbers.set_rows([*rows, Row(tr("left out"), f"{len(result.skipped):,}", left_out)])
        self.highest.set_rows([Row(name, text.number(value), name) for name, value in result.highest(channel)])
