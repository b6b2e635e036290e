"""The models that have a name, in their groups, with what is here of their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QShowEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeView, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.engine.models.base import CatalogueEntry, parse_id
from explorer.ui import text_size, theme

_ENTRY = Qt.ItemDataRole.UserRole + 1
_SEARCHED = Qt.ItemDataRole.UserRole + 2
_TITLES = {
    "demo": tr("Demo models"),
    "torchvision": "torchvision",
    "timm": "timm",
    "hf": tr("transformers (hf)"),
    "pt2": tr("Exported programs"),
    "onnx": tr("ONNX models"),
}
_EXTENSIONS = tr("Extensions")
_FILE_WIDTH, _NAME_WIDTH = 130, 250  # px
_LETTERS = 3  # of a search from which names beyond the list are looked for
_WALKS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def group_of(entry: CatalogueEntry) -> str:
    return _TITLES.get(parse_id(entry.id).source, _EXTENSIONS)


def weights_text(entry: CatalogueEntry) -> str:
    """What the last column says."""
    if entry.lacks:
        return tr("not installed")
    if entry.weights is not None:
        return entry.weights.name
    return tr("needs no file") if entry.ready else tr("not here")


class ModelList(QWidget):
    """`current` is the entry that a person went to, None when the search leaves none. The keys of the list work in the search
    line too, which keeps the focus. `more` finds entries for a text beyond those that are listed."""

    moved = Signal()
    activated = Signal()  # double click
    stopped = Signal()  # Enter in the search line

    def __init__(
        self,
        entries: Sequence[CatalogueEntry],
        parent: QWidget | None = None,
        more: Callable[[str], Sequence[CatalogueEntry]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._more = more
        self.search = QLineEdit()
        self.search.setPlaceholderText(
            tr("Type to search a name or a family: also all of timm's, hf:OWNER/NAME, or hf:FOLDER")
            if more is not None and not any(entry.lacks for entry in entries)
            else tr("Type to search a name or a family")
        )
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("Search models"))
        self.search.setAcceptDrops(False)
        self.search.installEventFilter(self)
        self._model = QStandardItemModel(0, 3, self)
        self._model.setHorizontalHeaderLabels([tr("model"), tr("family, good for"), tr("weights")])
        self._proxy = _Filter(self)
        self._proxy.setSourceModel(self._model)
        self.view = QTreeView()
        self._rows: list[list[QStandardItem]] = []
        self._heads: dict[str, QStandardItem] = {}
        self._added: list[QStandardItem] = []  # rows that the search brought, gone with the next letter
        self._known = {entry.id for entry in entries}
        self._fill(entries)
        self._build()

    def _build(self) -> None:
        self.view.setModel(self._proxy)
        self.view.setAccessibleName(tr("Models"))
        self.view.setUniformRowHeights(True)
        self.view.setItemsExpandable(False)
        self.view.setRootIsDecorated(False)
        self.view.setIndentation(12)
        self.view.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.view.setAllColumnsShowFocus(True)
        self.view.expandAll()
        header = self.view.header()
        # what a model is good for gets the room; the name of a file is in its tip, and beside the list
        header.setStretchLastSection(False)
        text_size.hold(self, "set_name_width", _NAME_WIDTH)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(2, _FILE_WIDTH)
        for row in range(self._proxy.rowCount()):
            self.view.setFirstColumnSpanned(row, QModelIndex(), True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.view, 1)
        self._colour()
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self.stopped)
        self.view.selectionModel().currentChanged.connect(self.moved)
        self.view.doubleClicked.connect(self._double_clicked)

    def set_name_width(self, px: int) -> None:
        """Of the column of names; a longer one is in the tip."""
        self.view.header().resizeSection(0, px)

    def _double_clicked(self, index: QModelIndex) -> None:
        if _entry(index):
            self.activated.emit()

    @property
    def current(self) -> CatalogueEntry | None:
        return _entry(self.view.currentIndex())

    def select(self, model_id: str) -> bool:
        """Goes to a model; whether it is in the list."""
        for index in self._indices():
            entry = _entry(index)
            if entry is not None and entry.id == model_id:
                self._go(index)
                return True
        return False

    def look_up(self, model_id: str) -> bool:
        """Goes to a model that is not in the list but can be found; whether it can."""
        if self._more is None or not any(entry.id == model_id for entry in self._more(model_id)):
            return False
        self.search.setText(model_id)
        return self.select(model_id)

    # ---- inside

    def _fill(self, entries: Sequence[CatalogueEntry]) -> None:
        groups: dict[str, list[CatalogueEntry]] = {}
        for entry in entries:
            groups.setdefault(group_of(entry), []).append(entry)
        for title in (*_TITLES.values(), _EXTENSIONS):
            if title not in groups:
                continue
            head = self._add_head(title)
            # what opens now comes first: among eighty names nobody would find it
            for entry in sorted(groups[title], key=lambda entry: not entry.ready):
                row = _row(entry)
                self._rows.append(row)
                head.appendRow(row)

    def _add_head(self, title: str) -> QStandardItem:
        head = self._heads[title] = _head(title)
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self._model.appendRow([head, QStandardItem(), QStandardItem()])
        return head

    def _bring(self, text: str) -> None:
        """Rows for what the list leaves out, in the place of those of the last text."""
        for item in self._added:
            head = item.parent()
            head.removeRow(item.row())
            if not head.rowCount():
                self._model.removeRow(self._heads.pop(head.text()).row())
        del self._rows[len(self._rows) - len(self._added) :]
        self._added.clear()
        if self._more is None or len(text) < _LETTERS:
            return
        for entry in self._more(text):
            title = group_of(entry)
            if entry.id in self._known:
                continue
            if title not in self._heads:
                self._add_head(title).setForeground(QColor(theme.current().dim))
            row = _row(entry)
            self._heads[title].appendRow(row)
            self._rows.append(row)
            self._added.append(row[0])
            _colour(row)

    def _colour(self) -> None:
        for head in self._heads.values():
            head.setForeground(QColor(theme.current().dim))
        for row in self._rows:
            _colour(row)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        super().changeEvent(event)

    def _filter(self, text: str) -> None:
        self._bring(text.strip())
        self._proxy.setFilterFixedString(text.strip())
        self.view.expandAll()
        for row in range(self._proxy.rowCount()):
            self.view.setFirstColumnSpanned(row, QModelIndex(), True)
        if text.strip():
            self._go_to_best(text.strip().lower())

    def _go_to_best(self, text: str) -> None:
        def rank(index: QModelIndex) -> int:
            title = str(index.data()).lower()
            return 0 if title == text else 1 if title.startswith(text) else 2

        found = self._indices()
        if found:
            self._go(min(found, key=rank))

    def _indices(self) -> list[QModelIndex]:
        """Rows that can be chosen, as they stand."""
        heads = [self._proxy.index(row, 0) for row in range(self._proxy.rowCount())]
        return [self._proxy.index(row, 0, head) for head in heads for row in range(self._proxy.rowCount(head))]

    def _go(self, index: QModelIndex) -> None:
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index, QTreeView.ScrollHint.EnsureVisible)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _WALKS:
                self._walk(event.key())
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.view.currentIndex().isValid():
            self.view.scrollTo(self.view.currentIndex(), QTreeView.ScrollHint.PositionAtCenter)

    def _walk(self, key: int) -> None:
        rows = self._indices()
        if not rows:
            return
        here = next((at for at, index in enumerate(rows) if _entry(index) == self.current), None)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}[Qt.Key(key)]
        to = 0 if here is None else min(max(here + step, 0), len(rows) - 1)
        self._go(rows[to])


class _Filter(QSortFilterProxyModel):
    """Rows whose title, id or family holds the text; a group stays while one of its rows does."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setFilterRole(_SEARCHED)
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setRecursiveFilteringEnabled(True)


def _entry(index: QModelIndex) -> CatalogueEntry | None:
    found = index.siblingAtColumn(0).data(_ENTRY) if index.isValid() else None
    return found if isinstance(found, CatalogueEntry) else None


def _colour(row: list[QStandardItem]) -> None:
    scale, entry = theme.current(), row[0].data(_ENTRY)
    first, last = scale.off if entry.lacks else scale.text, scale.text if entry.ready else scale.off
    for item, colour in zip(row, (first, scale.dim, last), strict=True):
        item.setForeground(QColor(colour))


def _head(text: str) -> QStandardItem:
    item = QStandardItem(text)
    font = QFont(item.font())
    font.setBold(True)
    item.setFont(font)
    return item


def _row(entry: CatalogueEntry) -> list[QStandardItem]:
    items = [QStandardItem(text) for text in (entry.title, entry.says or entry.group, weights_text(entry))]
    items[0].setData(entry, _ENTRY)
    items[0].setData(f"{entry.title} {entry.id} {entry.group} {entry.says}", _SEARCHED)
    tip = "\n".join(str(line) for line in (entry.id, entry.says, entry.weights or "") if line)
    for item in items:
        item.setToolTip(tip)
    return items
