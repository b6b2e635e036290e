"""Tokens that stand on no patch, each with a number: buttons of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size

_HIGH, _GAP, _INSIDE = 24, 4, 8
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Chips(QWidget):
    """`chosen` carries the number of the button that was clicked or walked to with the arrow keys."""

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.names: tuple[str, ...] = ()
        self.says: tuple[str, ...] = ()
        self.at: int | None = None
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)  # which one is chosen is said from outside
        self._group.idClicked.connect(self._clicked)

    def set_chips(self, names: Sequence[str], says: Sequence[str], at: int | None) -> None:
        """Names with what is said of each; `at` is the chosen one."""
        grown = len(names) != len(self.names)
        self.names, self.says, self.at = tuple(names), tuple(says), at
        if grown:
            self._make()
        for number, button in enumerate(self._buttons):
            button.setText(f"{names[number]}  {says[number]}".rstrip())
            button.setAccessibleName(button.text())
        self._check()
        told = ", ".join(f"{name} {said}".strip() for name, said in zip(names, says, strict=True))
        self.setAccessibleDescription(told + (tr("; chosen: {names}", names=names[at]) if at is not None else ""))
        if grown:
            self._place()
            self.updateGeometry()

    def _make(self) -> None:
        for button in self._buttons:
            self._group.removeButton(button)
            button.deleteLater()
        for number in range(len(self.names)):
            button = QToolButton(self)
            button.setObjectName("chip")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.show()
            self._group.addButton(button, number)

    @property
    def _buttons(self) -> list[QToolButton]:
        return [button for button in self._group.buttons() if isinstance(button, QToolButton)]

    def _check(self) -> None:
        for number, button in enumerate(self._buttons):
            button.setChecked(number == self.at)

    def _clicked(self, number: int) -> None:
        self._check()
        self.chosen.emit(number)

    def _across(self, width: int) -> int:
        """How many stand beside each other: as many as have room for the longest name and a number."""
        longest = max((self.fontMetrics().horizontalAdvance(name) for name in self.names), default=0)
        wanted = longest + self.fontMetrics().horizontalAdvance("  00.0 %") + 2 * _INSIDE
        return max(min((width + _GAP) // (wanted + _GAP), len(self.names)), 1)

    def plate(self, number: int) -> QRect:
        """Where a button is."""
        across = self._across(self.width())
        wide = (self.width() + _GAP) // across - _GAP
        high = text_size.px(_HIGH)
        return QRect((number % across) * (wide + _GAP), number // across * (high + _GAP), wide, high)

    def _place(self) -> None:
        for number, button in enumerate(self._buttons):
            button.setGeometry(self.plate(number))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not self.names:
            super().keyPressEvent(event)
        else:
            now = self.at if self.at is not None else -step if step < 0 else -1
            self.chosen.emit(min(max(now + step, 0), len(self.names) - 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-len(self.names) // self._across(width)) if self.names else 0
        return rows * (text_size.px(_HIGH) + _GAP)

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))
