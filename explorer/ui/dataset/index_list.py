"""Left in the Dataset workspace, beneath: the indexes that are there. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QWidget

from explorer.core.translation import tr
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph
from explorer.ui.widgets.text import tip

_SURE_MS = 4000
_STORE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class ListedIndex:
    """`title` and `about` are two lines; `whole` stands in the tool tip. `fixed`: it comes with the program."""

    store: str
    title: str
    about: str
    whole: str = ""
    fixed: bool = False


class _List(QListWidget):
    deleted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


class IndexList(Frame):
    """`chosen` carries the file of an index that was clicked or walked to, `removed` of one that is to be deleted (asked twice),
    `add_asked` asks for a file that lies elsewhere, `moved_asked` where the data of the shown index lies now."""

    chosen = Signal(str)
    removed = Signal(str)
    add_asked = Signal()
    moved_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Indexes"), parent)
        self.list, self.none = _List(), paragraph(True)
        self.list.setAccessibleName(tr("Indexes"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.none.setText(tr("There is no index yet."))
        self.remove, self.add_file = QPushButton(tr("Remove")), QPushButton(tr("Open a file …"))
        self.add_file.setToolTip(tr("An index that was made with --store, or on another machine"))
        self._sure = QTimer(self, singleShot=True, interval=_SURE_MS)
        self._sure.timeout.connect(self._calm)
        self.moved = QPushButton(tr("Folder has moved …"))
        self.moved.setToolTip(tr("Says where the data of this index lies now"))
        row = QHBoxLayout()
        row.addWidget(self.remove)
        row.addWidget(self.add_file)
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.add(self.none, 1)
        self.add(self.list, 1)
        nest(self.body, row)
        self.add(self.moved)
        self.list.currentItemChanged.connect(self._walked)
        self.list.deleted.connect(self._ask)
        self.remove.clicked.connect(self._ask)
        self.add_file.clicked.connect(self.add_asked)
        self.moved.clicked.connect(self.moved_asked)
        self.set_indexes((), "", ())

    def set_indexes(self, indexes: Sequence[ListedIndex], current: str, unread: Sequence[tuple[str, str]] = ()) -> None:
        """All of them, and which is shown; `unread`: (file, why) of damaged ones. Emits nothing."""
        self.list.blockSignals(True)
        self.list.clear()
        for each in indexes:
            item = QListWidgetItem(f"{each.title}\n{each.about}")
            item.setData(_STORE, each.store)
            item.setToolTip(tip(each.whole or each.store))
            self.list.addItem(item)
            if each.store == current:
                self.list.setCurrentItem(item)
        for store, why in unread:
            item = QListWidgetItem(tr("{name}\ncannot be read", name=PurePath(store).name))
            item.setData(_STORE, store)
            item.setToolTip(tip(why))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.moved.setEnabled(bool(current))
        self._fixed = {each.store for each in indexes if each.fixed}
        self.none.setVisible(not self.list.count())
        self.list.setVisible(bool(self.list.count()))
        self._calm()

    @property
    def _current(self) -> str:
        item = self.list.currentItem()
        return str(item.data(_STORE)) if item is not None else ""

    def _walked(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        self._calm()
        if item is not None:
            self.chosen.emit(str(item.data(_STORE)))

    def _calm(self) -> None:
        self._sure.stop()
        self.remove.setText(tr("Remove"))
        fixed = self._current in self._fixed
        self.remove.setEnabled(bool(self._current) and not fixed)
        self.remove.setToolTip(
            tr("It comes with the program") if fixed else tr("Deletes the index, not the data  ( Delete )")
        )

    def _ask(self) -> None:
        """The first time it asks."""
        if not self.remove.isEnabled():
            return
        if self._sure.isActive():
            store = self._current
            self._calm()
            self.removed.emit(store)
        else:
            self.remove.setText(tr("Really remove?"))
            self._sure.start()
