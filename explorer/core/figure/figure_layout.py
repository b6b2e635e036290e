"""Lays a figure out at a width: titles, rows of parts that wrap where there is no room, caption. Pure, given a ruler of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from explorer.core.figure.figure_drawing import Drawing, FigureCanvas, Ruler
from explorer.core.figure.figure_parts import (
    BarsPart,
    CurvesPart,
    FigureDescription,
    FigurePart,
    FigureStyle,
    HistogramPart,
    MatrixPart,
    NotePart,
    PicturePart,
    ScatterPart,
    TablePart,
    TilesPart,
    WordsPart,
)
from explorer.core.figure.layout_pictures import lay_matrix, lay_picture, lay_tiles
from explorer.core.figure.layout_plots import lay_bars, lay_curves, lay_histogram, lay_scatter
from explorer.core.figure.layout_texts import lay_note, lay_table, lay_words
from explorer.core.figure.paper_colours import on_paper

_ANY = 1e6  # em: as wide as there is room
_SMALL, _SMALL_MATRIX = 7, 11.0  # rows and columns of a small matrix, and the em that it needs
# how it is laid out, and the least width in em at which it stands beside others
_PARTS: dict[type, tuple[Callable[[FigureCanvas, Any, float, float, float], float], float]] = {
    PicturePart: (lay_picture, 9),
    TilesPart: (lay_tiles, 13),
    CurvesPart: (lay_curves, 16),
    HistogramPart: (lay_histogram, 14),
    BarsPart: (lay_bars, 12),
    MatrixPart: (lay_matrix, 18),
    TablePart: (lay_table, 16),
    ScatterPart: (lay_scatter, 18),
    WordsPart: (lay_words, 14),
    NotePart: (lay_note, 12),
}


def lay_out(figure: FigureDescription, style: FigureStyle, ruler: Ruler) -> Drawing:
    """The figure at the width of the style; the height follows."""
    figure, canvas = on_paper(figure, style.theme), FigureCanvas(style, ruler)
    margin = 0.6 * canvas.em
    width, y = max(style.width_mm - 2 * margin, canvas.em), margin
    if figure.title:
        y = canvas.paragraph(margin, y, width, figure.title, 1.15 * canvas.em, bold=True) + canvas.gap
    for row in figure.rows:
        lines = _lines(canvas, row, width)
        for line in lines:
            y = _lay_line(canvas, line, margin, y, width, len(lines[0])) + 1.4 * canvas.gap
    if style.caption and figure.caption:
        canvas.line((margin, y - 0.5 * canvas.gap), (margin + width, y - 0.5 * canvas.gap))
        y = canvas.paragraph(margin, y, width, figure.caption, canvas.small, canvas.inks.dim)
    else:
        y -= canvas.gap if figure.rows else 0
    return Drawing(figure.title, style.width_mm, y + margin, canvas.inks.paper, tuple(canvas.items))


def _lines(canvas: FigureCanvas, row: tuple[FigurePart, ...], width: float) -> list[tuple[FigurePart, ...]]:
    """A row, or several where it does not fit, as even as possible."""
    least = max((_least(part) for part in row), default=1.0) * canvas.em + 2 * canvas.gap
    most = max(int((width + 2 * canvas.gap) / least), 1)
    lines = -(-len(row) // most)
    across = -(-len(row) // max(lines, 1))
    return [row[at : at + across] for at in range(0, len(row), max(across, 1))]


def _least(part: FigurePart) -> float:
    """Em at which a part stands beside others."""
    small = isinstance(part, MatrixPart) and max(part.rgb.shape[:2]) <= _SMALL
    return _SMALL_MATRIX if small else _PARTS[type(part)][1]


def _lay_line(
    canvas: FigureCanvas, line: tuple[FigurePart, ...], x: float, y: float, width: float, across: int
) -> float:
    """Parts side by side, their titles above, all bodies from one height on; the y beneath. `across`: how many stand in the first
    line of the row, for the last one may be shorter and its parts are not to be larger."""
    gap = 2 * canvas.gap
    if sum(isinstance(part, PicturePart) for part in line) > 1:  # beside each other in one size
        line = tuple(replace(part, most=_ANY) if isinstance(part, PicturePart) else part for part in line)
    whole = sum(part.weight for part in line) * across / len(line)
    room = width - gap * (across - 1)
    widths = [room * part.weight / whole for part in line]
    titles = [canvas.wrapped(part.title, wide, canvas.em, True) for part, wide in zip(line, widths, strict=True)]
    high = canvas.line_height(canvas.em)
    top = y + max((len(lines) for lines in titles), default=0) * high + (0.25 * canvas.em if any(titles) else 0)
    bottom = top
    for part, wide, lines in zip(line, widths, titles, strict=True):
        at = top - (0.25 * canvas.em if any(titles) else 0) - len(lines) * high
        for words in lines:
            canvas.text(x, at, words, canvas.em, bold=True)
            at += high
        end = _PARTS[type(part)][0](canvas, part, x, top, wide)
        if part.note:
            end = canvas.paragraph(x, end + 0.3 * canvas.em, wide, part.note, canvas.small, canvas.inks.dim)
        bottom = max(bottom, end)
        x += wide + gap
    return bottom
