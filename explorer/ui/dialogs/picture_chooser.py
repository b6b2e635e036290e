"""Pictures to choose from, as thumbnails with their names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from explorer.ui.dialogs.parts import room_for
from explorer.ui.widgets.picture_grid import GridPicture, PictureGrid

SIDE = 96  # px of a picture


class GalleryDialog(QDialog):
    """After `exec` said yes: `path` of the picture that was chosen."""

    def __init__(self, title: str, items: Sequence[GridPicture], now: str, parent: QWidget | None = None) -> None:
        """`now`: the path of the one that is open."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.path, self._items = "", tuple(items)
        self.search, self.name = QLineEdit(), QLabel()
        self.search.setPlaceholderText("part of a name")
        self.search.setAccessibleName("Part of a name")
        self.grid = PictureGrid(title, SIDE)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        column = QVBoxLayout(self)
        for widget in (self.search, self.grid, self.name, buttons):
            column.addWidget(widget)
        self.search.textChanged.connect(self._find)
        self.grid.opened.connect(self._take)
        self.grid.selectionModel().currentChanged.connect(self._name)
        buttons.rejected.connect(self.reject)
        self._find("")
        at = next((row for row, item in enumerate(self._items) if item.path == now), -1)
        if at >= 0:
            self.grid.setCurrentIndex(self.grid.model().index(at, 0))
        self.resize(QSize(680, 540).boundedTo(room_for(self)))
        self.grid.setFocus()

    def _find(self, part: str) -> None:
        found = [item for item in self._items if part.casefold() in item.name.casefold()]
        self.grid.set_pictures(found)
        self.name.setText(f"{len(found):,} of {len(self._items):,}")

    def _name(self, *_: object) -> None:
        at = self.grid.currentIndex().row()
        if 0 <= at < len(self.grid.items):
            self.name.setText(f"{self.grid.items[at].name}   ({at + 1} of {len(self.grid.items):,})")

    def _take(self, path: str) -> None:
        self.path = path
        self.accept()
