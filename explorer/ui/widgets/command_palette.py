"""A field that finds commands as one types, over the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
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

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.widgets.search_overlay import TOP, SearchOverlay

Index = QModelIndex | QPersistentModelIndex

_WIDTH, _ROW, _ROWS = 600, 28, 13  # px; rows that are seen at once
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
        self.setAccessibleName(tr("Commands"))
        self.field, self.list, self.nothing = QLineEdit(), QListView(), QLabel(tr("No command is called like that."))
        self._rows = _Rows(self)
        self._plate = QFrame(self)
        self._plate.setObjectName("plate")
        self._build()
        self.field.textChanged.connect(self.searched)
        self.list.clicked.connect(self._take)
        self._over = SearchOverlay(self, self.field, self._place, self._press)
        self._over.left.connect(self._left)

    def _build(self) -> None:
        self.field.setPlaceholderText(tr("Type a command, a layer, a model or an input"))
        self.field.setAccessibleName(tr("Search the commands"))
        self.field.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.list.setObjectName("commands")
        self.list.setAccessibleName(tr("Commands"))
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
        self._over.lay_out()

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
        self.field.setText(typed)
        self.searched.emit(typed)
        self._over.open()

    def dismiss(self) -> None:
        """Takes it away and gives the focus back."""
        if self._over.dismiss():
            self.closed.emit()

    def _place(self) -> None:
        rows = min(max(len(self.entries), 1), _ROWS, max((self.height() - 2 * TOP - 60) // text_size.px(_ROW), 3))
        self.list.setFixedHeight(rows * text_size.px(_ROW))
        width = min(text_size.px(_WIDTH), self.width() - 32)
        self._plate.resize(width, self._plate.sizeHint().height())
        self._plate.move((self.width() - width) // 2, TOP)

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

    def _left(self, reason: Qt.FocusReason) -> None:
        """The field has lost the focus: to another widget, unless a menu or another window took it for a while."""
        for_a_while = reason in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        if not for_a_while and self._over.dismiss(give_back=False):
            self.closed.emit()

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
        return QSize(0, text_size.px(_ROW))

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
