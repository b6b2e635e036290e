"""Names of tokens along a side of a plot: all that have room, upright beneath, those without meaning dimmed."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from explorer.core.token_labels import TokenLabel
from explorer.ui import text_size, theme
from explorer.ui.graphics.axes import NumberAxis
from explorer.ui.graphics.items import cosmetic_pen

NAME_PX = 11  # height of a name
_LINE, _CLOSE = 12.0, 10.2  # px from one name to the next, and where there is little room
_LETTERS = 8.0  # px that letters are high
_OFFSET = 5.0


class TokenAxis(NumberAxis):
    """The name of token i stands at i + 0.5 of the view; in a reduced matrix every `step`-th token has a place."""

    def __init__(self, side: str, thickness: float) -> None:
        super().__init__(side, thickness)
        self._labels_of: Sequence[TokenLabel] = ()
        self._step = 1
        self._off: frozenset[int] = frozenset()
        self._marked: int | None = None

    def set_tokens(self, labels: Sequence[TokenLabel], step: int = 1, off: frozenset[int] = frozenset()) -> None:
        """`off`: places whose names are dimmed."""
        self._labels_of, self._step, self._off = labels, step, off
        self.update()

    def fit_names(self, most: float) -> None:
        """Takes as many pixels from the plot as the longest name does, `most` at most."""
        metrics = QFontMetricsF(name_font())
        longest = max((metrics.horizontalAdvance(label.text) for label in self._labels_of), default=0.0)
        self._thickness = min(longest / text_size.factor() + _OFFSET + 1, most)

    def set_marked(self, place: int | None) -> None:
        """The place that is pointed at."""
        if place != self._marked:
            self._marked = place
            self.update()

    def name_at(self, place: int) -> str:
        """Of the first token at a place, and of the last one where there are several."""
        first = place * self._step
        last = min(first + self._step, len(self._labels_of)) - 1
        if not 0 <= first < len(self._labels_of):
            return ""
        one = self._labels_of[first].text
        return one if last == first else f"{one} … {self._labels_of[last].text}"

    def named(self, low: float, high: float, length: float) -> list[tuple[int, float]]:
        """(place, px from the start) of the names that have room between `low` and `high` of the view, `length` px apart."""
        each, line = length / (high - low), text_size.px(_LINE)
        places = -(-len(self._labels_of) // self._step)
        skip = places_apart(each)
        found: list[tuple[int, float]] = []
        for place in range(max(int(low), 0), min(int(high) + 1, places)):
            near = self._marked is not None and 0 < abs(place - self._marked) * each < line
            if near or (place % skip and place != self._marked):
                continue
            at = (place + 0.5 - low) * each
            inside = min(max(at, line / 2 - 1), length - line / 2 + 1)  # the first and the last name are not cut off
            crowded = place != self._marked and bool(found) and inside - found[-1][1] < text_size.px(_LETTERS)
            if 0 <= at <= length and not crowded:
                found.append((place, inside))
        return found

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Qt's name."""
        if self._box is None or not self._labels_of:
            return
        look, upright = theme.current(), self.side == "bottom"
        low, high = self._box.viewRange()[0 if upright else 1]
        length = float(self.size().width() if upright else self.size().height())
        room = float(self.size().height() if upright else self.size().width()) - _OFFSET
        if not high > low or room <= 0:
            return
        font = name_font()
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        line = text_size.px(_LINE)
        for place, at in self.named(low, high, length):
            colour = look.warm if place == self._marked else look.off if place in self._off else look.text
            painter.setPen(cosmetic_pen(colour, opacity=0.6 if colour == look.off else 1.0))
            words = metrics.elidedText(self._labels_of[place * self._step].text, Qt.TextElideMode.ElideRight, room)
            painter.save()
            if upright:
                painter.translate(at, _OFFSET)
                painter.rotate(-90)
                rect, flag = QRectF(-room, -line / 2, room, line), Qt.AlignmentFlag.AlignRight
            else:
                rect, flag = QRectF(0, at - line / 2, room, line), Qt.AlignmentFlag.AlignRight
            painter.drawText(rect, int(flag | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip), words)
            painter.restore()


def places_apart(each: float) -> int:
    """From one name to the next, where a place has `each` px (also less than one): no name lies over another."""
    return max(ceil(text_size.px(_CLOSE) / max(each, 1e-6)), 1)


def name_font() -> QFont:
    """In which tokens are written."""
    font = QFont()
    font.setPixelSize(text_size.px(NAME_PX))
    return font
