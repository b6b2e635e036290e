"""The spectrum of the selected filter, all filters by their peak, and what they pass together."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.filters.spec import Filters
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import column_of


class ResultPage(Base[Filters]):
    """Follows the selected channel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Filters | None = None
        self._channel = 0
        self.title, self.spectrum = Caption(""), CurvePlot(tr("Spectrum of the filter"), title=tr("response (dB)"))
        self.all_title, self.together = (
            Caption(tr("All filters together")),
            CurvePlot(tr("Cumulative response"), title=tr("response")),
        )
        self.table_title, self.table = Caption(tr("By peak")), NumbersTable()
        column_of(self, self.title, self.spectrum, self.all_title, self.together, self.table_title, self.table)

    def show_result(self, result: Filters) -> None:
        self._result = result
        self.together.set_curves([CurveData(result.hertz, result.cumulative, tr("sum of all filters"))], x_unit=" Hz")
        self.table.set_rows([Row(tr("channel {n}", n=n), result.words(n), _tip(result, n)) for n in result.order])
        self._show()

    def show_selection(self, selection: Selection) -> None:
        self._channel = selection.channel
        self._show()

    def _show(self) -> None:
        result, channel = self._result, self._channel
        if result is None or channel >= len(result.peak):
            return
        self.title.setText(tr("Channel {channel}: {words}", channel=channel, words=result.words(channel)).upper())
        curve = CurveData(result.hertz, result.decibels[channel], tr("channel {channel}", channel=channel))
        self.spectrum.set_curves([curve], x_unit=" Hz", from_zero=False)


def _tip(result: Filters, number: int) -> str:
    near = tr("{share:.0f} % of its energy lies within 300 Hz of the peak.", share=100 * result.share[number])
    return tr("Peak, and half the width at −6 dB. {near}", near=near)
