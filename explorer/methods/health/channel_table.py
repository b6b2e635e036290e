"""The channels of a layer as a table that can be sorted by any measure."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtWidgets import QWidget

from explorer.core.health import ChannelHealth, Health
from explorer.core.translation import tr
from explorer.ui.widgets import text
from explorer.ui.widgets.fitted_table import FittedTable
from explorer.ui.widgets.ranked import TableColumn


def state_of(row: ChannelHealth, silent: str = tr("dead")) -> str:
    """What is wrong with a channel, "" where nothing is; `silent`: what one is called that is above 0 nowhere."""
    said = [silent] * row.dead + [tr("always on")] * row.always_on
    said += [f"= {row.duplicate_of}"] * (row.duplicate_of >= 0)
    return ", ".join(said) + (tr(" {not_finite:,} not finite", not_finite=row.not_finite) if row.not_finite else "")


def _ailing(row: ChannelHealth) -> float:
    return 4 * row.dead + 2 * row.always_on + (row.duplicate_of >= 0) + 8 * (row.not_finite > 0)


def _state_column(silent: str) -> TableColumn[ChannelHealth]:
    """`silent`: what a channel is called that is above 0 nowhere."""
    tip = tr("{silent}: above 0 nowhere.  always on: above 0 everywhere.  = 12: duplicate of channel 12", silent=silent)
    return TableColumn(tr("state"), tip, _ailing, partial(state_of, silent=silent), wordy=True)


_COLUMNS: tuple[TableColumn[ChannelHealth], ...] = (
    TableColumn(tr("ch"), tr("Number of the channel"), lambda r: r.channel, lambda r: str(r.channel)),
    _state_column(tr("dead")),
    TableColumn(
        tr("zeros"),
        tr("Fraction of cells that are not above 0"),
        lambda r: r.sparsity,
        lambda r: text.percent(r.sparsity),
    ),
    TableColumn(tr("mean"), tr("Mean over all cells of all inputs"), lambda r: r.mean, lambda r: text.number(r.mean)),
    TableColumn(
        tr("std"), tr("Standard deviation over all cells of all inputs"), lambda r: r.std, lambda r: text.number(r.std)
    ),
    TableColumn(tr("max"), tr("Largest value"), lambda r: r.maximum, lambda r: text.number(r.maximum)),
    TableColumn(
        tr("inputs"),
        tr("Inputs with at least one cell above 0"),
        lambda r: r.inputs_active,
        lambda r: str(r.inputs_active),
    ),
    TableColumn(
        tr("nearest"),
        tr("Correlation with the most similar channel, and its number; above 0.95 it is a duplicate"),
        lambda r: r.correlation,
        lambda r: f"{text.number(r.correlation, 2)} · {r.most_like}" if r.most_like >= 0 else "",
    ),
)
_STATE = 1  # column
_CLASSES: tuple[TableColumn[ChannelHealth], ...] = (
    TableColumn(
        tr("selective"),
        tr(
            "(highest class mean − mean of the others) / (highest + mean of the others): 0: responds to all classes equally, "
            "1: to a single class (Morcos et al. 2018)"
        ),
        lambda r: r.selectivity,
        lambda r: "" if math.isnan(r.selectivity) else text.number(r.selectivity, 2),
    ),
    TableColumn(
        tr("class"), tr("The class with the highest mean"), lambda r: r.selectivity, lambda r: r.prefers, wordy=True
    ),
)


class HealthTable(FittedTable[ChannelHealth]):
    """The channels of a layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Channels and their health"), lambda row: row.channel, parent)
        self.set_rows(_COLUMNS, ())

    def set_health(self, found: Health | None) -> None:
        """Another measurement; sorting, place and selection stay."""
        down = self.verticalScrollBar().value()
        silent = found.silent_word if found is not None else tr("dead")
        first = (*_COLUMNS[:_STATE], _state_column(silent))
        columns = (*first, *(_CLASSES if found is not None and len(found.classes) > 1 else ()), *_COLUMNS[_STATE + 1 :])
        other = self.set_rows(columns, found.channels if found is not None else ())
        self.fit(other or (found is not None and found.final))
        self.verticalScrollBar().setValue(down)
        self.mark(self._number)
