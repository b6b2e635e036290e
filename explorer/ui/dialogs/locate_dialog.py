"""What a session names and is not there: each can be located, what lies beside it is found along; the rest opens without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QTableWidgetItem, QWidget

from explorer.core.session.named_files import FileRole, NamedFile, found_along
from explorer.core.translation import capitalised, tr
from explorer.engine.models.weights.locate import OPENED
from explorer.ui import theme
from explorer.ui.dialogs.parts import PYTHON_FILTER, Dialog, Note, file_table
from explorer.ui.widgets.text import tip

_COLUMNS = (tr("Missing file"), tr("What it is"), tr("Was in"), tr("Now"))
_MOST_ROWS = 8


class LocateDialog(Dialog):
    """`places`: where missing files have been found, by their paths in the session. `exists` says whether a path leads to one."""

    def __init__(
        self, title: str, missing: Sequence[NamedFile], exists: Callable[[str], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Locate missing files"), tr("Open without them"), parent)
        self._missing, self._exists = tuple(missing), exists
        self.places: dict[str, str] = {}
        count = len(self._missing)
        files = tr("1 file") if count == 1 else tr("{count} files", count=count)
        self.body.addWidget(
            Note(
                tr(
                    "{title} needs {files} that cannot be found. Everything else opens without them.",
                    title=title,
                    files=files,
                )
            )
        )
        self.table = file_table(tr("Missing files"), _COLUMNS, wide=(0, 2))
        self.table.setRowCount(count)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.body.addWidget(self.table)
        self.locate = self.add_extra(tr("Locate …"))
        self.locate.setToolTip(tr("Chooses the selected file; others in its folder are found along"))
        self.locate.clicked.connect(self.choose)
        self.table.itemDoubleClicked.connect(lambda _item: self.choose())
        self.setMinimumWidth(760)
        self._show()
        if count:
            self.table.selectRow(0)
        self.locate.setFocus()

    def _show(self) -> None:
        scale = theme.current()
        for row, file in enumerate(self._missing):
            found = self.places.get(file.path, "")
            words = (file.name, tr(file.role.value), file.folder, tr("found") if found else tr("missing"))
            for column, word in enumerate(words):
                item = QTableWidgetItem(word)
                item.setToolTip(tip(f"{file.path}\n→ {found}" if found else file.path))
                item.setForeground(QColor(scale.text if found or column != len(words) - 1 else scale.error))
                self.table.setItem(row, column, item)
        height = self.table.verticalHeader().defaultSectionSize() * min(len(self._missing), _MOST_ROWS)
        self.table.setMinimumHeight(height + self.table.horizontalHeader().sizeHint().height() + 6)
        left = len(self._missing) - len(self.places)
        self.ok.setText(
            tr("Open")
            if not left
            else tr("Open without it")
            if left == 1
            else tr("Open without {left} of them", left=left)
        )
        self.judge("")

    def choose(self) -> None:
        """Asks where the selected file is."""
        row = max(self.table.currentRow(), 0)
        file = self._missing[row]
        title, start = tr("Locate {file}", file=file.name), next(iter(self.places.values()), "")
        folder = str(Path(start).parent) if start else ""
        if file.is_folder:
            path = QFileDialog.getExistingDirectory(self, title, folder)
        else:
            path = QFileDialog.getOpenFileName(self, title, str(Path(folder) / file.name), _filter(file))[0]
        if path:
            self.take(file, path)

    def take(self, file: NamedFile, path: str) -> None:
        """A missing file is there; so is what is found from it."""
        self.places.pop(file.path, None)
        still = [other for other in self._missing if other.path not in self.places]
        self.places.update(found_along(file, path, still, self._exists))
        self._show()
        row = next((at for at, other in enumerate(self._missing) if other.path not in self.places), -1)
        if row >= 0:
            self.table.selectRow(row)
        else:
            self.ok.setFocus()


def _filter(file: NamedFile) -> str:
    every = tr("All files (*)")
    if file.role is FileRole.CODE:
        return PYTHON_FILTER
    if file.role is FileRole.WEIGHTS:
        return tr("Weights ({list});;{every}", list=" ".join(f"*{suffix}" for suffix in OPENED), every=every)
    suffix = Path(file.name).suffix
    return f"{capitalised(tr(file.role.value))} (*{suffix});;{every}" if suffix else every
