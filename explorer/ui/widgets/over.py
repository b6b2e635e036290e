"""A drop-down of the inputs that something is measured over."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

from explorer.core.dataset import Over
from explorer.ui.widgets.frames import Elided

_FOLDER = "folder"


class OverBox(QComboBox):
    """`over_changed` carries an Over, `folder_asked` asks for a folder. The label `folder` names the one that was chosen."""

    over_changed = Signal(object)
    folder_asked = Signal()

    def __init__(self, name: str, tip: str, kinds: Iterable[tuple[str, str]]) -> None:
        """`kinds`: (title, Over.kind) of what can be chosen."""
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        for title, kind in kinds:
            self.addItem(title, kind)
        self.folder = Elided()
        self.folder.setObjectName("dim")
        self.activated.connect(self._choose)

    def _choose(self) -> None:
        if self.currentData() == _FOLDER:
            self.folder_asked.emit()
        else:
            self.over_changed.emit(Over(self.currentData()))

    def set_over(self, over: Over) -> None:
        """What is measured over next; emits nothing."""
        self.setCurrentIndex(self.findData(over.kind))
        self.folder.set_text(over.path)
        self.folder.setVisible(bool(over.path))
