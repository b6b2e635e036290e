"""The Compare workspace: what links the columns above, the columns beneath. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.core.compare import MOST, Comparison, Link, Shared
from explorer.ui import theme
from explorer.ui.compare.column import ColumnPanel
from explorer.ui.widgets.choice import choice


class CompareWorkspace(QWidget):
    """`linked` carries a Link, `scaled` a Shared; `added` asks for one more column."""

    linked = Signal(object)
    scaled = Signal(object)
    added = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        links = [(f"Link  {link.value}", link) for link in Link]
        self.link = choice(
            "Link", "Which layers of the columns go together. Choosing one forgets the offsets", list(links)
        )
        scales = [(f"Scale  {scale.value}", scale) for scale in Shared]
        self.scale = choice("Scale", "Which values the colours of the columns run between", list(scales))
        self.add = QPushButton("+ Column")
        self.add.setToolTip("The last column once more")
        self.cursor = QLabel()
        self.cursor.setObjectName("dim")
        self.cursor.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.columns = QHBoxLayout()
        self.columns.setSpacing(theme.current().space)
        self._build()
        # Qt keeps the text of an enumeration and forgets which one it was
        self.link.activated.connect(lambda: self.linked.emit(Link(self.link.currentData())))
        self.scale.activated.connect(lambda: self.scaled.emit(Shared(self.scale.currentData())))
        self.add.clicked.connect(self.added)

    def _build(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(theme.current().space)
        for widget in (self.link, self.scale, self.add):
            bar.addWidget(widget)
        bar.addWidget(self.cursor, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space)
        column.addLayout(bar)
        column.addLayout(self.columns, 1)
        self.link.setMaximumWidth(220)
        self.scale.setMaximumWidth(220)

    def place(self, panels: Sequence[ColumnPanel]) -> None:
        """These columns in this order, all as wide."""
        for panel in panels:
            self.columns.removeWidget(panel)
        for panel in panels:
            self.columns.addWidget(panel, 1)
            panel.show()

    def show_comparison(self, comparison: Comparison) -> None:
        """The controls as the document says; emits nothing."""
        self.link.setCurrentIndex(self.link.findData(comparison.link))
        self.scale.setCurrentIndex(self.scale.findData(comparison.scale))
        self.add.setVisible(len(comparison.columns) < MOST)
