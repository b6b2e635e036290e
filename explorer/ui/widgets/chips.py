"""Tokens that stand on no patch, each with a number: small plates of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.widgets.canvas import Canvas, ask_pen

_HIGH, _GAP, _INSIDE = 24, 4, 8
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Chips(Canvas):
    """`chosen` carries the number of the plate that was clicked or walked to with the arrow keys."""

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.names: tuple[str, ...] = ()
        self.says: tuple[str, ...] = ()
        self.at: int | None = None
        self._hover: int | None = None

    def set_chips(self, names: Sequence[str], says: Sequence[str], at: int | None) -> None:
        """Names with what is said of each; `at` is the chosen one."""
        grown = len(names) != len(self.names)
        self.names, self.says, self.at = tuple(names), tuple(says), at
        told = ", ".join(f"{name} {said}".strip() for name, said in zip(names, says, strict=True))
        self.setAccessibleDescription(told + (f"; chosen: {names[at]}" if at is not None else ""))
        if grown:
            self.updateGeometry()
        self.update()

    def _across(self, width: int) -> int:
        """How many stand beside each other: as many as have room for the longest name and a number."""
        longest = max((self.fontMetrics().horizontalAdvance(name) for name in self.names), default=0)
        wanted = longest + self.fontMetrics().horizontalAdvance("  00.0 %") + 2 * _INSIDE
        return max(min((width + _GAP) // (wanted + _GAP), len(self.names)), 1)

    def plate(self, number: int) -> QRectF:
        """Where a plate is."""
        across = self._across(self.width())
        wide = (self.width() + _GAP) / across - _GAP
        return QRectF((number % across) * (wide + _GAP), number // across * (_HIGH + _GAP) + 0.5, wide, _HIGH - 1)

    def draw(self, painter: QPainter) -> None:
        flags = Qt.AlignmentFlag
        for number, (name, said) in enumerate(zip(self.names, self.says, strict=True)):
            plate = self.plate(number).adjusted(0.5, 0, -0.5, 0)
            on = number == self.at
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(ask_pen(self.theme.accent if on else self.theme.line, 1.5 if on else 1))
            painter.setBrush(QColor(self.theme.hover if number == self._hover else self.theme.control))
            painter.drawRoundedRect(plate, 5, 5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            inside = plate.adjusted(_INSIDE, 0, -_INSIDE, 0)
            painter.setPen(QColor(self.theme.accent if on else self.theme.dim))
            painter.drawText(inside, flags.AlignLeft | flags.AlignVCenter, name)
            painter.setPen(QColor(self.theme.text))
            painter.drawText(inside, flags.AlignRight | flags.AlignVCenter, said)

    def _hit(self, at: QPointF) -> int | None:
        return next((n for n in range(len(self.names)) if self.plate(n).contains(at)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._hit(event.position())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self._hit(event.position())
        if hit is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(hit)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not self.names:
            super().keyPressEvent(event)
        else:
            now = self.at if self.at is not None else -step if step < 0 else -1
            self.chosen.emit(min(max(now + step, 0), len(self.names) - 1))

    def forget_pointer(self) -> None:
        self._hover = None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-len(self.names) // self._across(width)) if self.names else 0
        return rows * (_HIGH + _GAP)

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))
