"""The heads of a block as a table that can be sorted by what tells them apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from explorer.core.attention import HeadSummary
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets import text
from explorer.ui.widgets.ranked import RankedTable, TableColumn

Heads = tuple[TableColumn[int], ...]


def _column(
    title: str, tip: str, values: Iterable[float], says: Callable[[float], str] = text.number
) -> TableColumn[int]:
    """One number a head."""
    told = tuple(map(float, values))
    return TableColumn(title, tip, told.__getitem__, lambda head: "–" if math.isnan(told[head]) else says(told[head]))


def columns_of(found: HeadSummary, prefix: tuple[str, ...], scale: float, unit: str) -> Heads:
    """`scale`: of `unit` for one place of the model's input."""
    told: list[TableColumn[int]] = [
        TableColumn(tr("head"), tr("Number of the head"), float, str),
        _column(
            tr("entropy"),
            tr(
                "Entropy in nats, mean −Σ a ln a over all queries: 0 for a single token, the logarithm of their number for all equally"
            ),
            [float(nats) for nats in found.entropy],
        ),
        _column(
            tr("distance"),
            tr("Mean distance from a token to what it attends to, in {unit} (Dosovitskiy et al. 2021)", unit=unit),
            [float(pixels) * scale for pixels in found.distance],
        ),
    ]
    first = bool(prefix) and prefix[0] == "CLS"
    if first:
        tip = tr("Mean weight on the class token, over all queries")
        told.append(_column("CLS", tip, found.prefix[:, 0], text.percent))
    if found.prefix.shape[1] > first:
        tip = tr("Mean weight on the other tokens before the grid (registers), over all queries")
        told.append(_column("reg", tip, found.prefix[:, int(first) :].sum(1), text.percent))
    return tuple(told)


class HeadTable(RankedTable[int]):
    """The heads of a block, all of them in sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Heads: entropy, distance, weight on the tokens before the grid"), int, parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def set_heads(self, columns: Heads, heads: int) -> None:
        """Another block; the sorting stays."""
        self.set_rows(columns, range(heads))
        text_size.hold(self, "setFixedHeight", (heads + 1) * theme.DARK.row + 8)
