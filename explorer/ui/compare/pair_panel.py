"""Between the columns: what is computed of two of them, over which pictures, and what was measured of the models. Passive."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.pairs import PairParams
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.compare.figures_table import FiguresSection
from explorer.ui.widgets.choice import ElidedComboBox, on_choice
from explorer.ui.widgets.forms import ParamsForm
from explorer.ui.widgets.frames import Frame
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.text import shortened


class PairPanel(Frame):
    """`against` carries the key of the column that the first is compared with; `inputs` are those of all methods."""

    against = Signal(int)

    def __init__(self) -> None:
        super().__init__("")
        self.other = ElidedComboBox()
        self.other.setAccessibleName(tr("Compared with"))
        self.other.setToolTip(tr("The second of the two columns that are compared; the first is column A"))
        self.inputs = ParamsForm(PairParams)
        self.figures = FiguresSection()
        self._parts = QVBoxLayout()
        self._parts.setSpacing(theme.current().space)
        self.add(self.other)
        self.add(self.inputs)
        nest(self.body, self._parts, 1)
        self.add(self.figures)
        on_choice(self.other, self.against.emit)

    def add_part(self, view: QWidget) -> None:
        """The view of one more method."""
        self._parts.addWidget(view)

    def set_others(self, others: Sequence[tuple[int, str]], current: int) -> None:
        """(key, name) of the columns that A can be compared with."""
        now = [(self.other.itemData(i), self.other.itemText(i)) for i in range(self.other.count())]
        titled = [(key, tr("A against {name}", name=shortened(name, 14))) for key, name in others]
        if now != titled:
            self.other.clear()
            for key, title in titled:
                self.other.addItem(title, key)
        self.other.setCurrentIndex(self.other.findData(current))
        self.other.setVisible(len(others) > 1)
