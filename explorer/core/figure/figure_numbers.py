"""The numbers of a figure: how they are written in it, round places for an axis, and all of them as a table. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import (
    BarsPart,
    CurvesPart,
    FigureDescription,
    FigurePart,
    HistogramPart,
    MatrixPart,
    NotePart,
    PicturePart,
    ScatterPart,
    TablePart,
    TilesPart,
    WordsPart,
)
from explorer.core.number_words import number

Cells = tuple[str, ...]


def written(value: float, digits: int = 4) -> str:
    """As the window writes it, with one digit more and without zeros at its end: 1.25, −0.012, 3.1e−5, 0."""
    return number(value, digits, trimmed=True)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` (2 or more) round values from `low` to `high`."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low] if math.isfinite(low) else []
    raw = span / max(most, 2)
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= max(most, 2):
            return [at * step for at in range(first, last + 1)] or [low, high]
    return [low, high]


def tick_words(places: Sequence[float]) -> list[str]:
    """As many decimals as tell them apart."""
    if len(places) < 2:
        return [written(value) for value in places]
    step, top = min(abs(b - a) for a, b in pairwise(places)), max(abs(v) for v in places)
    if top >= 1e6 or step < 1e-4:
        return [written(value) for value in places]
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    if abs(round(step, decimals) - step) > step / 100:
        decimals += 1
    return [f"{value + 0.0:.{decimals}f}".replace("-", "−") for value in places]


# --- as a table


def as_tsv(figure: FigureDescription) -> str:
    """All numbers of a figure, tab-separated: a line with the title of each part, its header, its rows; an empty line between."""
    blocks = [_block(part) for part in figure.parts]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _block(part: FigurePart) -> str:
    rows = ["\t".join(_clean(cell) for cell in cells) for cells in rows_of(part)]
    title = [_clean(part.title)] if part.title and rows else []
    return "\n".join((*title, *rows))


def _clean(cell: str) -> str:
    return " ".join(cell.split())


def _exact(value: float) -> str:
    return f"{float(value):.9g}"


def rows_of(part: FigurePart) -> Iterator[Cells]:
    """The numbers of a part, header first."""
    if isinstance(part, PicturePart):
        yield from _grid(part.values) if part.values is not None else ()
    elif isinstance(part, TilesPart):
        yield from _tiles(part)
    elif isinstance(part, CurvesPart):
        yield from _curves(part)
    elif isinstance(part, HistogramPart):
        yield ("from", "to", part.y.words)
        for low, high, count in zip(part.edges[:-1], part.edges[1:], part.counts, strict=True):
            yield (_exact(low), _exact(high), _exact(count))
    elif isinstance(part, BarsPart):
        for label, value in zip(part.labels, part.values, strict=True):
            yield (label, _exact(value))
    elif isinstance(part, MatrixPart):
        yield (f"{part.row_axis} \\ {part.column_axis}".strip(), *part.columns)
        for name, row in zip(part.rows, part.values, strict=True):
            yield (name, *(_exact(value) for value in row))
    elif isinstance(part, TablePart):
        yield from ((part.header,) if part.header else ())
        yield from part.rows
    elif isinstance(part, ScatterPart):
        yield (part.horizontal.words or "x", part.vertical.words or "y", "group")
        for x, y, group in zip(part.x, part.y, part.group, strict=True):
            yield (_exact(x), _exact(y), part.groups[int(group)] if group >= 0 else "")
    elif isinstance(part, WordsPart):
        for number, word in enumerate(part.words):
            yield (word, _exact(part.values[number])) if part.values else (word,)
    elif isinstance(part, NotePart):
        yield (part.text,)


def _grid(values: Array) -> Iterator[Cells]:
    for row in np.atleast_2d(values):
        yield tuple(_exact(value) for value in row)


def _tiles(part: TilesPart) -> Iterator[Cells]:
    if not part.measures:
        return
    yield ("", *part.measured)
    for label, numbers in zip(part.labels, part.measures, strict=True):
        yield (label, *(_exact(value) for value in numbers))


def _curves(part: CurvesPart) -> Iterator[Cells]:
    """One table where all curves stand over the same places, else one after the other."""
    curves = part.curves
    name = part.x.words or "x"
    if curves and all(len(c.x) == len(curves[0].x) and np.array_equal(c.x, curves[0].x) for c in curves):
        yield (name, *(curve.name for curve in curves))
        for at, x in enumerate(curves[0].x):
            place = part.names[at] if at < len(part.names) else _exact(x)
            yield (place, *(_exact(curve.y[at]) for curve in curves))
        return
    for curve in curves:
        yield (name, curve.name)
        for x, y in zip(curve.x, curve.y, strict=True):
            yield (_exact(x), _exact(y))
