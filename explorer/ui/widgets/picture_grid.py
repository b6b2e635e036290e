"""Small pictures in rows, of any number: only those that are seen are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QListView, QWidget

from explorer.core.arrays import Array
from explorer.ui import theme

Index = QModelIndex | QPersistentModelIndex
_KEPT = 2000  # thumbnails


@dataclass(frozen=True, slots=True)
class GridPicture:
    """A picture by its path; `name` is read out, `tip` stands in the tool tip. `of`: what the path belongs to, where grids show pictures of
    several sets whose paths may be alike."""

    path: str
    name: str
    tip: str = ""
    of: str = ""


class _Pictures(QStringListModel):
    """Its rows are counted by Qt itself, which asks twice for every row when it lays out: of rows without text."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.items: Sequence[GridPicture] = ()
        self._rows: dict[str, int] = {}  # of those that were asked for
        self._pixmaps: OrderedDict[tuple[str, str], QPixmap] = OrderedDict()
        self.blank = QPixmap(side, side)
        self.restyle()

    def restyle(self) -> None:
        """Another theme."""
        self.blank.fill(theme.current().control)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self.pixmap(item) or self.blank
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return item.name
        return (item.tip or item.name) if role == Qt.ItemDataRole.ToolTipRole else None

    def pixmap(self, item: GridPicture) -> QPixmap | None:
        return self._pixmaps.get((item.of, item.path))

    def replace(self, items: Sequence[GridPicture]) -> None:
        self.items, self._rows = items, {}
        self.setStringList([""] * len(items))

    def missing(self, first: int, last: int) -> tuple[str, ...]:
        """Paths of those from row to row that have no thumbnail."""
        found = {}
        for row, item in enumerate(self.items[first:last], first):
            if (item.of, item.path) in self._pixmaps:
                self._pixmaps.move_to_end((item.of, item.path))
            else:
                found[item.path] = row
        self._rows |= found
        return tuple(found)

    def put(self, path: str, picture: QPixmap) -> None:
        row = self._rows.get(path)
        if row is not None:
            self._pixmaps[self.items[row].of, path] = picture
            while len(self._pixmaps) > _KEPT:
                self._pixmaps.popitem(last=False)
            at = self.index(row)
            self.dataChanged.emit(at, at, [Qt.ItemDataRole.DecorationRole])


class PictureGrid(QListView):
    """`opened` carries the path of a picture that was clicked or chosen with Return; `wanted` the paths of pictures that are seen and have
    no thumbnail yet."""

    opened = Signal(str)
    wanted = Signal(tuple)

    def __init__(self, name: str, side: int = 64, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("grid")
        self.setAccessibleName(name)
        self._pictures = _Pictures(side)
        self.setModel(self._pictures)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(side, side))
        self.setGridSize(QSize(side + 6, side + 6))
        self.clicked.connect(self._open)
        self.activated.connect(self._open)
        self.verticalScrollBar().valueChanged.connect(self.ask)

    def set_pictures(self, items: Sequence[GridPicture]) -> None:
        """Shows these, which may be read when they are looked at; thumbnails that are there already stay."""
        if items is not self._pictures.items and items != self._pictures.items:
            self._pictures.replace(items)
            self.ask()

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """(h, w, 3) uint8 by path; larger ones than the grid's are drawn smaller."""
        for path, pixels in pictures.items():
            high, wide = pixels.shape[:2]
            image = QImage(pixels.tobytes(), wide, high, 3 * wide, QImage.Format.Format_RGB888)
            image.setDevicePixelRatio(max(max(high, wide) / self.iconSize().width(), 1.0))
            self._pictures.put(path, QPixmap.fromImage(image))

    @property
    def items(self) -> Sequence[GridPicture]:
        """What is shown."""
        return self._pictures.items

    @property
    def named_pictures(self) -> tuple[tuple[str, Array | None], ...]:
        """What is in sight by name, (h, w, 3) uint8 as it is drawn; None while it has not come."""
        seen = self.items[slice(*self._in_sight(1))]
        return tuple((item.name, _pixels_of(self._pictures.pixmap(item))) for item in seen)

    def _in_sight(self, screens: int) -> tuple[int, int]:
        """Items of so many screenfuls, from … to."""
        grid, view, top = self.gridSize(), self.viewport().rect(), self.verticalScrollBar().value()
        across = max(view.width() // grid.width(), 1)
        return top // grid.height() * across, ((top + screens * view.height()) // grid.height() + 1) * across

    def ask(self, *_: object) -> None:
        """Says which thumbnails are missing of what is seen."""
        if not self.isVisible():
            return
        missing = self._pictures.missing(*self._in_sight(2))  # and the next screenful
        if missing:
            self.wanted.emit(missing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.ask()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_pictures"):
            self._pictures.restyle()
            self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._pictures.items[index.row()].path)


def _pixels_of(picture: QPixmap | None) -> Array | None:
    if picture is None or picture.isNull():
        return None
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
