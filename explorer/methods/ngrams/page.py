"""The n-grams of the selected channel with their values."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.core.selection import Selection
from explorer.core.translation import ntr, tr
from explorer.methods.ngrams.spec import Ngrams
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import column_of


class ResultPage(Base[Ngrams]):
    """Follows the selected channel: no other forward is needed for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Ngrams | None = None
        self._channel = 0
        self.title, self.ngrams = Caption(""), NumbersTable()
        column_of(self, self.title, self.ngrams)

    def show_result(self, result: Ngrams) -> None:
        self._result = result
        self._show()

    def show_selection(self, selection: Selection) -> None:
        self._channel = selection.channel
        self._show()

    def _show(self) -> None:
        result, channel = self._result, self._channel
        if result is None or channel >= len(result.channels):
            return
        self.title.setText(
            ntr(
                "Channel {channel}, {sentences:,} sentence",
                "Channel {channel}, {sentences:,} sentences",
                result.sentences,
                channel=channel,
                sentences=result.sentences,
            ).upper()
        )
        self.ngrams.set_rows(
            [
                Row(
                    n.words,
                    text.number(n.value),
                    tr(
                        "{share:.1f} % of the sentences have their maximum here.\n{sentence}",
                        share=100 * n.share,
                        sentence=n.sentence,
                    ),
                )
                for n in result.channels[channel]
            ]
        )
