"""Axes with the application's own way of writing numbers, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, floor, log10, sqrt
from typing import Any

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from explorer.core.sound_axes import seconds_text
from explorer.ui import text_size, theme
from explorer.ui.graphics.items import cosmetic_pen
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets import text

_FONT_PX, _TICK, _OFFSET = 11, 3.0, 2.0  # px
_THICKNESS = {"left": 40.0, "bottom": 17.0}  # px
_TITLE = 14.0  # px that the title of a left axis takes
_PARTS = {1: 2, 2: 2, 5: 5}  # of a step of 1, 2 or 5, between small ticks
_NICE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)  # from one number of a cell to the next
_APART = 4.0  # px that small ticks are apart at least
_BETWEEN, _HIGH = 6.0, 12.0  # px between names, of their height
# at so many labels already written, smaller ticks get theirs only while all cover less than this share of the axis
_CROWDED = ((0, 0.8), (2, 0.6), (4, 0.4), (6, 0.2))


def _font() -> QFont:
    return _font_of(text_size.px(_FONT_PX))


@cache
def _font_of(pixels: int) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    return font


def _metrics() -> QFontMetricsF:
    return _metrics_of(text_size.px(_FONT_PX))


@cache
def _metrics_of(pixels: int) -> QFontMetricsF:
    return QFontMetricsF(_font_of(pixels))


def width_of(words: str) -> float:
    """Logical pixels that a label takes across."""
    return _width_of(words, text_size.px(_FONT_PX))


@cache
def _width_of(words: str, pixels: int) -> float:
    return _metrics_of(pixels).horizontalAdvance(words)


class NumberAxis(pg.GraphicsWidget):
    """Ticks as the rest of the window writes numbers (`text.number`), with a unit behind each.

    What is drawn is computed when the range, the size or the unit has changed, not with every frame: pyqtgraph's AxisItem takes
    eight times as long, which a step through the layers pays for every plot."""

    def __init__(self, side: str, thickness: float = 0.0, title: str = "") -> None:
        """`side`: "left" or "bottom"; `thickness` in logical pixels, 0: as usual; `title`: what the numbers count."""
        super().__init__()
        self.side, self.title = side, title
        self._thickness = (thickness or _THICKNESS[side]) + (_TITLE if title and side == "left" else 0.0)
        self.unit = ""
        self.whole = False  # ticks at whole numbers alone: what is counted has no halves
        self._finest = 0.0  # step of the small ticks
        self._box: Any = None
        self._made_for: tuple[object, ...] = ()
        self._ticks: list[list[QLineF]] = []
        self._labels: list[tuple[QRectF, str]] = []

    @property
    def thickness(self) -> float:
        """Logical pixels that it takes from the plot."""
        return text_size.px(self._thickness)

    def follow(self, box: Any) -> None:
        """Shows the range of a view box."""
        self._box = box
        (box.sigYRangeChanged if self.side == "left" else box.sigXRangeChanged).connect(self._ranged)

    def _ranged(self, *_: object) -> None:
        self.update()

    def set_unit(self, unit: str) -> None:
        """Stands behind the numbers: " %", " ms"."""
        if unit != self.unit:
            self.unit, self._made_for = unit, ()
            self.update()

    def set_title(self, title: str) -> None:
        """Another title, of an axis that was made with one."""
        if title != self.title:
            self.title, self._made_for = title, ()
            self.update()

    # --- ticks: subclasses override these two

    def levels(self, low: float, high: float, length: float) -> list[list[float]]:
        """Values of the large ticks and of the small ones, for an axis that is so many pixels long."""
        step, parts = _steps(high - low, length)
        if self.whole:
            step = max(step, 1.0)
            parts = parts if step / parts >= 1 else 1
        self._finest = step / parts
        small = _multiples(low, high, step / parts) if step / parts * length >= _APART * (high - low) else range(0)
        large = [number * step for number in _multiples(low, high, step)]
        return [large, [number * step / parts for number in small if number % parts]]

    def words(self, value: float) -> str:
        """A number as the window writes it, with as many digits as tell a tick from the next, and no zeros at its end."""
        digits = 3
        if value and self._finest:
            digits = max(digits, floor(log10(abs(value)) + 1e-9) - floor(log10(self._finest) + 1e-9) + 1)
        return trimmed(text.number(value, digits))

    # --- what is drawn

    def _make(self, low: float, high: float) -> None:
        """Lines and labels for a range; nothing where there is no room."""
        size = self.size()
        self._ticks, self._labels = [], []
        length = size.height() if self.side == "left" else size.width()
        if length <= 0 or not high > low:
            return
        covered, title = 0.0, self._title_room()
        for depth, values in enumerate(self.levels(low, high, length)):
            places = self._places(values, low, high)
            self._ticks.append(self._lines(places, _TICK / (1 + depth / 2)))
            said = [self.words(value) + self.unit for value in values]
            covered += sum(_metrics().height() * 0.8 if self.side == "left" else width_of(words) for words in said)
            if depth and any(len(self._labels) >= count and covered / length >= most for count, most in _CROWDED):
                break
            self._labels += [
                (rect, words)
                for at, words in zip(places, said, strict=True)
                if (rect := self._room(at, words)) and not rect.intersects(title)
            ]

    def _places(self, values: Sequence[float], low: float, high: float) -> list[float]:
        """px from the left or the top, for each value."""
        if self.side == "bottom":
            wide = float(self.size().width()) / (high - low)
            return [(value - low) * wide for value in values]
        tall = float(self.size().height()) / (high - low)
        if self._box.yInverted():
            return [(value - low) * tall for value in values]
        return [(high - value) * tall for value in values]

    def _lines(self, places: Sequence[float], long: float) -> list[QLineF]:
        """Ticks that point into the plot."""
        if self.side == "bottom":
            return [QLineF(at, -long, at, 0) for at in places]
        right = self.size().width()
        return [QLineF(right, at, right + long, at) for at in places]

    def _room(self, at: float, words: str) -> QRectF | None:
        """Where a label stands; None where it would reach past the axis."""
        wide, high = width_of(words), _metrics().height() * 0.8
        if self.side == "left":
            rect = QRectF(self.size().width() - _OFFSET - wide, at - high / 2, wide, high)
        else:
            rect = QRectF(at - wide / 2, _OFFSET, wide, high)
        return rect if self.rect().contains(rect) else None

    def _title_room(self) -> QRectF:
        """Where the title stands: at the end of a bottom axis, along the outer edge of a left one."""
        if not self.title:
            return QRectF()
        if self.side == "left":
            return QRectF(0, 0, text_size.px(_TITLE), self.size().height())
        wide = width_of(self.title)
        return QRectF(self.size().width() - wide - _APART, _OFFSET, wide + _APART, _metrics().height() * 0.8)

    def _draw_title(self, painter: QPainter, flags: int) -> None:
        room = self._title_room()
        if self.side == "bottom":
            painter.drawText(room, flags, self.title)
            return
        painter.save()
        painter.translate(0, room.height())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, room.height(), room.width()), flags, self.title)
        painter.restore()

    def boundingRect(self) -> QRectF:
        """Qt's name."""
        return QRectF(self.rect().adjusted(0, -_TICK, _TICK, 0))

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Qt's name."""
        if self._box is None:
            return
        low, high = self._box.viewRange()[1 if self.side == "left" else 0]
        wanted = (low, high, self.size(), self._box.yInverted(), text_size.factor())
        if wanted != self._made_for:
            self._make(low, high)
            self._made_for = wanted
        look, edge = theme.current(), self.rect()
        painter.setPen(cosmetic_pen(look.line))
        painter.drawLine(
            *((edge.topRight(), edge.bottomRight()) if self.side == "left" else (edge.topLeft(), edge.topRight()))
        )
        for depth, lines in enumerate(self._ticks):
            painter.setPen(cosmetic_pen(look.line, opacity=1 / (1 + depth)))
            painter.drawLines(lines)
        painter.setPen(cosmetic_pen(look.dim))
        painter.setFont(_font())
        side = Qt.AlignmentFlag.AlignVCenter if self.side == "left" else Qt.AlignmentFlag.AlignTop
        flags = side | Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextDontClip
        for rect, words in self._labels:
            painter.drawText(rect, int(flags), words)
        if self.title:
            self._draw_title(painter, int(flags))


class IndexAxis(NumberAxis):
    """Numbers of cells, each at the middle of its cell: layers, channels, steps, entries."""

    _count: int | None = None

    def set_count(self, count: int) -> None:
        """Cells that there are, where the axis reaches beyond them."""
        if count != self._count:
            self._count, self._made_for = count, ()
            self.update()

    def levels(self, low: float, high: float, length: float) -> list[list[float]]:
        """Whole numbers only."""
        numbers = _whole_numbers(self.side, low, high, length)
        return [[number for number in numbers if self._count is None or number < self._count]]

    def words(self, value: float) -> str:
        """The number of a cell."""
        return str(int(value))


class EndsAxis(NumberAxis):
    """The two ends of a range, and zero where it lies between them."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self._ends = 0.0, 1.0

    def set_ends(self, low: float, high: float) -> None:
        """The first and the last value; one for both where there is only one."""
        if (low, high) != self._ends:
            self._ends, self._made_for = (low, high), ()
            self.update()

    def levels(self, _low: float, _high: float, _length: float) -> list[list[float]]:
        """Zero gives way where the ends leave no room for it."""
        first, last = self._ends
        if not last > first:
            return [[first]]
        return [[first, last], [0.0]] if first < 0 < last else [[first, last]]

    def words(self, value: float) -> str:
        """A number as the window writes it."""
        return text.number(value)

    def _room(self, at: float, words: str) -> QRectF | None:
        """Ends stand inside the axis; none over another."""
        wide, high = width_of(words), _metrics().height() * 0.8
        rect = QRectF(min(max(at - wide / 2, 0.0), self.size().width() - wide), _OFFSET, wide, high)
        taken = (label for label, _ in self._labels)
        return None if any(label.intersects(rect.adjusted(-_APART, 0, _APART, 0)) for label in taken) else rect


class NamedAxis(NumberAxis):
    """Ticks at whole positions, each with a name: layers, tokens, heads."""

    def __init__(self, side: str, thickness: float = 0.0, title: str = "") -> None:
        super().__init__(side, thickness, title)
        self._names: Sequence[str] = ()

    def set_names(self, names: Sequence[str]) -> None:
        """The name of position i stands at i + 0.5."""
        if names != self._names:
            self._names, self._made_for = names, ()
            self.update()

    def levels(self, low: float, high: float, length: float) -> list[list[float]]:
        """As many names as have room."""
        first, last = max(int(low), 0), min(int(high) + 1, len(self._names))
        room = max(int(length / text_size.px(_FONT_PX * 2.2)), 1)
        return [[at + 0.5 for at in range(first, last, max(-(-(last - first) // room), 1))]]

    def words(self, value: float) -> str:
        """The name at a position."""
        return self._names[int(value)]


class PlaceAxis(NamedAxis):
    """Names of some places ("" of the others), none over another: the last one has the right of way, then from left to right."""

    def levels(self, low: float, high: float, length: float) -> list[list[float]]:
        """Places whose names have room."""
        named = [at for at, name in enumerate(self._names) if name and low <= at + 0.5 <= high]
        chosen: dict[float, QRectF] = {}
        for at in (*named[-1:], *named[:-1]):
            room = self._room((at + 0.5 - low) * length / (high - low), self._names[at]).adjusted(
                -_BETWEEN, 0, _BETWEEN, 0
            )
            if not any(room.intersects(other) for other in chosen.values()):
                chosen[at + 0.5] = room
        return [sorted(chosen)]

    def _room(self, at: float, words: str) -> QRectF:
        """Inside the axis, also at its ends."""
        wide = width_of(words)
        left = min(max(at - wide / 2, 0.0), float(self.size().width()) - wide)
        return QRectF(left, _OFFSET, wide, text_size.px(_HIGH))


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps of a sequence stand for: tokens with names, or times (`start` of the middle of the first one, `each` from one to
    the next, in seconds); else they are only counted."""

    names: tuple[str, ...] = ()
    start: float = 0.0
    each: float = 0.0  # 0: no times

    def at(self, step: int) -> str:
        """In words, "" where a step is nothing but its number."""
        if self.each:
            return seconds_text(self.start + step * self.each)
        return f"“{self.names[step]}”" if step < len(self.names) else ""


class StepAxis(PlaceAxis):
    """Steps of a sequence: names where they have some (tokens), their times where these are known, else their numbers."""

    def __init__(self, side: str, thickness: float = 0.0, title: str = "") -> None:
        super().__init__(side, thickness, title)
        self._steps = Steps()

    def set_steps(self, steps: Steps) -> None:
        """What they stand for."""
        if steps != self._steps:
            self._steps = steps
            self.set_names(steps.names)
            self.set_unit(" s" if steps.each else "")
            self._made_for = ()

    def levels(self, low: float, high: float, length: float) -> list[list[float]]:
        """As many as have room."""
        steps = self._steps
        if steps.each:
            times = [steps.start + (at - 0.5) * steps.each for at in (low, high)]
            return [
                [(time - steps.start) / steps.each + 0.5 for time in level]
                for level in NumberAxis.levels(self, times[0], times[1], length)
            ]
        return super().levels(low, high, length) if steps.names else [_whole_numbers(self.side, low, high, length)]

    def words(self, value: float) -> str:
        """The name, the time or the number of a step."""
        steps = self._steps
        if steps.each:
            return NumberAxis.words(self, steps.start + (value - 0.5) * steps.each)
        return super().words(value) if steps.names else str(int(value))


def _whole_numbers(side: str, low: float, high: float, length: float) -> list[float]:
    """The middles of as many cells as have room for their numbers."""
    high_of = text_size.px(_FONT_PX * 2.4)
    room = high_of if side == "left" else max(high_of, width_of(str(int(high))) + 2 * _APART)
    step = max(ceil((high - low) / max(length / room, 1)), 1)
    step = next((nice for nice in _NICE if nice >= step), step)
    first = ceil(max(low, 0) / step) * step
    return [at + 0.5 for at in range(first, int(high), step)]


def trimmed(number: str) -> str:
    """A number without zeros at the end of its decimals: 0.500 is 0.5, 2.0e−13 is 2e−13."""
    mantissa, e, exponent = number.partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + e + exponent


def _steps(span: float, length: float) -> tuple[float, int]:
    """From one large tick to the next: 1, 2 or 5 times a power of ten; and into how many parts small ticks divide it."""
    largest = max(span / max(2.25 * sqrt(length / 300), 2.25), 1e-300)
    unit = 10.0 ** floor(log10(largest))
    factor = max(nice for nice in _PARTS if nice * unit <= largest * (1 + 1e-9))
    return factor * unit, _PARTS[factor]


def _multiples(low: float, high: float, step: float) -> range:
    """How often a step goes into the values of a range."""
    return range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
