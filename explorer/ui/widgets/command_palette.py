"""A field that finds commands as one types, over the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from explorer.ui import theme

Index = QModelIndex | QPersistentModelIndex

_WIDTH, _ROW, _ROWS, _TOP = 600, 28, 13, 56  # px; rows that are seen at once
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_ROWS, Qt.Key.Key_PageDown: _ROWS}


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """A row: what it is called, the menu it stands in, its keys, and why it cannot be chosen ("" when it can)."""

    title: str
    menu: str
    keys: str = ""
    why_not: str = ""

    @property
    def spoken(self) -> str:
        return ", ".join(part for part in (self.title, self.menu, self.keys, self.why_not) if part)


class CommandPalette(QFrame):
    """Covers its parent. `searched` carries what is typed; `chosen` the place of the row that was taken, after the palette
    is gone and the focus is back where it was. A row that cannot run is not taken."""

    searched = Signal(str)
    chosen = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shade")
        self.setAccessibleName("Commands")
        self.field, self.list, self.nothing = QLineEdit(), QListView(), QLabel("No command is called like that.")
        self._rows = _Rows(self)
        self._before: QWidget | None = None  # had the focus
        self._plate = QFrame(self)
        self._plate.setObjectName("plate")
        self._build()
        self.field.textChanged.connect(self.searched)
        self.list.clicked.connect(self._take)
        self.field.installEventFilter(self)
        parent.installEventFilter(self)
        self.hide()

    def _build(self) -> None:
        self.field.setObjectName("commands")
        self.field.setPlaceholderText("Type a command, a layer, a model or an input")
        self.field.setAccessibleName("Search the commands")
        self.field.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.list.setObjectName("commands")
        self.list.setAccessibleName("Commands")
        self.list.setModel(self._rows)
        self.list.setItemDelegate(_Drawing(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing.setObjectName("dim")
        self.nothing.setContentsMargins(8, 4, 8, 4)
        column = QVBoxLayout(self._plate)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(theme.current().tight)
        for widget in (self.field, self.list, self.nothing):
            column.addWidget(widget)

    def set_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """What is offered for what is typed; the first is marked."""
        self._rows.set_entries(entries)
        self.list.setVisible(bool(entries))
        self.nothing.setVisible(not entries)
        self._mark(0)
        self._lay_out()

    @property
    def entries(self) -> tuple[PaletteEntry, ...]:
        """What is offered."""
        return self._rows.entries

    @property
    def marked(self) -> int:
        """The row that Enter takes; -1 for none."""
        return self.list.currentIndex().row()

    def open(self, typed: str = "") -> None:
        """Lays it over its parent, with something typed already."""
        self._before = QApplication.focusWidget()
        self.field.setText(typed)
        self.searched.emit(typed)
        self.raise_()
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Takes it away and gives the focus back."""
        before, self._before = self._before, None
        if self.isHidden():
            return
        self.hide()
        if before is not None and isValid(before):
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()

    def _lay_out(self) -> None:
        page = self.parentWidget()
        assert page is not None
        self.setGeometry(page.rect())
        rows = min(max(len(self.entries), 1), _ROWS, max((self.height() - 2 * _TOP - 60) // _ROW, 3))
        self.list.setFixedHeight(rows * _ROW)
        width = min(_WIDTH, self.width() - 32)
        self._plate.resize(width, self._plate.sizeHint().height())
        self._plate.move((self.width() - width) // 2, _TOP)

    def _mark(self, row: int) -> None:
        index = self._rows.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _step(self, steps: int) -> None:
        last = len(self.entries) - 1
        self._mark(min(max(self.marked + steps, 0), last))

    def _take(self, index: Index) -> None:
        row = index.row()
        if 0 <= row < len(self.entries) and not self.entries[row].why_not:
            self.dismiss()
            self.chosen.emit(row)

    def _press(self, event: QKeyEvent) -> bool:
        """Whether a key that came to the field is about the list."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._step(_STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is not self.field:
            if kind == QEvent.Type.Resize and self.isVisible():
                self._lay_out()
        elif kind == QEvent.Type.ShortcutOverride:  # what is typed is no shortcut of the window
            event.accept()
            return True
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(event)
        elif kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            self._left(event.reason())
        return super().eventFilter(watched, event)

    def _left(self, reason: Qt.FocusReason) -> None:
        """The field has lost the focus: to another widget, unless a menu or another window took it for a while."""
        if reason not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self._before = None
            self.dismiss()

    def focusNextPrevChild(self, _next: bool) -> bool:
        return True  # Tab stays in the field

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismiss()
        event.accept()


class _Rows(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: tuple[PaletteEntry, ...] = ()

    def set_entries(self, entries: Sequence[PaletteEntry]) -> None:
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.entries):
            return None
        entry = self.entries[index.row()]
        return {
            Qt.ItemDataRole.DisplayRole: entry.title,
            Qt.ItemDataRole.AccessibleTextRole: entry.spoken,
            Qt.ItemDataRole.ToolTipRole: entry.why_not or None,
            Qt.ItemDataRole.UserRole: entry,
        }.get(Qt.ItemDataRole(role))


class _Drawing(QStyledItemDelegate):
    """The title at the left and its menu beside it, the keys at the right; what cannot run is dim and says why."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry, colours = index.data(Qt.ItemDataRole.UserRole), theme.current()
        row, marked = QRect(option.rect), bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(row, 4, 4)
        row.adjust(8, 0, -8, 0)

        def write(words: str, colour: str, flag: Qt.AlignmentFlag) -> int:
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, row.width())
            painter.setPen(QColor(colours.on_accent if marked else colour))
            painter.drawText(row, flag | Qt.AlignmentFlag.AlignVCenter, words)
            return painter.fontMetrics().horizontalAdvance(words) + 12

        row.setRight(
            row.right()
            - write(entry.keys, colours.off if entry.why_not else colours.accent, Qt.AlignmentFlag.AlignRight)
        )
        row.setLeft(
            row.left() + write(entry.title, colours.off if entry.why_not else colours.text, Qt.AlignmentFlag.AlignLeft)
        )
        write(entry.why_not or entry.menu, colours.dim, Qt.AlignmentFlag.AlignLeft)
        painter.restore()
