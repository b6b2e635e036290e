"""All keys on one sheet, over the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from explorer.ui.widgets.canvas import Canvas

Group = tuple[str, Sequence[tuple[str, str]]]  # heading, (keys, what they do)

_ROW, _HEAD, _KEYS, _COLUMN = 24.0, 34.0, 132.0, 350.0


class KeySheet(Canvas):
    """Covers its parent; any key or click takes it away (`closed`)."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keys", "", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._groups: tuple[Group, ...] = ()
        parent.installEventFilter(self)
        self.hide()

    def set_groups(self, groups: Sequence[Group]) -> None:
        self._groups = tuple(groups)
        keys = (f"{keys}: {what}" for _, rows in groups for keys, what in rows)
        self.setAccessibleDescription("; ".join(keys))
        self.update()

    def open(self) -> None:
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        self.hide()
        self.closed.emit()

    def draw(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(0, 0, 0, 150))
        columns = self._columns()
        tallest = max((sum(_HEAD + _ROW * len(rows) for _, rows in column) for column in columns), default=0.0)
        plate = QRectF(0, 0, len(columns) * _COLUMN + 32, tallest + 44)
        plate.moveCenter(QRectF(self.rect()).center())
        plate.moveTop(max(plate.top(), 8.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.setBrush(QColor(self.theme.panel))
        painter.drawRoundedRect(plate, 10, 10)
        for at, column in enumerate(columns):
            top = plate.top() + 14
            for heading, rows in column:
                top = self._draw_group(painter, QPointF(plate.left() + 24 + at * _COLUMN, top), heading, rows)

    def _columns(self) -> list[list[Group]]:
        """Groups spread over as many columns as fit, in order, about equally high."""
        most = max(min(int((self.width() - 48) / _COLUMN), len(self._groups)), 1)
        height = sum(_HEAD + _ROW * len(rows) for _, rows in self._groups)
        columns: list[list[Group]] = [[]]
        filled = 0.0
        for group in self._groups:
            size = _HEAD + _ROW * len(group[1])
            if columns[-1] and filled + size / 2 > height / most * len(columns) and len(columns) < most:
                columns.append([])
            columns[-1].append(group)
            filled += size
        return columns

    def _draw_group(self, painter: QPainter, at: QPointF, heading: str, rows: Sequence[tuple[str, str]]) -> float:
        painter.setFont(self.small_font(11, bold=True))
        painter.setPen(QColor(self.theme.dim))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(at.x(), at.y(), _COLUMN - 16, _HEAD), flags, heading.upper())
        painter.setFont(self.font())
        for n, (keys, what) in enumerate(rows):
            top = at.y() + _HEAD + n * _ROW
            painter.setPen(QColor(self.theme.accent))
            painter.drawText(QRectF(at.x(), top, _KEYS, _ROW), flags, keys)
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QRectF(at.x() + _KEYS, top, _COLUMN - _KEYS - 16, _ROW), flags, what)
        return at.y() + _HEAD + len(rows) * _ROW

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.dismiss()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismiss()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self.parentWidget().rect())
        return super().eventFilter(watched, event)
