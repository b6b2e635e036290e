"""The classes one beneath the other, as many as can be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.data_sets import DataSet
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.transfer.class_block import ClassBlock
from explorer.ui.widgets.page_frame import paragraph

MOST_BLOCKS = 50


class ClassList(QWidget):
    """`opened` carries the path of a picture, `held` and `dropped` the label of a class; `wanted` says that pictures are missing. A
    class keeps its block while the data set is read again: what is held is held on."""

    opened = Signal(str)
    held = Signal(str)
    let_go = Signal()
    dropped = Signal(str, list)
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blocks: dict[str, ClassBlock] = {}
        self.more = paragraph(True)
        self._folder = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.current().inset)
        self._column.addWidget(self.more)
        self.more.hide()

    def set_data(self, data: DataSet | None, own: bool) -> None:
        """Shows the classes of a data set; of very many only the first."""
        folder, classes = (data.folder, data.classes) if data is not None else ("", ())
        if folder != self._folder:
            self._folder = folder
            self._drop(tuple(self.blocks))
        shown = classes[:MOST_BLOCKS]
        self._drop(tuple(label for label in self.blocks if label not in {each.name for each in shown}))
        tested = {each.name: len(each.pictures) for each in data.test} if data is not None else {}
        for at, each in enumerate(shown):
            block = self.blocks.get(each.name) or self._made(each.name)
            if self._column.indexOf(block) != at:
                self._column.insertWidget(at, block)
            block.set_class(each, own, tested.get(each.name, 0))
        hidden = classes[MOST_BLOCKS:]
        unused = sum(bool(each.reason) for each in hidden)
        words = tr(
            "{count:,} more classes are not shown{unused}",
            count=len(hidden),
            unused=tr(", {unused:,} of which are not used", unused=unused) if unused else "",
        )
        self.more.setText(f"{words}.")
        self.more.setVisible(bool(hidden))

    def _made(self, label: str) -> ClassBlock:
        block = self.blocks[label] = ClassBlock(label)
        block.opened.connect(self.opened)
        block.wanted.connect(self.wanted)
        block.held.connect(partial(self.held.emit, label))
        block.let_go.connect(self.let_go)
        block.dropped.connect(partial(self.dropped.emit, label))
        return block

    def _drop(self, labels: tuple[str, ...]) -> None:
        for label in labels:
            block = self.blocks.pop(label)
            block.hide()
            self._column.removeWidget(block)
            block.deleteLater()

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """Small pictures by path."""
        for block in self.blocks.values():
            block.set_thumbnails(pictures)

    @property
    def missing(self) -> tuple[str, ...]:
        """Pictures in sight that have no small one yet."""
        seen = (block for block in self.blocks.values() if block.missing and not block.visibleRegion().isEmpty())
        return tuple(path for block in seen for path in block.missing)
