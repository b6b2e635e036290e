"""A row of names, one a page; more rows where they do not fit beside each other."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from explorer.ui import theme
from explorer.ui.widgets.accessible_role import has_role

_AROUND = 7  # px that a name needs beside its text
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Pages(QWidget):
    """What of a QTabBar is needed, in a narrow place. `currentChanged` carries the number of the page; arrow keys turn it."""

    currentChanged = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._buttons: list[QToolButton] = []
        self._current = 0
        self._arranged = -1  # the width that the names are arranged for

    def addTab(self, title: str) -> int:
        """Its number."""
        button, at = QToolButton(self), len(self._buttons)
        button.setObjectName("page")
        button.setText(title)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setChecked(at == 0)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the row has it
        button.clicked.connect(partial(self._clicked, at))
        self._buttons.append(button)
        self._arrange()
        return at

    def setTabToolTip(self, at: int, tip: str) -> None:
        self._buttons[at].setToolTip(tip)
        self._buttons[at].setAccessibleDescription(tip)

    def setTabVisible(self, at: int, on: bool) -> None:
        """Whether a name is there."""
        if on == self._buttons[at].isHidden():
            self._buttons[at].setVisible(on)
            self._arrange()

    def button(self, at: int) -> QToolButton:
        """The name of a page, to be pointed at."""
        return self._buttons[at]

    def count(self) -> int:
        return len(self._buttons)

    def currentIndex(self) -> int:
        return self._current

    def setCurrentIndex(self, at: int) -> None:
        if 0 <= at < len(self._buttons) and at != self.currentIndex() and not self._buttons[at].isHidden():
            self._buttons[at].setChecked(True)
            self._clicked(at)

    def _clicked(self, at: int, _checked: bool = True) -> None:
        self._current = at
        self.currentChanged.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.setCurrentIndex(self.currentIndex() + step)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QColor(theme.current().accent))
            painter.drawRoundedRect(self._buttons[self._current].geometry().adjusted(0, 0, -1, -2), 4, 4)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and getattr(self, "_buttons", None):
            for button in self._buttons:
                button.ensurePolished()  # the font of another style sheet
            self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        self._arrange()  # the style sheet has come since
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.width() != self._arranged:
            self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        """As few rows as there is room for, of about the same length; each name as wide as it asks for."""
        self._arranged = self.width()
        shown = [button for button in self._buttons if not button.isHidden()]
        widths = [b.fontMetrics().horizontalAdvance(b.text()) + _AROUND for b in shown]
        rows, high = _rows(widths, self.width()), max(button.sizeHint().height() for button in shown)
        for number, row in enumerate(rows):
            spare = max(self.width() - sum(widths[at] for at in row), 0) / len(row)
            left = 0.0
            for at in row:
                right = left + widths[at] + spare
                shown[at].setGeometry(round(left), number * high, round(right) - round(left), high)
                left = right
        self.setFixedHeight(len(rows) * high)


has_role(Pages, QAccessible.Role.PageTabList)


def _rows(widths: list[int], room: int) -> list[range]:
    """Names in order, in as few rows as fit, whose longest is as short as it can be."""
    low = max(min(room, sum(widths)), *widths, 1)
    count = len(_filled(widths, low))
    least = next(most for most in range(max(widths), low + 1) if len(_filled(widths, most)) == count)
    return _filled(widths, least)


def _filled(widths: list[int], most: int) -> list[range]:
    rows, first, used = [], 0, 0
    for at, width in enumerate(widths):
        if used + width > most and at > first:
            rows.append(range(first, at))
            first, used = at, 0
        used += width
    return [*rows, range(first, len(widths))]
