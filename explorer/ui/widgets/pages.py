"""A row of names, one a page; more rows where they do not fit beside each other, or one row and a menu of the others."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from explorer.ui import theme
from explorer.ui.widgets.accessible_role import has_role

_AROUND = 7  # px that a name needs beside its text
_MORE, _MARK = "More", " ▾"
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Pages(QWidget):
    """What of a QTabBar is needed, in a narrow place. `currentChanged` carries the number of the page; arrow keys turn it."""

    currentChanged = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._buttons: list[QToolButton] = []
        self._absent: set[int] = set()  # pages that are not offered
        self._current = 0
        self._folded = False
        self._arranged = -1  # the width that the names are arranged for
        self.more = QToolButton(self)
        self.more.setObjectName("page")
        self.more.setCheckable(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setAccessibleName("More pages")
        self.more.setToolTip("The other pages")
        self.menu = QMenu(self.more)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(self.menu)
        self.more.hide()

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
        if on == (at in self._absent):
            self._absent ^= {at}
            self._arrange()

    def fold(self, folded: bool) -> None:
        """Whether there is one row, with the names that have no room in a menu at its end."""
        if folded != self._folded:
            self._folded = folded
            self._arrange()

    def offered(self, at: int) -> bool:
        """Whether a page can be turned to."""
        return at not in self._absent

    def button(self, at: int) -> QToolButton:
        """Where the name of a page is, to be pointed at: the menu where it is one of the others."""
        return self.more if self.offered(at) and self._buttons[at].isHidden() else self._buttons[at]

    def count(self) -> int:
        return len(self._buttons)

    def currentIndex(self) -> int:
        return self._current

    def setCurrentIndex(self, at: int) -> None:
        if 0 <= at < len(self._buttons) and at != self.currentIndex() and self.offered(at):
            self._buttons[at].setChecked(True)
            self._clicked(at)

    def _clicked(self, at: int, _checked: bool = True) -> None:
        self._current = at
        if self._folded:
            self._arrange()
        self.currentChanged.emit(at)

    def _fill_menu(self) -> None:
        self.menu.clear()
        for at, button in enumerate(self._buttons):
            if self.offered(at) and button.isHidden():
                action = self.menu.addAction(button.text())
                action.setToolTip(button.toolTip())
                action.setCheckable(True)
                action.setChecked(at == self._current)
                action.triggered.connect(partial(self._choose, at))

    def _choose(self, at: int, _checked: bool = True) -> None:
        self.setCurrentIndex(at)
        self._arrange()  # a click has changed the mark of the button

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
            painter.drawRoundedRect(self.button(self._current).geometry().adjusted(0, 0, -1, -2), 4, 4)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and getattr(self, "_buttons", None):
            for button in (*self._buttons, self.more):
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
        there = [at for at in range(len(self._buttons)) if self.offered(at)]
        widths = [self._wide(self._buttons[at].text()) for at in there]
        shown = len(there)
        if self._folded and sum(widths) > self.width():
            room = self.width() - self._wide_menu(there)
            shown = max(len(_filled(widths, room)[0]), 1) if widths[0] <= room else 1
        row = [self._buttons[at] for at in there[:shown]]
        for at, button in enumerate(self._buttons):
            button.setVisible(at in there[:shown])
        self.more.setVisible(shown < len(there))
        if shown < len(there):
            open_ = self._current in there[shown:]
            self.more.setText((self._buttons[self._current].text() if open_ else _MORE) + _MARK)
            self.more.setChecked(open_)
            row, widths = [*row, self.more], [*widths[:shown], self._wide_menu(there)]
        self._place(row, widths)

    def _place(self, row: list[QToolButton], widths: list[int]) -> None:
        rows = [range(len(row))] if row[-1] is self.more else _rows(widths, self.width())
        high = max(button.sizeHint().height() for button in row if button is not self.more or len(row) == 1)
        for number, part in enumerate(rows):
            spare = max(self.width() - sum(widths[at] for at in part), 0) / len(part)
            left = 0.0
            for at in part:
                right = left + widths[at] + spare
                row[at].setGeometry(round(left), number * high, round(right) - round(left), high)
                left = right
        self.setFixedHeight(len(rows) * high)

    def _wide(self, words: str) -> int:
        return self._buttons[0].fontMetrics().horizontalAdvance(words) + _AROUND

    def _wide_menu(self, there: list[int]) -> int:
        """The same whichever page is open, so that no name moves."""
        return max(self._wide(words + _MARK) for words in (_MORE, *(self._buttons[at].text() for at in there)))


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
