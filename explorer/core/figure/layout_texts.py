"""Tables, coloured words and sentences of a figure, laid out."""

from __future__ import annotations

import re

import numpy as np

from explorer.core.arrays import Array
from explorer.core.figure.figure_drawing import BoxItem, FigureCanvas, is_bright, over_paper
from explorer.core.figure.figure_parts import NotePart, TablePart, WordsPart
from explorer.core.figure.layout_pictures import lay_scale
from explorer.core.translation import tr

_MOST_ROWS = 40  # of a table that are drawn; all of them are among the values that are copied
_NUMBER = re.compile(r"[-+−–<>≈±∞\d.,e %×/()]*|NaN|yes|no")
_SMALLEST = 0.45  # of the size of small letters: then words are broken


def lay_note(canvas: FigureCanvas, part: NotePart, x: float, y: float, width: float) -> float:
    return canvas.paragraph(x, y, width, part.text, canvas.small)


def lay_table(canvas: FigureCanvas, part: TablePart, x: float, y: float, width: float) -> float:
    shown = [*([part.header] if part.header else []), *part.rows[:_MOST_ROWS]]
    count = max((len(row) for row in shown), default=0)
    if not count:
        return canvas.paragraph(x, y, width, tr("Nothing."), canvas.small, canvas.inks.dim)
    cells = [[*row, *[""] * (count - len(row))] for row in shown]
    pad = 0.9 * canvas.em
    size = canvas.small
    words = _longest_words(canvas, cells, size)
    spare = width - pad * (count - 1)
    if words.sum() > spare:  # smaller letters rather than broken words
        pad = min(pad, 0.3 * width / count)
        spare = width - pad * (count - 1)
        size *= max(min(spare / words.sum(), 1.0), _SMALLEST)
        words = _longest_words(canvas, cells, size)
        words *= min(spare / words.sum(), 1.0)
    widths = _widths(canvas, cells, spare, size, words)
    high = canvas.line_height(size)
    body = cells[1:] if part.header else cells
    at_right = [column > 0 and all(_NUMBER.fullmatch(row[column]) for row in body) for column in range(count)]
    for number, row in enumerate(cells):
        head = number == 0 and bool(part.header)
        lines = [canvas.wrapped(cell, wide, size, head) for cell, wide in zip(row, widths, strict=True)]
        left = x
        for column, (texts, wide) in enumerate(zip(lines, widths, strict=True)):
            for at, text in enumerate(texts):
                if not at_right[column]:
                    canvas.text(left, y + at * high, text, size, bold=head)
                else:
                    canvas.text(left + wide, y + at * high, text, size, align="right", bold=head)
            left += wide + pad
        y += max((len(texts) for texts in lines), default=1) * high + 0.1 * canvas.em
        if head:
            canvas.line((x, y), (x + sum(widths) + pad * (count - 1), y))
            y += 0.25 * canvas.em
    rest = len(part.rows) - _MOST_ROWS
    if rest > 0:
        y = canvas.paragraph(x, y, width, tr("and {rest:,} more", rest=rest), canvas.small, canvas.inks.dim)
    return y


def _longest_words(canvas: FigureCanvas, cells: list[list[str]], size: float) -> Array:
    """(columns,): the widest word of each."""
    found: Array = np.array(
        [
            max((canvas.wide(word, size, True) for row in cells for word in row[c].split()), default=0.0)
            for c in range(len(cells[0]))
        ]
    )
    return found


def _widths(canvas: FigureCanvas, cells: list[list[str]], room: float, size: float, least: Array) -> list[float]:
    """Of the columns: as wide as their longest cell; where that is too much the widest ones are made narrower, none narrower
    than `least`, whose sum fits."""
    wanted = np.array([max(canvas.wide(row[c], size, True) for row in cells) for c in range(len(cells[0]))])
    over = float(wanted.sum()) - room
    give = np.maximum(wanted - least, 0.0)
    if over > 0 and give.sum() > 0:
        wanted = wanted - give * min(over / float(give.sum()), 1.0)
    return [float(each) + 1e-6 for each in wanted]


def lay_words(canvas: FigureCanvas, part: WordsPart, x: float, y: float, width: float) -> float:
    size, pad = canvas.em, 0.2 * canvas.em
    high = canvas.line_height(size) + pad
    at = x
    for word, rgba in zip(part.words, part.rgba, strict=True):
        shown = canvas.elided(word, width - 2 * pad, size)
        wide = canvas.wide(shown, size) + 2 * pad
        if at > x and at + wide > x + width:
            at, y = x, y + high + pad
        mixed = over_paper(rgba, canvas.inks.paper)
        canvas.items.append(BoxItem(at, y, wide, high, fill=_hex(mixed)))
        canvas.text(at + pad, y + pad / 2, shown, size, "#111111" if is_bright(mixed) else "#ffffff")
        at += wide + pad
    return lay_scale(canvas, part.scale, x, y + high, width)


def _hex(colour: Array) -> str:
    return "#" + bytes(colour.tolist()).hex()
