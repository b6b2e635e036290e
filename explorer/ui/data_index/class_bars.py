"""Classes on one channel as bars: how many of its best pictures each has, and its mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.core.data_index import ClassBar
from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets import text
from explorer.ui.widgets.accessible_role import has_role

_HIGH, _GAP = 18, 6


class ClassBars(QWidget):
    """`chosen` carries the class that was clicked, or chosen with Return. Arrow keys move."""

    chosen = Signal(str)

    def __init__(self, most: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most, self._at = most, 0
        self.bars: tuple[ClassBar, ...] = ()
        self.setAccessibleName(tr("Classes of the channel"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_bars(self, bars: Sequence[ClassBar]) -> None:
        """Those with the most of the channel's best pictures first, then by their mean; the rest is left out."""
        named = [bar for bar in bars if bar.label and bar.pictures]
        order = sorted(named, key=lambda bar: (-bar.in_top, -bar.mean if bar.mean == bar.mean else math.inf, bar.label))
        before = len(self.bars)
        self.bars = tuple(order[: self._most])
        self._at = min(self._at, max(len(self.bars) - 1, 0))
        self.setAccessibleDescription("; ".join(map(words_of, self.bars)))
        if before != len(self.bars):
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, len(self.bars) * text_size.px(_HIGH))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, len(self.bars) * text_size.px(_HIGH))

    def _row(self, y: float) -> int:
        row = int(y // text_size.px(_HIGH))
        return row if 0 <= row < len(self.bars) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row(event.position().y())
        if row >= 0:
            self._at = row
            self.chosen.emit(self.bars[row].label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and self.bars:
            self._at = min(max(self._at + step, 0), len(self.bars) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.bars:
            self.chosen.emit(self.bars[self._at].label)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            row = self._row(event.pos().y())  # type: ignore[attr-defined]
            if row >= 0:
                QToolTip.showText(event.globalPos(), text.tip(words_of(self.bars[row])), self)  # type: ignore[attr-defined]
            return True
        return bool(super().event(event))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, look, metrics = QPainter(self), theme.current(), self.fontMetrics()
        numbers = [text.number(bar.mean) for bar in self.bars]
        right = max(map(metrics.horizontalAdvance, numbers), default=0)
        counts = [str(bar.in_top) if bar.in_top else "" for bar in self.bars]
        middle = max([metrics.horizontalAdvance(c) for c in counts if c], default=0)
        left = min(max((metrics.horizontalAdvance(bar.label) + 1 for bar in self.bars), default=0), self.width() // 3)
        room = max(self.width() - left - right - middle - 3 * _GAP, 8)
        largest = max((abs(bar.mean) for bar in self.bars if bar.mean == bar.mean), default=0.0) or 1.0
        high = text_size.px(_HIGH)
        for row, (bar, number, count) in enumerate(zip(self.bars, numbers, counts, strict=True)):
            line = QRect(0, row * high, self.width(), high)
            if self.hasFocus() and row == self._at:
                painter.fillRect(line, QColor(look.hover))
            short = metrics.elidedText(bar.label, Qt.TextElideMode.ElideRight, left)
            self._words(painter, look.text, line.adjusted(0, 0, left - self.width(), 0), short)
            share = 0.0 if bar.mean != bar.mean else max(bar.mean, 0.0) / largest
            bar_at = QRect(left + _GAP, line.top() + 4, room, high - 8)
            painter.fillRect(bar_at, QColor(look.track))
            painter.fillRect(bar_at.adjusted(0, 0, round(share * room) - room, 0), QColor(look.accent))
            self._words(painter, look.dim, line, number, Qt.AlignmentFlag.AlignRight)
            at = QRect(left + room + 2 * _GAP, line.top(), middle, high)
            self._words(painter, look.warm, at, count, Qt.AlignmentFlag.AlignRight)

    def _words(
        self, painter: QPainter, colour: str, at: QRect, words: str, flag: Any = Qt.AlignmentFlag.AlignLeft
    ) -> None:
        painter.setPen(QColor(colour))
        painter.drawText(at, flag | Qt.AlignmentFlag.AlignVCenter, words)


has_role(ClassBars, QAccessible.Role.Chart)


def words_of(bar: ClassBar) -> str:
    """A class in words: for tool tips and for those who listen."""
    top = tr("{in_top} of the channel's best inputs; ", in_top=bar.in_top) if bar.in_top else ""
    spread = f" ± {text.number(bar.std)}" if bar.std == bar.std else ""
    share = text.percent(bar.active / bar.pictures) if bar.pictures else "NaN"
    return tr(
        "{label}: {top}mean of {pictures:,} inputs {mean}{spread}; {share} above 0",
        label=bar.label,
        top=top,
        pictures=bar.pictures,
        mean=text.number(bar.mean),
        spread=spread,
        share=share,
    )
