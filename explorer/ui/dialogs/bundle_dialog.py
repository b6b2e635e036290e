"""What a session bundle will hold, with sizes; weights by choice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidgetItem, QWidget

from explorer.core.byte_words import byte_words
from explorer.core.session.bundle_manifest import LeftOut
from explorer.core.session.bundle_requests import BundleContents, BundleGroup
from explorer.core.translation import tr
from explorer.ui.dialogs.parts import Dialog, Note, file_table
from explorer.ui.widgets.text import tip

_COLUMNS = (tr("In the bundle"), tr("What it is"), tr("Size"))
_ABOUT = tr(
    "One file with the session, its inputs and its models. It opens on another computer; every entry carries its SHA-256. "
    "Videos are in it as the frames that are used, data sets and indexes are not."
)
_MOST_ROWS, _MOST_LEFT = 9, 4


class BundleDialog(Dialog):
    """`left` holds the paths of what a person does not want in it. Without contents it says what is being done."""

    def __init__(self, parent: QWidget | None = None, leave: Sequence[str] = ()) -> None:
        super().__init__(tr("Save with pictures"), tr("Save …"), parent)
        self._contents: BundleContents | None = None
        self._leave = set(leave)
        self.body.addWidget(Note(_ABOUT))
        self.table = file_table(tr("Files of the bundle"), _COLUMNS, wide=(0,), numbers=(2,))
        self.body.addWidget(self.table)
        self.rest = Note()
        self.body.addWidget(self.rest)
        self.table.itemChanged.connect(self._ticked)
        self.setMinimumWidth(700)
        self.say(tr("Looking for the files of the session …"))

    def say(self, words: str, wrong: bool = False) -> None:
        """What is being done, or why nothing can be."""
        self.judge(words, wrong)

    @property
    def chosen(self) -> BundleContents | None:
        """The contents without what was left out."""
        return None if self._contents is None else self._contents.without(self.left)

    @property
    def left(self) -> set[str]:
        """Paths of what is not wanted in it."""
        groups = self._contents.groups if self._contents is not None else ()
        return {group.path for group in groups if group.optional and group.path in self._leave}

    def show_contents(self, contents: BundleContents) -> None:
        """What there is."""
        self._contents = contents
        self.table.blockSignals(True)
        self.table.setRowCount(len(contents.groups) + 1)
        first = QTableWidgetItem("session")
        first.setToolTip(tr("Models, layers, edits, pages, parameters, columns of Compare"))
        self._row(0, first, tr("what is open and set"), "")
        for row, group in enumerate(contents.groups, 1):
            self._row(row, self._item(group), _what(group), byte_words(group.size))
        self.table.blockSignals(False)
        height = self.table.verticalHeader().defaultSectionSize() * min(self.table.rowCount(), _MOST_ROWS)
        self.table.setMinimumHeight(height + self.table.horizontalHeader().sizeHint().height() + 6)
        self.rest.setText(_said(contents.left_out))
        self.rest.setVisible(bool(contents.left_out))
        self._total()

    def _row(self, row: int, first: QTableWidgetItem, what: str, size: str) -> None:
        last = QTableWidgetItem(size)
        last.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, item in enumerate((first, QTableWidgetItem(what), last)):
            self.table.setItem(row, column, item)

    def _item(self, group: BundleGroup) -> QTableWidgetItem:
        item = QTableWidgetItem(group.title)
        item.setToolTip(tip("\n".join(part for part in (group.path, group.note) if part)))
        if group.optional:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            kept = group.path not in self._leave
            item.setCheckState(Qt.CheckState.Checked if kept else Qt.CheckState.Unchecked)
        return item

    def _ticked(self, item: QTableWidgetItem) -> None:
        if self._contents is None or item.column() or not item.row():
            return
        path = self._contents.groups[item.row() - 1].path
        kept = item.checkState() is Qt.CheckState.Checked
        self._leave = self._leave - {path} if kept else self._leave | {path}
        self._total()

    def _total(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.judge("")
            left = tr(" without the weights that are not ticked") if self.left else ""
            self.problem.say(f"{byte_words(chosen.size)}{left}")


def _what(group: BundleGroup) -> str:
    words = tr(group.role.value)
    return f"{words}, {group.note}" if group.note else words


def _said(left: Sequence[LeftOut]) -> str:
    lines = [tr("Not in it: {what} ({why}).", what=each.what, why=each.why) for each in left[:_MOST_LEFT]]
    more = len(left) - _MOST_LEFT
    return "\n".join([*lines, *([tr("and {more} more.", more=more)] if more > 0 else [])])
