"""The nearest words of the selected token, with their cosines."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.neighbours.spec import Neighbours
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets import text
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import column_of, paragraph

_NO_DIRECTION = tr("The row of this token is zeros: it has no direction, and so no neighbours.")
_SELECT = tr("Select a token in the text or in the layer to see its neighbours.")


class ResultPage(Base[Neighbours]):
    """Follows the selected token: nothing is computed for it anew."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Neighbours | None = None
        self._place: int | None = None
        self.title, self.words, self.about = Caption(""), NumbersTable(), paragraph(True)
        column_of(self, self.title, self.words, self.about)

    def show_result(self, result: Neighbours) -> None:
        self._result = result
        self._show()

    def show_selection(self, selection: Selection) -> None:
        self._place = None if selection.cell is None or selection.cell[0] < 0 else max(selection.cell)
        self._show()

    def _show(self) -> None:
        result = self._result
        if result is None or not result.rows:
            return
        chosen = self._place is not None and self._place < len(result.places)
        at = result.places[self._place or 0] if chosen else 0
        row = result.rows[at]
        self.title.setText(tr("NEAREST TO “{word}”", word=row.word))
        tip = tr("Row {} of the table. Cosine of the angle: 1 is the same direction")
        self.words.set_rows([Row(n.word, f"{n.cosine:.4f}", tip.format(n.id)) for n in row.neighbours])
        said = [
            tr(
                "Row {id} of {vocabulary:,}, {width} numbers, norm {norm}.",
                id=row.id,
                vocabulary=result.vocabulary,
                width=result.width,
                norm=text.number(row.norm),
            )
        ]
        said += [tr("The word is not in the vocabulary: this is the row of unknown words.")] * row.unknown
        said += [_NO_DIRECTION] * (not row.neighbours)
        said += [_SELECT] * (not chosen and bool(result.places))
        self.about.setText(" ".join(said))
