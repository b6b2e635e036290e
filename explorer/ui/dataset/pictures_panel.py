"""Middle of the Dataset workspace: the pictures with thumbnails and filters, or the sentences. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QListView, QStackedWidget, QWidget

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.ui.widgets.choice import choice, fill, on_choice
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.page_frame import column_of, paragraph
from explorer.ui.widgets.picture_grid import GridPicture, Index, PictureGrid

_TYPED_MS = 250
SIDE = 72


class _Sentences(QAbstractListModel):
    """Asked for what is in sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items: Sequence[GridPicture] = ()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        return item.tip if role == Qt.ItemDataRole.ToolTipRole else None

    def replace(self, items: Sequence[GridPicture]) -> None:
        self.beginResetModel()
        self.items = items
        self.endResetModel()


class SentenceList(QListView):
    """Lines of text by name. `opened` carries the name of one that was clicked, `jumped` of one that was double-clicked."""

    opened = Signal(str)
    jumped = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._lines = _Sentences(self)
        self.setModel(self._lines)
        self.clicked.connect(partial(self._tell, self.opened))
        self.doubleClicked.connect(partial(self._tell, self.jumped))
        self.activated.connect(partial(self._tell, self.opened))

    def set_sentences(self, items: Sequence[GridPicture]) -> None:
        """`GridPicture.name` is the line."""
        if items is not self._lines.items:
            self._lines.replace(items)

    def _tell(self, signal: SignalInstance, index: QModelIndex) -> None:
        signal.emit(self._lines.items[index.row()].path)


class PicturesPanel(QWidget):
    """`label_chosen` carries a class (None: all), `state_chosen` and `text_chosen` the other filters; `opened` the name of a picture
    that was clicked, `jumped` of one that was double-clicked; `wanted` the names of those in sight without a thumbnail."""

    label_chosen = Signal(object)
    state_chosen = Signal(str)
    text_chosen = Signal(str)
    opened = Signal(str)
    jumped = Signal(str)
    wanted = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = choice(tr("Class"), tr("Inputs of every class, or of one alone"), [(tr("all classes"), None)], 200)
        self.state = choice(
            tr("State"),
            tr("All inputs, or those that are indexed, still to be indexed, or could not be read"),
            [
                (tr("all"), ""),
                (tr("indexed"), tr("done")),
                (tr("waiting"), tr("waiting")),
                (tr("failed"), tr("failed")),
            ],
        )
        self.text = QLineEdit()
        self.text.setPlaceholderText(tr("part of a name"))
        self.text.setAccessibleName(tr("Part of a name"))
        self.text.setToolTip(tr("Inputs whose path has this in it; sentences that hold it"))
        self.text.setClearButtonEnabled(True)
        self.count, self.note = Elided(), paragraph(True)
        self.count.setObjectName("dim")
        self.grid, self.sentences = (
            PictureGrid(tr("Pictures of the data set"), SIDE),
            SentenceList(tr("Sentences of the data set")),
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.grid)
        self.stack.addWidget(self.sentences)
        self.empty, self.filters = paragraph(True), QWidget()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self.filters)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.label, self.state):
            row.addWidget(widget)
        row.addWidget(self.text, 1)
        column = column_of(self, self.filters, self.count, self.note, self.stack, self.empty)
        for at in (3, 4):
            column.setStretch(at, 1)
        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._typed.timeout.connect(self._tell_text)
        self.text.textEdited.connect(self._type)
        on_choice(self.label, self.label_chosen.emit)
        on_choice(self.state, self.state_chosen.emit)
        self.grid.opened.connect(self.opened)
        self.grid.doubleClicked.connect(self._jump)
        self.grid.wanted.connect(self.wanted)
        self.sentences.opened.connect(self.opened)
        self.sentences.jumped.connect(self.jumped)
        self.set_note("")
        self.set_empty("")

    def _type(self, *_: object) -> None:
        self._typed.start()

    def _tell_text(self) -> None:
        self.text_chosen.emit(self.text.text())

    def _jump(self, index: QModelIndex) -> None:
        self.jumped.emit(self.grid.items[index.row()].path)

    # --- setters; they emit nothing ---

    def set_filters(self, labels: Sequence[str], label: str | None, state: str, text: str) -> None:
        """Which classes there are, and what is chosen."""
        fill(self.label, [(tr("all classes"), None), *((name or tr("no class"), name) for name in labels)])
        found = -1 if label is None else self.label.findData(label)
        self.label.setCurrentIndex(max(found, 0))
        self.label.setVisible(len(labels) > 0)
        self.state.setCurrentIndex(max(self.state.findData(state), 0))
        if self.text.text() != text and not self.text.hasFocus():
            self.text.setText(text)

    def show_pictures(self, count: str, pictures: Sequence[GridPicture]) -> None:
        """Those that fit the filters; `count` says how many there are."""
        self.count.set_text(count)
        self.grid.set_pictures(pictures)
        self.stack.setCurrentWidget(self.grid)
        self.grid.ask()

    def show_sentences(self, count: str, sentences: Sequence[GridPicture]) -> None:
        """Those that fit the filters."""
        self.count.set_text(count)
        self.sentences.set_sentences(sentences)
        self.stack.setCurrentWidget(self.sentences)

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """(h, w, 3) uint8 by name."""
        self.grid.set_thumbnails(pictures)

    def set_empty(self, words: str) -> None:
        """There is no index: what to do; "": there is one."""
        self.empty.setText(words)
        self.empty.setVisible(bool(words))
        for widget in (self.filters, self.count, self.stack):
            widget.setVisible(not words)

    def set_note(self, words: str) -> None:
        """What could not be read, or why there is nothing."""
        self.note.setText(words)
        self.note.setVisible(bool(words))
