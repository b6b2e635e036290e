"""Numbers with their names: label on the left, value and unit on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.widgets.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: str
    tip: str = ""  # what the number means
    warm: bool = False  # something to look at: non-finite values, say


class NumbersTable(Canvas):
    """Rows of fixed height; a row keeps its place as long as its label stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Numbers", "", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rows: tuple[Row, ...] = ()

    def set_rows(self, rows: Sequence[Row]) -> None:
        grown = len(rows) != len(self._rows)
        self._rows = tuple(rows)
        self.setAccessibleDescription(", ".join(f"{row.label} {row.value}" for row in rows))
        if grown:
            self.updateGeometry()
        self.update()

    def draw(self, painter: QPainter) -> None:
        metrics, flags = painter.fontMetrics(), Qt.AlignmentFlag
        for at, row in enumerate(self._rows):
            line = QRectF(0, at * self.theme.row, self.width(), self.theme.row)
            room = self.width() - metrics.horizontalAdvance(row.label) - self.theme.inset
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(line, flags.AlignLeft | flags.AlignVCenter, row.label)
            painter.setPen(QColor(self.theme.error if row.warm else self.theme.text))
            value = metrics.elidedText(row.value, Qt.TextElideMode.ElideMiddle, max(int(room), 20))
            painter.drawText(line, flags.AlignRight | flags.AlignVCenter, value)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = event.pos().y() // self.theme.row
            row = self._rows[at] if 0 <= at < len(self._rows) else None
            QToolTip.showText(event.globalPos(), "\n".join(p for p in (row.value, row.tip) if p) if row else "", self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(220, len(self._rows) * self.theme.row)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, len(self._rows) * self.theme.row)
