"""The figure of neighbours: the rows of an embedding that are most similar to those of the words."""

from __future__ import annotations

from explorer.core.figure.figure_parts import BarsPart, FigureDescription, FigurePart, NotePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.translation import tr
from explorer.methods.neighbours.spec import Neighbours, RowNeighbours


def figure(found: Neighbours, about: FigureSubject) -> FigureDescription:
    """Of the selected token, else of every word that was asked about."""
    chosen = _chosen(found, about)
    rows = found.rows if chosen is None else (found.rows[chosen],)
    parts = tuple((_part(row),) for row in rows) or ((NotePart(tr("No words.")),),)
    of = tr("Cosines among {vocabulary:,} rows of {width} numbers", vocabulary=found.vocabulary, width=found.width)
    return FigureDescription(
        tr("Nearest words in {tap}", tap=found.tap), parts, about.caption(of), file_name(found.tap, "nearest")
    )


def _chosen(found: Neighbours, about: FigureSubject) -> int | None:
    cell = about.selection.cell if about.selection is not None else None
    place = None if cell is None or cell[0] < 0 else max(cell)
    return found.places[place] if place is not None and place < len(found.places) else None


def _part(row: RowNeighbours) -> FigurePart:
    if not row.neighbours:
        return NotePart(tr("This row is zeros: it has no direction."), f"“{row.word}”")
    values = tuple(n.cosine for n in row.neighbours)
    words = tuple(f"{v:.3f}" for v in values)
    return BarsPart(f"“{row.word}”", tuple(n.word for n in row.neighbours), values, words, any(v < 0 for v in values))
