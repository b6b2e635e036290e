"""All keys on one sheet, over the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets.frames import Caption
from explorer.ui.widgets.nesting import nest

Group = tuple[str, Sequence[tuple[str, str]]]  # heading, (keys, what they do)

_COLUMN = 350  # px: the least width of a column


class KeySheet(QFrame):
    """Covers its parent; any key or click takes it away (`closed`)."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shade")
        self.setAccessibleName(tr("Keyboard shortcuts"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._groups: tuple[Group, ...] = ()
        self._plate = QScrollArea(self)
        self._plate.setObjectName("plate")
        self._plate.setWidgetResizable(True)
        self._plate.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        parent.installEventFilter(self)
        self.hide()

    def set_groups(self, groups: Sequence[Group]) -> None:
        """Headings with the keys beneath each."""
        self._groups = tuple(groups)
        keys = (f"{keys}: {what}" for _, rows in groups for keys, what in rows)
        self.setAccessibleDescription("; ".join(keys))

    def open(self) -> None:
        """Lays the sheet over its parent."""
        self._lay_out()
        self.raise_()
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Takes it away."""
        self.hide()
        self.closed.emit()

    def _lay_out(self) -> None:
        below = self.parentWidget()
        assert below is not None
        self.setGeometry(below.rect())
        page = QWidget()
        page.setObjectName("plate")
        page.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        line = QHBoxLayout(page)
        line.setContentsMargins(24, 14, 24, 14)
        line.setSpacing(24)
        for groups in self._columns():
            column = QVBoxLayout()
            column.setSpacing(theme.current().tight)
            for heading, rows in groups:
                column.addWidget(Caption(heading))
                nest(column, _table(rows))
                column.addSpacing(theme.current().inset)
            column.addStretch(1)
            nest(line, column)
        self._plate.setWidget(page)
        wanted = page.sizeHint().grownBy(self._plate.contentsMargins())
        high = min(wanted.height() + 4, self.height() - 16)
        bar = self._plate.verticalScrollBar().sizeHint().width() if high < wanted.height() else 0
        self._plate.resize(min(wanted.width() + bar, self.width()), high)
        self._plate.move((self.width() - self._plate.width()) // 2, max((self.height() - self._plate.height()) // 2, 8))

    def _columns(self) -> list[list[Group]]:
        """Groups spread over as many columns as fit, in order, about equally high."""
        most = max(min((self.width() - 48) // text_size.px(_COLUMN), len(self._groups)), 1)
        height = sum(len(rows) + 1.5 for _, rows in self._groups)
        columns: list[list[Group]] = [[]]
        filled = 0.0
        for group in self._groups:
            size = len(group[1]) + 1.5
            if columns[-1] and filled + size / 2 > height / most * len(columns) and len(columns) < most:
                columns.append([])
            columns[-1].append(group)
            filled += size
        return columns

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:  # a key that is a shortcut only takes the sheet away, too
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.dismiss()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismiss()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._lay_out()
        return super().eventFilter(watched, event)


def _table(rows: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(theme.current().tight)
    for at, (keys, what) in enumerate(rows):
        key, words = QLabel(keys), QLabel(what)
        key.setObjectName("key")
        grid.addWidget(key, at, 0)
        grid.addWidget(words, at, 1)
    grid.setColumnStretch(1, 1)
    return grid
