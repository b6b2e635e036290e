"""Pictures, mosaics, matrices and colour bars of a figure, laid out."""

from __future__ import annotations

import numpy as np

from explorer.core.figure.figure_drawing import HAIR, BoxItem, DotItem, FigureCanvas, is_bright, over_paper
from explorer.core.figure.figure_numbers import tick_words, ticks, written
from explorer.core.figure.figure_parts import ColourScale, FigureAxis, FigureFrame, MatrixPart, PicturePart, TilesPart
from explorer.core.translation import tr

_TALLEST = 1.3  # height of a picture over the width that it has
_LEAST_TEXT = 0.85  # mm of an em: smaller numbers are left out but for the first of a row
_LEAST_NAME = 1.4  # mm of an em: longer names are elided


def lay_picture(canvas: FigureCanvas, part: PicturePart, x: float, y: float, width: float) -> float:
    rows, columns = part.rgb.shape[:2]
    width = min(width, part.most * canvas.em)
    aspect = part.aspect or rows / max(columns, 1)
    height = max(width * aspect, 2.5 * canvas.em)
    if height > _TALLEST * width:
        height, width = _TALLEST * width, max(_TALLEST * width / aspect, 2.5 * canvas.em)
    canvas.image(x, y, width, height, part.rgb)
    canvas.box(x, y, width, height, line=canvas.inks.line)
    for frame in part.frames:
        _lay_frame(canvas, frame, x, y, width / max(columns, 1), height / max(rows, 1))
    y += height
    if part.x is not None and part.x.range is not None:
        y = lay_x_axis(canvas, part.x, part.x.range, x, y, width)
    return lay_scale(canvas, part.scale, x, y, width)


def _lay_frame(canvas: FigureCanvas, frame: FigureFrame, x: float, y: float, across: float, down: float) -> None:
    """Dark beneath, bright above: seen on every colour."""
    left, top = x + frame.x * across, y + frame.y * down
    wide, high = frame.width * across, frame.height * down
    for colour, thickness in (("#000000", 0.7), ("#ffb454", 0.35)):
        canvas.items.append(BoxItem(left, top, wide, high, line=colour, thickness=thickness))


def lay_x_axis(
    canvas: FigureCanvas, axis: FigureAxis, span: tuple[float, float], x: float, y: float, width: float
) -> float:
    """Ticks, numbers and the axis' name beneath; the y beneath these."""
    size, tick = canvas.small, 0.3 * canvas.em
    for most in (8, 6, 5, 4, 3, 2):
        places = ticks(*span, most)
        words = tick_words(places)
        if sum(canvas.wide(word, size) + canvas.em for word in words) <= width:
            break
    reach = (span[1] - span[0]) or 1.0
    end = x - canvas.em
    for place, word in zip(places, words, strict=True):
        at = x + (place - span[0]) / reach * width
        canvas.line((at, y), (at, y + tick), colour=canvas.inks.dim)
        half = canvas.wide(word, size) / 2
        hang = min(half, 0.35 * canvas.em)
        middle = min(max(at, x + half - hang), x + width - half)
        if middle - half > end:
            canvas.text(middle, y + tick, word, size, canvas.inks.dim, "centre")
            end = middle + half + 0.3 * canvas.em
    y += tick + canvas.line_height(size)
    if axis.words:
        for line in canvas.wrapped(axis.words, width, size):
            canvas.text(x + width / 2, y, line, size, canvas.inks.dim, "centre")
            y += canvas.line_height(size)
    return y


def lay_scale(canvas: FigureCanvas, scale: ColourScale | None, x: float, y: float, width: float) -> float:
    """The colour bar with the values of its ends, and zero between them; what it is about stands beneath."""
    if scale is None or not canvas.style.colour_bar:
        return y
    size, high = canvas.small, 0.55 * canvas.em
    y += 0.55 * canvas.em
    wide = min(width, 16 * canvas.em)
    colours = scale.colours if scale.colours.shape[1] == 3 else over_paper(scale.colours, canvas.inks.paper)
    canvas.image(x, y, wide, high, colours[None])
    canvas.box(x, y, wide, high, line=canvas.inks.line)
    y += high + 0.1 * canvas.em
    low, top = scale.ends or (written(scale.low), written(scale.high))
    left, right = canvas.wide(low, size), canvas.wide(top, size)
    if left + right + canvas.em > wide:  # one beneath the other
        y = canvas.paragraph(x, y, width, f"{low} … {top}", size, canvas.inks.dim)
    else:
        canvas.text(x, y, low, size, canvas.inks.dim)
        canvas.text(x + wide, y, top, size, canvas.inks.dim, "right")
        zero = (0.0 - scale.low) / ((scale.high - scale.low) or 1.0)
        half = canvas.wide("0", size) / 2
        if left + half + 0.5 * canvas.em < zero * wide < wide - right - half - 0.5 * canvas.em:
            canvas.text(x + zero * wide, y, "0", size, canvas.inks.dim, "centre")
        y += canvas.line_height(size)
    words = f"{scale.label} ({scale.unit.strip()})" if scale.unit.strip() and scale.label else scale.label or scale.unit
    return canvas.paragraph(x, y, width, words.strip(), size, canvas.inks.dim) if words.strip() else y


# --- many pictures


def lay_tiles(canvas: FigureCanvas, part: TilesPart, x: float, y: float, width: float) -> float:
    if not part.tiles:
        return canvas.paragraph(x, y, width, tr("No pictures."), canvas.small, canvas.inks.dim)
    labels = part.labels if canvas.style.numbers or not part.numbers else ("",) * len(part.tiles)
    rows, cells = part.tiles[0].shape[:2]
    aspect = max(rows / max(cells, 1), 0.08)
    across = min(part.columns or _columns(canvas, len(part.tiles), aspect, width, any(labels)), len(part.tiles))
    gap = min(0.35 * canvas.em, 0.12 * width / across)
    wide = min((width - gap * (across - 1)) / across, 0.45 * width if len(part.tiles) > 1 else width)
    high = wide * aspect
    size = _label_size(canvas, labels, wide)
    strip = canvas.line_height(size) if size else 0.0
    first = 0.0 if size or not any(labels) else _gutter(canvas, labels, across)
    if first:  # there is room for the first number of each row alone
        wide = (width - first - gap * (across - 1)) / across
        high = wide * aspect
    for at, tile in enumerate(part.tiles):
        row, column = divmod(at, across)
        left, top = x + first + column * (wide + gap), y + row * (high + gap + strip)
        if size:
            canvas.text(left, top, labels[at], size, canvas.inks.dim)
        elif first and column == 0:
            small = min(canvas.small, 0.95 * (high + gap))
            canvas.text(x, top, labels[at], small, canvas.inks.dim)
        canvas.image(left, top + strip, wide, high, tile)
        line, thick = (canvas.inks.accent, 0.5) if at == part.chosen else (canvas.inks.line, HAIR)
        canvas.items.append(BoxItem(left, top + strip, wide, high, line=line, thickness=thick))
    y += -(-len(part.tiles) // across) * (high + gap + strip) - gap
    return lay_scale(canvas, part.scale, x, y, width)


def _columns(canvas: FigureCanvas, count: int, aspect: float, width: float, labelled: bool) -> int:
    """So many that the whole is about three quarters as high as wide."""
    if count <= 4 and width >= 8 * count * canvas.em:
        return count
    across = np.arange(1, count + 1)
    tile = width / across
    strip = canvas.line_height(canvas.tiny) if labelled else 0.0
    strips = np.minimum(strip, 0.4 * tile)
    height = np.ceil(count / across) * (tile * aspect + strips + 0.1 * tile)
    return int(across[np.abs(np.log(height / (0.8 * width))).argmin()])


def _label_size(canvas: FigureCanvas, labels: tuple[str, ...], wide: float) -> float:
    """The size at which the widest label fits its tile; 0: it would be too small to be read."""
    widest = max((canvas.wide(label, canvas.tiny) for label in labels), default=0.0)
    if not widest:
        return 0.0
    size = min(canvas.tiny, canvas.tiny * wide / widest, 0.6 * wide)
    return size if size >= _LEAST_TEXT else 0.0


def _gutter(canvas: FigureCanvas, labels: tuple[str, ...], across: int) -> float:
    return max(canvas.wide(label, canvas.small) for label in labels[::across]) + 0.4 * canvas.em


# --- matrices


def lay_matrix(canvas: FigureCanvas, part: MatrixPart, x: float, y: float, width: float) -> float:
    rows, columns = part.values.shape
    if not rows or not columns:
        return canvas.paragraph(x, y, width, tr("No values."), canvas.small, canvas.inks.dim)
    pad = 0.35 * canvas.em
    axis = canvas.line_height(canvas.small) + pad if part.row_axis else 0.0
    most = max(0.36 * (width - axis), 2 * canvas.em)
    size = _name_size(canvas, (*part.rows, *part.columns), most)
    high = canvas.line_height(size)
    side = min(max((canvas.wide(name, size) for name in part.rows), default=0.0), most)
    left = x + axis + side + pad
    cell_w = min((x + width - left) / columns, 4 * canvas.em)
    cell_h = min(cell_w, 1.3 * width / rows) if rows > 1 else max(cell_w, 1.2 * high)
    cell_w = min(cell_w, 3 * cell_h)
    wide, tall = cell_w * columns, cell_h * rows
    canvas.image(left, y, wide, tall, part.rgb)
    canvas.box(left, y, wide, tall, line=canvas.inks.line)
    _lay_cells(canvas, part, left, y, cell_w, cell_h)
    step = max(int(np.ceil(high / cell_h - 1e-9)), 1)
    for at in range(0, rows, step):
        middle = y + (at + 0.5) * cell_h - high / 2
        canvas.text(left - pad, middle, canvas.elided(part.rows[at], side, size), size, align="right")
    if part.row_axis:
        lines = canvas.elided(part.row_axis, tall, canvas.small)
        middle = y + tall / 2 + canvas.wide(lines, canvas.small) / 2
        canvas.upright(x, middle, lines, canvas.small, canvas.inks.dim)
    y += tall + pad
    step = max(int(np.ceil(high / cell_w - 1e-9)), 1)
    names = [canvas.elided(part.columns[at], most, size) for at in range(0, columns, step)]
    longest = max(canvas.wide(name, size) for name in names)
    flat = longest + 0.3 * canvas.em <= cell_w * step
    for number, name in enumerate(names):
        middle = left + (number * step + 0.5) * cell_w
        if flat:
            canvas.text(middle, y, name, size, align="centre")
        else:
            canvas.upright(middle - high / 2, y + canvas.wide(name, size), name, size)
    y += high if flat else longest
    if part.column_axis:
        y = canvas.paragraph(left, y + pad, x + width - left, part.column_axis, canvas.small, canvas.inks.dim)
    return lay_scale(canvas, part.scale, left, y, x + width - left)


def _name_size(canvas: FigureCanvas, names: tuple[str, ...], most: float) -> float:
    """Smaller letters where the longest name does not fit: names of layers often differ in their middle alone."""
    longest = max((canvas.wide(name, canvas.tiny) for name in names), default=0.0)
    return max(min(canvas.tiny, canvas.tiny * most / longest), _LEAST_NAME) if longest else canvas.tiny


def _lay_cells(canvas: FigureCanvas, part: MatrixPart, left: float, top: float, cell_w: float, cell_h: float) -> None:
    """Dots on the cells that are marked; words where all of them fit."""
    radius, place = min(cell_w, cell_h) * (0.1 if part.texts else 0.22), (0.85, 0.15) if part.texts else (0.5, 0.5)
    for row, column in part.marks:
        middle = left + (column + place[0]) * cell_w, top + (row + place[1]) * cell_h
        canvas.items.append(DotItem(*middle, radius, "#ffffff", "#000000"))
    widest = max((canvas.wide(word, canvas.tiny) for row in part.texts for word in row), default=0.0)
    high = canvas.line_height(canvas.tiny)
    if not widest or widest > 0.9 * cell_w or high > cell_h:
        return
    for row, words in enumerate(part.texts):
        for column, word in enumerate(words):
            colour = "#000000" if is_bright(part.rgb[row, column]) else "#ffffff"
            across = left + (column + 0.5) * cell_w
            canvas.text(across, top + (row + 0.5) * cell_h - high / 2, word, canvas.tiny, colour, "centre")
