"""Curves, histograms, bars and points of a figure, laid out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from explorer.core.arrays import Array
from explorer.core.figure.figure_drawing import HAIR, BoxItem, DotItem, FigureCanvas
from explorer.core.figure.figure_numbers import tick_words, ticks
from explorer.core.figure.figure_parts import BarsPart, CurvesPart, FigureAxis, HistogramPart, ScatterPart
from explorer.core.figure.layout_pictures import lay_x_axis
from explorer.core.translation import tr

_ASPECT = 0.55  # height over width of a plot
_TALLEST = 20.0  # em of a plot
_MOST_POINTS = 4000  # of a line; of longer ones the smallest and the largest value of each piece


class _Area:
    """The rectangle between the axes, and the way of values into it."""

    def __init__(self, box: tuple[float, float, float, float], x: tuple[float, float], y: tuple[float, float]) -> None:
        self.left, self.top, self.width, self.height = box
        self.x, self.y = x, y

    def point(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1.0)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0)
        return self.left + min(max(across, 0), 1) * self.width, self.top + (1 - min(max(up, 0), 1)) * self.height


def lay_curves(canvas: FigureCanvas, part: CurvesPart, x: float, y: float, width: float) -> float:
    shown = [curve for curve in part.curves if len(curve.x)]
    y = _lay_legend(canvas, [(c.name, _colour(canvas, n)) for n, c in enumerate(shown)], x, y, width)
    spans = part.x.range or _span([c.x for c in shown], False), _y_range(part)
    area, bottom = _lay_axes(canvas, part.x, part.y, spans, (x, y, width), part.names)
    for number, curve in enumerate(shown):
        colour = _colour(canvas, number)
        if curve.low is not None and curve.high is not None:
            edge = [area.point(*p) for p in zip(curve.x, curve.low, strict=True)]
            back = [area.point(*p) for p in zip(curve.x, curve.high, strict=True)]
            canvas.area([*edge, *back[::-1]], colour, 0.22)
        for piece in _pieces(curve.x, curve.y):
            points = [area.point(float(a), float(b)) for a, b in piece]
            if len(points) == 1:
                canvas.items.append(DotItem(*points[0], 0.5, colour))
            canvas.polyline(points, colour, curve.dashed or number >= len(canvas.inks.series))
    return bottom


def _y_range(part: CurvesPart) -> tuple[float, float]:
    if part.y.range is not None:
        return part.y.range
    arrays = [each for c in part.curves for each in (c.y, c.low, c.high) if each is not None]
    return _span(arrays, True)


NO_GROUP = tr("no class")  # of a point that is in no group


def _colour(canvas: FigureCanvas, number: int) -> str:
    return canvas.inks.series[number % len(canvas.inks.series)]


def _span(arrays: Sequence[Array], padded: bool) -> tuple[float, float]:
    finite = [np.asarray(a, float)[np.isfinite(np.asarray(a, float))] for a in arrays]
    values = np.concatenate(finite) if finite else np.zeros(0)
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - (abs(low) or 1.0) * 0.5, high + (abs(high) or 1.0) * 0.5
    room = (high - low) * 0.04 if padded else 0.0
    return low - room, high + room


def _pieces(x: Array, y: Array) -> list[list[tuple[float, float]]]:
    """Runs of finite points; of long ones the smallest and the largest value of each piece."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) > _MOST_POINTS:
        edges = np.linspace(0, len(x), _MOST_POINTS // 2 + 1).astype(int)
        kept = [a + int(k) for a, b in pairwise(edges) for k in _ends(y[a:b])]
        x, y = x[kept], y[kept]
    known = np.isfinite(x) & np.isfinite(y)
    cuts = np.flatnonzero(np.diff(known.astype(int))) + 1
    found = []
    for part in np.split(np.arange(len(x)), cuts):
        if len(part) and known[part[0]]:
            found.append(list(zip(x[part].tolist(), y[part].tolist(), strict=True)))
    return found


def _ends(values: Array) -> list[int]:
    if not np.isfinite(values).any():
        return [0]
    return sorted({int(np.nanargmin(values)), int(np.nanargmax(values))})


def _lay_legend(
    canvas: FigureCanvas, names: list[tuple[str, str]], x: float, y: float, width: float, points: int = 0
) -> float:
    """A line and a name for each, in as many rows as they need; none for a single nameless one. `points`: so many have the marks
    of their points instead, and what follows them that of points in no group."""
    if not any(name for name, _ in names):
        return y
    size, at, sample = canvas.small, x, (0.5 if points else 1.2) * canvas.em
    high = canvas.line_height(size)
    for number, (name, colour) in enumerate(names):
        room = width - sample - 0.3 * canvas.em
        shown = canvas.elided(name, room, size)
        wide = sample + 0.3 * canvas.em + canvas.wide(shown, size)
        if at > x and at + wide > x + width:
            at, y = x, y + high
        if points:
            _lay_mark(canvas, at + sample / 2, y + high / 2, 0.6, number if number < points else -1)
        else:
            canvas.line((at, y + high / 2), (at + sample, y + high / 2), colour=colour, thickness=0.45)
        canvas.text(at + sample + 0.3 * canvas.em, y, shown, size, canvas.inks.dim)
        at += wide + canvas.em
    return y + high + 0.2 * canvas.em


def _lay_axes(
    canvas: FigureCanvas,
    x_axis: FigureAxis,
    y_axis: FigureAxis,
    spans: tuple[tuple[float, float], tuple[float, float]],
    place: tuple[float, float, float],
    names: tuple[str, ...] = (),
) -> tuple[_Area, float]:
    """Axes with ticks and names in (x, y, width): the area between them, and the y beneath."""
    (x, y, width), size = place, canvas.small
    high = canvas.line_height(size)
    if y_axis.words:
        y = canvas.paragraph(x, y, width, y_axis.words, size, canvas.inks.dim) + 0.2 * canvas.em
    height = min(max(_ASPECT * width, 6 * canvas.em), _TALLEST * canvas.em)
    most = max(min(int(height / (2.2 * high)), 7), 2)
    places = ticks(*spans[1], most)
    words = tick_words(places)
    side = max((canvas.wide(word, size) for word in words), default=0.0) + 0.5 * canvas.em
    y += high / 2  # the topmost number
    area = _Area((x + side, y, width - side, height), *spans)
    for place_, word in zip(places, words, strict=True):
        at = area.point(spans[0][0], place_)[1]
        canvas.line((area.left, at), (area.left + area.width, at), colour=canvas.inks.line, thickness=HAIR)
        canvas.text(area.left - 0.4 * canvas.em, at - high / 2, word, size, canvas.inks.dim, "right")
    canvas.line((area.left, y), (area.left, y + height), (area.left + area.width, y + height), colour=canvas.inks.dim)
    bottom = y + height
    if names:
        return area, _lay_names(canvas, names, x_axis, area, bottom)
    return area, lay_x_axis(canvas, x_axis, spans[0], area.left, bottom, area.width)


def _lay_names(canvas: FigureCanvas, names: tuple[str, ...], axis: FigureAxis, area: _Area, y: float) -> float:
    """Names beneath an axis, read from below; every k-th where there is no room for all."""
    size, high = canvas.tiny, canvas.line_height(canvas.tiny)
    pitch = area.width / max(area.x[1] - area.x[0], 1e-9)
    step = max(int(np.ceil(high / pitch - 1e-9)), 1)
    y += 0.4 * canvas.em
    longest, end = 0.0, -1e9
    for at in range(0, len(names), step):
        name = canvas.elided(names[at], 12 * canvas.em, size)
        left = min(max(area.point(at, area.y[0])[0] - high / 2, area.left), area.left + area.width - high)
        if left < end:
            continue
        canvas.upright(left, y + canvas.wide(name, size), name, size, canvas.inks.dim)
        longest, end = max(longest, canvas.wide(name, size)), left + high
    y += longest + 0.2 * canvas.em
    return canvas.paragraph(area.left, y, area.width, axis.words, canvas.small, canvas.inks.dim) if axis.words else y


def lay_histogram(canvas: FigureCanvas, part: HistogramPart, x: float, y: float, width: float) -> float:
    edges, counts = np.asarray(part.edges, float), np.asarray(part.counts, float)
    top = float(counts.max(initial=0.0)) or 1.0
    spans = part.x.range or _span([edges], False), (0.0, 1.04 * top)
    area, bottom = _lay_axes(canvas, part.x, part.y, spans, (x, y, width))
    outline = [area.point(edges[0], 0.0)] if len(edges) else []
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        outline += [area.point(low, count), area.point(high, count)]
    if outline:
        outline.append(area.point(edges[-1], 0.0))
        canvas.area(outline, canvas.inks.series[0], 0.35)
        canvas.polyline(outline, canvas.inks.series[0])
    return bottom


def lay_bars(canvas: FigureCanvas, part: BarsPart, x: float, y: float, width: float) -> float:
    size = canvas.small
    high = canvas.line_height(size)
    label = min(max((canvas.wide(each, size) for each in part.labels), default=0.0), 0.4 * width)
    number = max((canvas.wide(each, size) for each in part.words), default=0.0)
    pad = 0.5 * canvas.em
    room = max(width - label - number - 2 * pad, canvas.em)
    finite = [value for value in part.values if np.isfinite(value)]
    low, top = min([0.0, *finite]), max([0.0, *finite])
    reach = (top - low) or 1.0
    zero = x + label + pad - low / reach * room
    for name, value, word in zip(part.labels, part.values, part.words, strict=True):
        lines = canvas.wrapped(name, label, size) or [""]
        for row, line in enumerate(lines):
            canvas.text(x, y + row * high, line, size)
        if np.isfinite(value):
            long = value / reach * room
            colour = canvas.inks.accent if not part.signed else canvas.inks.warm if value >= 0 else canvas.inks.cold
            left = min(zero, zero + long)
            canvas.box(left, y + 0.2 * high, abs(long), 0.6 * high, fill=colour)
        canvas.text(x + width, y, word, size, canvas.inks.dim, "right")
        y += len(lines) * high + 0.15 * canvas.em
    return y


def lay_scatter(canvas: FigureCanvas, part: ScatterPart, x: float, y: float, width: float) -> float:
    legend = [(name, _colour(canvas, number)) for number, name in enumerate(part.groups)]
    groups = len(legend)
    if groups and (np.asarray(part.group) < 0).any():
        legend.append((NO_GROUP, canvas.inks.line))
    y = _lay_legend(canvas, legend, x, y, width, groups)
    spans = _span([part.x], True), _span([part.y], True)
    area, bottom = _lay_axes(canvas, part.horizontal, part.vertical, spans, (x, y, width))
    radius = 0.6 if len(part.x) < 500 else 0.35
    for across, up, group in zip(part.x, part.y, part.group, strict=True):
        if np.isfinite(across) and np.isfinite(up):
            _lay_mark(canvas, *area.point(float(across), float(up)), radius, int(group))
    return bottom


def _lay_mark(canvas: FigureCanvas, x: float, y: float, radius: float, group: int) -> None:
    """As many groups as there are colours are dots, then squares, then both hollow; what is in none has a grey that no
    group has."""
    colour = _colour(canvas, group) if group >= 0 else canvas.inks.line
    turn = max(group, 0) // len(canvas.inks.series) % 4
    fill, line = (canvas.inks.paper, colour) if turn >= 2 else (colour, "")
    if turn % 2:
        side = 1.8 * radius
        canvas.items.append(BoxItem(x - side / 2, y - side / 2, side, side, fill, line, 0.2))
    else:
        canvas.items.append(DotItem(x, y, radius, fill, line))
