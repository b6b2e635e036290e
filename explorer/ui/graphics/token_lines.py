"""Attention between tokens as lines: queries at the left, keys at the right, a line as strong as its weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QSizePolicy, QWidget

from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.figure.panel_parts import weights_part
from explorer.core.token_labels import TokenLabel
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.graphics.panel import ARROWS, Panel
from explorer.ui.graphics.token_axis import name_font
from explorer.ui.widgets import text

LARGEST = 40  # tokens on a side: more lines cannot be told apart
_LINE = 13  # px of a token
_EDGE = 4
_LEVELS = 24  # of strength: one pen each
_FAINT = 0.02  # of the largest weight: less is not drawn
_NAMES = 0.37  # of the width, for the names of either side


class _Lines(QGraphicsItem):
    """All lines and names at the pixels of the screen, painted in one go."""

    def __init__(self, panel: TokenLines) -> None:
        super().__init__()
        self._panel = panel

    def boundingRect(self) -> QRectF:
        """Qt's name."""
        return QRectF(self._panel.viewport().rect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Qt's name."""
        self._panel.draw(painter)


class TokenLines(Panel):
    """`hovered` and `chosen` carry whether the token is a key, and its number; `released` (Esc) that none is locked any more."""

    hovered = Signal(bool, int)
    chosen = Signal(bool, int)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Attention between tokens, as lines"), "", parent)
        self.setToolTip(
            tr("Left: queries, right: keys. Point at a token to see its lines alone; click locks it, Esc unlocks")
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.scrubs = False
        self.values: Array | None = None  # (queries, keys)
        self._labels: tuple[tuple[TokenLabel, ...], tuple[TokenLabel, ...]] = ((), ())
        self._off: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
        self.marked: tuple[bool, int] | None = None  # whose lines are shown alone
        self._locked = False
        self._pointed: tuple[bool, int] | None = None
        self._walk: tuple[bool, int] = (False, -1)
        self._item = _Lines(self)
        self.box.addItem(self._item, ignoreBounds=True)
        self.box.clicked.connect(self._click)
        self.begin()

    def set_weights(
        self,
        values: Array,
        queries: Sequence[TokenLabel],
        keys: Sequence[TokenLabel],
        off: tuple[frozenset[int], frozenset[int]],
    ) -> None:
        """(queries, keys) from 0 up; `off`: queries and keys whose names are dimmed."""
        self.values, self._labels, self._off = values, (tuple(queries), tuple(keys)), off
        self.show_message(False)
        self.setAccessibleDescription(tr("{count} queries, {count2} keys", count=len(queries), count2=len(keys)))
        text_size.hold(self, "setFixedHeight", max(len(queries), len(keys)) * _LINE + 2 * _EDGE)
        self.lay_out()
        self.viewport().update()

    def set_marked(self, token: tuple[bool, int] | None, locked: bool = False) -> None:
        """(whether it is a key, its number) of the token whose lines are shown alone; None: all."""
        self.marked, self._locked = token, locked
        self._walk = token or self._walk
        self.viewport().update()

    def clear(self, message: str) -> None:
        """A sentence instead: why there are no lines."""
        self.values = None
        self.set_empty(message)
        self.show_message(True)
        self.setFixedHeight(150)

    @property
    def figure_part(self) -> MatrixPart | None:
        """The weights that the lines stand for, as a matrix."""
        if self.values is None:
            return None
        queries, keys = ([label.text for label in labels] for labels in self._labels)
        return weights_part(self.values, queries, keys)

    def lay_out(self) -> None:
        area = QRectF(self.viewport().rect())
        self.box.set_home(area, area, keep=False)

    # --- what is drawn

    def place(self, key: bool, number: int) -> QPointF:
        """Where the lines of a token end."""
        names = self.width() * _NAMES
        return QPointF(self.width() - names if key else names, _EDGE + (number + 0.5) * text_size.px(_LINE))

    def draw(self, painter: QPainter) -> None:
        """Lines beneath, names over them."""
        if self.values is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen, lines in self._strokes():
            painter.setPen(pen)
            painter.drawLines(lines)
        painter.setFont(name_font())
        for key in (False, True):
            self._draw_names(painter, key)

    def _strokes(self) -> list[tuple[QPen, list[QLineF]]]:
        """The lines that are shown, by their strength from the weakest on."""
        assert self.values is not None
        shown, look = self.values, theme.current()
        if self.marked is not None:
            key, number = self.marked
            shown = np.zeros_like(self.values)
            part = (slice(None), number) if key else (number, slice(None))
            shown[part] = self.values[part]
        top = float(self.values.max(initial=0.0))
        share = np.nan_to_num(shown / top) if top > 0 else np.zeros(shown.shape)
        levels = np.ceil(np.clip(share, 0, 1) * _LEVELS).astype(int)
        levels[share < _FAINT] = 0
        strokes = []
        for level in range(1, _LEVELS + 1):
            pairs = np.argwhere(levels == level)
            if len(pairs):
                colour = QColor(look.accent)
                colour.setAlphaF(0.08 + 0.92 * level / _LEVELS)
                pen = QPen(colour, 0.6 + 2.0 * level / _LEVELS)
                strokes.append((pen, [QLineF(self.place(False, q), self.place(True, k)) for q, k in pairs.tolist()]))
        return strokes

    def _draw_names(self, painter: QPainter, key: bool) -> None:
        look, metrics, room = theme.current(), QFontMetricsF(name_font()), self.width() * _NAMES - 10
        line = text_size.px(_LINE)
        for number, label in enumerate(self._labels[key]):
            marked = self.marked == (key, number)
            value = self._value_beside(key, number)
            colour = QColor(look.warm if marked else look.off if number in self._off[key] else look.text)
            if number in self._off[key] and not marked:
                colour.setAlphaF(0.6)
            painter.setPen(colour)
            at, side = self.place(key, number), Qt.AlignmentFlag.AlignLeft if key else Qt.AlignmentFlag.AlignRight
            rect = QRectF(at.x() + 5 if key else 5, at.y() - line / 2, room, line)
            wide = metrics.horizontalAdvance(value) + 6 if value else 0
            words = metrics.elidedText(label.text, Qt.TextElideMode.ElideRight, room - wide)
            painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), words)
            if value:
                painter.setPen(QColor(look.dim))
                other = Qt.AlignmentFlag.AlignRight if key else Qt.AlignmentFlag.AlignLeft
                painter.drawText(rect, int(other | Qt.AlignmentFlag.AlignVCenter), value)

    def _value_beside(self, key: bool, number: int) -> str:
        """The weight between a token and the one that is marked on the other side."""
        if self.values is None or self.marked is None or self.marked[0] == key:
            return ""
        pair = (self.marked[1], number) if key else (number, self.marked[1])
        value = float(self.values[pair])
        return text.percent(value) if value >= 0.0005 else "0" if value == 0 else ""

    # --- hands

    def token_at(self, at: QPointF) -> tuple[bool, int] | None:
        """(whether it is a key, its number) of the token under a point of the view."""
        key, number = at.x() > self.width() / 2, int((at.y() - _EDGE) // text_size.px(_LINE))
        return (key, number) if 0 <= number < len(self._labels[key]) and self.values is not None else None

    def point(self, at: QPointF | None) -> None:
        token = None if at is None else self.token_at(at)
        if token == self._pointed:
            return
        self._pointed = token
        if token is not None:
            self.hovered.emit(*token)
        else:
            self.left.emit()

    def _click(self, at: QPointF) -> None:
        token = self.token_at(at)
        if token is not None:
            self.chosen.emit(*token)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._locked:
            self.released.emit()
        elif step is not None and self.values is not None:
            key = self._walk[0] if step[0] else step[1] > 0
            number = min(max(self._walk[1] + step[0], 0), len(self._labels[key]) - 1)
            self.chosen.emit(key, number)
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(260, self.height())
