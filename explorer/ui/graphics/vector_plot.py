"""A vector activation: thousands of entries as bars, by index or by size."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.ui import text_size
from explorer.ui.graphics.bar_plot import BarPlot
from explorer.ui.widgets import text
from explorer.ui.widgets.nesting import nest

TOP = 20  # classes that are listed by name
_WIDE = 210  # px


class VectorPlot(QWidget):
    """Bars with a switch between order of index and order of value (largest first). Signals carry an index."""

    hovered = Signal(int)
    left = Signal()
    selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Vector"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._values: Array = np.zeros(0)
        self._labels: tuple[str, ...] = ()
        self._order: Array = np.zeros(0, np.int64)
        self._at: int | None = None
        self.sort = QCheckBox(tr("largest first"))
        self._note = QLabel()
        self._note.setObjectName("dim")
        self.bars = BarPlot(tr("Vector values"), tr("This layer has no values yet."), what="entry")
        self.top = QListWidget()
        self.top.setAccessibleName(tr("Largest classes"))
        text_size.hold(self.top, "setFixedWidth", _WIDE)
        self.top.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.top.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.top.hide()
        top = QHBoxLayout()
        top.addWidget(self._note, 1)
        top.addWidget(self.sort)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        nest(column, top)
        row = QHBoxLayout()
        row.addWidget(self.bars, 1)
        row.addWidget(self.top)
        nest(column, row, 1)
        self.top.itemClicked.connect(self._pick)
        self.top.itemActivated.connect(self._pick)
        self.sort.toggled.connect(self._show)
        self.bars.hovered.connect(self.hovered)
        self.bars.left.connect(self.left)
        self.bars.selected.connect(self._chosen)

    def set_values(self, values: Array, labels: tuple[str, ...] = (), selected: int | None = None) -> None:
        """(C,) values; labels by index (class names), () when there are none."""
        self._values, self._labels, self._at = values, labels, selected
        bad = int(values.size - np.count_nonzero(np.isfinite(values)))
        self._note.setText(
            tr("vector of {size} entries{bad}", size=values.size, bad=tr(", {bad} not finite", bad=bad) if bad else "")
        )
        self._show()
        self._list_top()

    def set_selected(self, index: int | None) -> None:
        self._at = index
        self.bars.set_selected(index)
        self._mark_top()

    def _list_top(self) -> None:
        """Classes by name, the largest first: at most the first twenty of them."""
        self.top.setVisible(bool(self._labels))
        self.top.clear()
        if not self._labels:
            return
        shown = np.argsort(-self._values, kind="stable")[:TOP]
        for index in map(int, shown):
            value = text.number(float(self._values[index]), 4)
            item = QListWidgetItem(f"{value}   {self._labels[index]}")
            item.setData(Qt.ItemDataRole.UserRole, index)
            item.setToolTip(
                text.tip(tr("entry {index}: {labels}, {value}", index=index, labels=self._labels[index], value=value))
            )
            self.top.addItem(item)
        few = len(shown) == len(self._values)
        self.top.setToolTip(
            tr("All classes, the largest first")
            if few
            else tr("The {top} largest of {count}", top=TOP, count=len(self._values))
        )
        self._mark_top()

    def _mark_top(self) -> None:
        rows = range(self.top.count())
        at = next((row for row in rows if self.top.item(row).data(Qt.ItemDataRole.UserRole) == self._at), -1)
        self.top.setCurrentRow(at)

    def _pick(self, item: QListWidgetItem) -> None:
        index = int(item.data(Qt.ItemDataRole.UserRole))
        self.set_selected(index)
        self._chosen(index)

    def clear(self, message: str) -> None:
        self._values = np.zeros(0)
        self._note.clear()
        self.top.hide()
        self.bars.clear(message)

    def _show(self) -> None:
        largest = np.argsort(-self._values, kind="stable") if self.sort.isChecked() else np.arange(len(self._values))
        self._order = largest
        self.bars.set_values(self._values, self._labels, largest)
        if self.bars.bottom_axis is not None:
            self.bars.bottom_axis.set_title(tr("rank") if self.sort.isChecked() else tr("entry"))
        self.bars.set_selected(self._at)

    def _chosen(self, index: int) -> None:
        self._at = index
        self.selected.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not len(self._order):
            super().keyPressEvent(event)
            return
        found = np.flatnonzero(self._order == self._at)
        wanted = min(max(int(found[0]) + step, 0), len(self._order) - 1) if found.size else 0
        self.set_selected(int(self._order[wanted]))
        self._chosen(int(self._order[wanted]))
