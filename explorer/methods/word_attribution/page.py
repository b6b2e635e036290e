"""The words with what each adds to the score: numbers, and bars in the order of the text."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from explorer.core.arrays import Array
from explorer.core.selection import Selection
from explorer.core.texts import Token
from explorer.core.translation import tr
from explorer.methods.word_attribution.spec import WordAttribution
from explorer.ui.graphics.bar_plot import BarPlot
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import column_of, paragraph

_GAP = tr(
    "What the values miss of the difference between the two scores: it grows where a maximum changes its place on the way"
)
_LISTED = 200  # words in the table; of longer texts those with the largest values
_SUPPORTS, _OPPOSES = np.array([230, 159, 60]), np.array([70, 140, 230])


class ResultPage(Base[WordAttribution]):
    """Positive: supports the class; negative: opposes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: WordAttribution | None = None
        self.title, self.bars, self.rows = (
            Caption(""),
            BarPlot(tr("Words"), tr("Nothing is computed yet."), what="token"),
            NumbersTable(),
        )
        self.about = paragraph(True)
        column_of(self, self.title, self.bars, self.rows, self.about)

    def heat(self, _selection: Selection) -> Array | None:
        """(1, tokens, 4): amber supports, blue opposes, as strong as its share of the largest."""
        if self._result is None:
            return None
        values = self._result.values
        share = values / max(float(np.abs(values).max()), 1e-12)
        colours = np.where(share[:, None] >= 0, _SUPPORTS, _OPPOSES)
        return np.concatenate([colours, np.rint(255 * np.abs(share))[:, None]], 1).astype(np.uint8)[None]

    def show_result(self, result: WordAttribution) -> None:
        self._result = result
        self.title.setText(tr("Support of {label}", label=result.label).upper())
        words = tuple(token.piece for token in result.tokens)
        self.bars.set_values(result.values, words, what="token")
        rows = [
            Row(
                token.piece,
                text.number(value),
                tr("token {number}, id {id}, {kind}", number=number, id=token.id, kind=token.kind),
            )
            for number, token, value in _listed(result)
        ]
        gap = [Row(tr("gap"), text.number(result.gap), _GAP)] if result.points else []
        self.rows.set_rows([*rows, *gap])
        long = len(result.tokens) > _LISTED
        listed = (
            tr(
                " The {listed} words with the largest values are listed, of {count:,}.",
                listed=_LISTED,
                count=len(result.tokens),
            )
            if long
            else ""
        )
        points = tr("{points} points", points=result.points) if result.points else tr("one token at a time")
        self.about.setText(
            tr(
                "Score {score}; {baseline} where every token is “{baseline_token}”. {points}.{listed}",
                score=text.number(result.score),
                baseline=text.number(result.baseline),
                baseline_token=result.baseline_token,
                points=points,
                listed=listed,
            )
        )


def _listed(result: WordAttribution) -> list[tuple[int, Token, float]]:
    """(number, token, value) of what is listed, in the order of the text; padding only where it has a value."""
    every = [
        (number, token, float(value))
        for number, (token, value) in enumerate(zip(result.tokens, result.values, strict=True))
        if token.kind != "padding" or value
    ]
    if len(every) <= _LISTED:
        return every
    return sorted(sorted(every, key=lambda row: -abs(row[2]))[:_LISTED], key=lambda row: row[0])
