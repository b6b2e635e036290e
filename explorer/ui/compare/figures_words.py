"""What was measured of the models in the columns, as rows of a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.model_figures import SharedFigure, shared, written
from explorer.core.models import Figure
from explorer.core.translation import capitalised, tr
from explorer.ui.compare.figures_table import FigureRow
from explorer.ui.compare.view import ColumnView
from explorer.ui.method_page.pair_presenter import without_edits

NONE = tr("No measured figures: only demo models have them.")
WAITING = tr("Two columns need a model and a picture.")
_DIGITS = 2  # after the point, where there is little room; the tool tip has all


def rows_of(views: Sequence[ColumnView]) -> tuple[tuple[FigureRow, ...], str]:
    """The figures that two columns or more have, and what is said where there are none."""
    held = [view.of.figures if view.of is not None else () for view in views]
    rows = tuple(_row(views, row) for row in shared(held))
    if rows:
        return rows, ""
    if sum(view.of is not None for view in views) < 2:
        return (), WAITING
    having = [view.letter for view, figures in zip(views, held, strict=True) if figures]
    if not having:
        return (), NONE
    if len(having) == 1:
        return (), tr("Only {having} has measured figures: only demo models have them.", having=having[0])
    return (), tr("{list} have no measured figure in common.", list=tr(" and ").join(having))


def _row(views: Sequence[ColumnView], row: SharedFigure) -> FigureRow:
    like = row.like
    values = tuple("–" if figure is None else _short(figure) for figure in row.values)
    lines = [capitalised(tr(like.what))]
    lines += [f"{view.letter}  {_told(figure)}" for view, figure in zip(views, row.values, strict=True)]
    edits = without_edits(
        [view.letter for view, figure in zip(views, row.values, strict=True) if figure is not None and view.of_edits]
    )
    lines.append(f"{_measured(row)} {edits}".strip())
    return FigureRow(tr(like.short), like.unit, values, "\n".join(lines))


def _short(figure: Figure) -> str:
    return f"{figure.value:.{min(figure.digits, _DIGITS)}f}"


def _told(figure: Figure | None) -> str:
    if figure is None:
        return tr("not measured")
    beside = ", ".join(f"{tr(words)} {written(figure, value)}" for words, value in figure.beside)
    return written(figure) + (f"  ({beside})" if beside else "")


def _measured(row: SharedFigure) -> str:
    counts = sorted({figure.pictures for figure in row.values if figure is not None and figure.pictures})
    many = tr(" or ").join(f"{count:,}" for count in counts)
    return tr("Measured on {many} held-out inputs.", many=many) if many else tr("Measured on held-out inputs.")
