"""All taps of a model as the tree its modules form, with a line to search it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QRegularExpression, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeView, QVBoxLayout, QWidget

from explorer.core.activations import Kind, Tap
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.widgets import text

_WIDE = 380  # from here on there is room for the shapes; they are in the tooltips too
_NAME = Qt.ItemDataRole.UserRole + 1  # the tap's name, "" for a module that is no tap
_WHOLE = Qt.ItemDataRole.UserRole + 2  # what the search looks at


class ModuleTree(QWidget):
    """`chosen` carries the name of a tap that a person went to. Modules that cannot be observed are grey and say why."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Modules"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search name or type"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("Search modules"))
        self._model = QStandardItemModel(0, 3, self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setRecursiveFilteringEnabled(True)
        self._proxy.setFilterRole(_WHOLE)
        self.view = QTreeView()
        self.view.setModel(self._proxy)
        self.view.setUniformRowHeights(True)  # else 500 rows are measured one by one
        self.view.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.view.setAccessibleName(tr("Module tree"))
        self.view.setIndentation(12)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._items: dict[str, QStandardItem] = {}
        self._rows: list[tuple[Tap, list[QStandardItem]]] = []
        self._quiet = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.view, 1)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._first_match)
        self.view.selectionModel().currentChanged.connect(self._moved)

    # ---- setters

    def set_taps(self, taps: Sequence[Tap]) -> None:
        """Rebuilds the tree. Taps come in execution order and keep it within their parent."""
        self._quiet = True
        self._model.clear()
        self._model.setHorizontalHeaderLabels(["module", "type"])
        self._items, self._rows = {}, []
        branches: dict[str, QStandardItem] = {}
        for tap in sorted(taps, key=_depth):
            inside = tap.path if tap.kind == Kind.FUNCTION else tap.path.rpartition(".")[0]
            parent = self._branch(inside, branches)
            row = _row(tap, tap.name[len(inside) :].lstrip(".") or tap.type)
            parent.appendRow(row)
            self._rows.append((tap, row))
            self._items[tap.name] = row[0]
            if tap.kind != Kind.FUNCTION:
                branches.setdefault(tap.path, row[0])
        # Made here, not asked for by horizontalHeaderItem(): PySide keeps the wrapper of what Qt made after clear() has deleted
        # it, and hands it out again for whatever is made at its address (an entry of a menu: AttributeError, or a crash).
        shape = QStandardItem("shape")
        shape.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._model.setHorizontalHeaderItem(2, shape)
        self._colour()
        header = self.view.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        self.view.setColumnHidden(2, self.width() < _WIDE)
        self.view.expandToDepth(0)
        self._quiet = False

    def set_current(self, name: str) -> None:
        """Marks a tap and brings it into sight; emits nothing."""
        item = self._items.get(name)
        if item is None:
            return
        index = self._proxy.mapFromSource(item.index())
        if index.isValid():
            self._quiet = True
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
            self._quiet = False

    # ---- inside

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.setColumnHidden(2, self.width() < _WIDE)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        scale = theme.current()
        for tap, items in self._rows:
            for item, colour in zip(items, (scale.text, scale.dim, scale.dim), strict=True):
                item.setForeground(QColor(colour if tap.observable else scale.off))

    def _branch(self, path: str, branches: dict[str, QStandardItem]) -> QStandardItem | QStandardItemModel:
        """The item of a module, the model for the top; made up as it goes for modules that are no taps themselves."""
        if path in branches:
            return branches[path]
        if not path:
            return self._model
        above, _, leaf = path.rpartition(".")
        items = [QStandardItem(leaf), QStandardItem(""), QStandardItem("")]
        items[0].setData("", _NAME)
        items[0].setData(path, _WHOLE)
        self._branch(above, branches).appendRow(items)
        branches[path] = items[0]
        return items[0]

    def _filter(self, wanted: str) -> None:
        option = QRegularExpression.PatternOption.CaseInsensitiveOption
        self._proxy.setFilterRegularExpression(QRegularExpression(QRegularExpression.escape(wanted.strip()), option))
        self.view.expandAll() if wanted.strip() else self.view.expandToDepth(0)

    def _first_match(self) -> None:
        index = self._first_tap(QModelIndex(), self.search.text().strip().lower())
        if index is not None:
            self.view.setCurrentIndex(index)
            self.view.setFocus()

    def _first_tap(self, parent: QModelIndex, wanted: str) -> QModelIndex | None:
        for row in range(self._proxy.rowCount(parent)):
            index = self._proxy.index(row, 0, parent)
            if index.data(_NAME) and wanted in str(index.data(_WHOLE)).lower():
                return index
            below = self._first_tap(index, wanted)
            if below is not None:
                return below
        return None

    def _moved(self, current: QModelIndex, _previous: QModelIndex) -> None:
        name = current.siblingAtColumn(0).data(_NAME)
        if name and not self._quiet:
            self.chosen.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)


def _depth(tap: Tap) -> int:
    """Modules before what is inside them."""
    if not tap.path and tap.kind != Kind.FUNCTION:
        return -1
    return tap.path.count(".") + (1 if tap.kind == Kind.FUNCTION and tap.path else 0)


def _row(tap: Tap, label: str) -> list[QStandardItem]:
    items = [QStandardItem(label), QStandardItem(tap.type), QStandardItem(text.shape(tap.shape[1:]))]
    items[0].setData(tap.name, _NAME)
    items[0].setData(f"{tap.name} {tap.type}", _WHOLE)
    items[2].setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    tip = "\n".join(part for part in (tap.name, tap.detail, text.shape(tap.shape[1:]), tap.reason) if part)
    for item in items:
        item.setToolTip(text.tip(tip))
    return items
