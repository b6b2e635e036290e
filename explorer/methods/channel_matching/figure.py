"""The figure of matched channels: the correlations of all channels, those of the one-to-one match as dots, and a table."""

from __future__ import annotations

from explorer.core.figure.figure_parts import ColourScale, FigureDescription, MatrixPart, TablePart
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.figure.layer_figures import file_name
from explorer.core.render import colormaps
from explorer.core.representations import Matches
from explorer.core.translation import tr


def figure(found: Matches, about: FigureSubject) -> FigureDescription:
    """Rows are channels of the first layer."""
    values = found.correlation
    table = colormaps.table("blue-white-red")
    rgb = colormaps.looked_up(table, (values + 1) / 2, values == values)
    rows, columns = (tuple(str(at) for at in range(count)) for count in values.shape)
    marks = tuple((at, int(other)) for at, other in enumerate(found.assigned) if other >= 0)
    scale = ColourScale(table, -1.0, 1.0, tr("correlation"), by_theme=True)
    part = MatrixPart("", values, rgb, rows, columns, f"A: {found.taps[0]}", f"B: {found.taps[1]}", scale, marks)
    best = tuple(
        (
            str(at),
            str(int(one)) if one >= 0 else "–",
            f"{values[at, one]:.3f}" if one >= 0 else "–",
            str(int(other)) if other >= 0 else "–",
        )
        for at, (one, other) in enumerate(zip(found.best, found.assigned, strict=True))
    )
    header = (tr("channel of A"), tr("most correlated"), "r", tr("one to one"))
    of = tr(
        "{count:,} inputs, {points:,} locations; dots: the one-to-one match with the largest sum",
        count=found.count,
        points=found.points,
    )
    return FigureDescription(
        tr("Matched channels"),
        ((part,), (TablePart("", header, best),)),
        about.caption(of, *found.notes),
        file_name("matched", *found.taps),
    )
