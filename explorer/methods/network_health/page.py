"""The layers of a network as a table that can be sorted by any measure."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.core.translation import tr
from explorer.methods.network_health.spec import LayerHealth, NetworkHealth
from explorer.ui import text_size, theme
from explorer.ui.method_page.result_page import ResultPage as Base
from explorer.ui.widgets import text
from explorer.ui.widgets.fitted_table import FittedTable
from explorer.ui.widgets.numbers import NumbersTable, Row
from explorer.ui.widgets.page_frame import column_of, paragraph
from explorer.ui.widgets.ranked import TableColumn

_ROWS = 16  # of the table that are seen


def _columns(silent: str) -> tuple[TableColumn[LayerHealth], ...]:
    return (
        TableColumn(
            tr("layer"),
            tr("Name of the layer, in the order of execution"),
            lambda r: r.number,
            lambda r: r.tap,
            wordy=True,
        ),
        TableColumn(
            silent,
            tr("Channels above 0 at no cell of any input, of all channels"),
            lambda r: r.silent_share,
            lambda r: tr("{silent} of {channels}", silent=r.silent, channels=r.channels),
        ),
        TableColumn(
            tr("always on"),
            tr("Channels above 0 at every cell of every input"),
            lambda r: r.always_on / max(r.channels, 1),
            lambda r: str(r.always_on),
        ),
        TableColumn(
            tr("zeros"),
            tr("Fraction of cells that are not above 0"),
            lambda r: r.zeros,
            lambda r: text.percent(r.zeros),
        ),
        TableColumn(
            tr("mean"), tr("Mean over all cells of all inputs"), lambda r: r.mean, lambda r: text.number(r.mean)
        ),
        TableColumn("|max|", tr("Largest absolute value"), lambda r: r.largest, lambda r: text.number(r.largest)),
        TableColumn(
            tr("not finite"),
            tr("Cells that are NaN or infinite"),
            lambda r: r.not_finite,
            lambda r: f"{r.not_finite:,}" if r.not_finite else "",
        ),
    )


class ResultPage(Base[NetworkHealth]):
    """A row of the table goes to its layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary, self.notes = NumbersTable(), paragraph(True)
        self.table: FittedTable[LayerHealth] = FittedTable(tr("Layers and their health"), lambda row: row.number, self)
        text_size.hold(self.table, "setFixedHeight", _ROWS * theme.DARK.row)
        column_of(self, self.summary, self.notes, self.table)
        self._taps: dict[int, str] = {}
        self.table.chosen.connect(self._choose)

    def _choose(self, number: int) -> None:
        self.changed.emit({"tap": self._taps[number]})

    def show_result(self, result: NetworkHealth) -> None:
        self._taps = {layer.number: layer.tap for layer in result.layers}
        silent = [layer for layer in result.layers if layer.silent]
        bad = [layer for layer in result.layers if layer.not_finite]
        self.summary.set_rows(
            [
                Row(tr("inputs"), f"{result.count:,}", "; ".join(f"{name}: {why}" for name, why in result.skipped)),
                Row(tr("layers"), f"{len(result.layers):,}"),
                Row(tr("layers with channels {silent_word}", silent_word=result.silent_word), f"{len(silent):,}"),
                Row(tr("layers with values not finite"), f"{len(bad):,}", warm=bool(bad)),
            ]
        )
        self.notes.setText("\n".join(result.notes))
        self.notes.setVisible(bool(result.notes))
        self.table.set_rows(_columns(result.silent_word), result.layers)
        self.table.fit()
