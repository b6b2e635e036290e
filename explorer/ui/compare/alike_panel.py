"""Between the columns: how alike their layers are, as a matrix that leads there, the most similar channel, and what was
measured of the models. Passive."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy

from explorer.core.dataset import Over
from explorer.ui import theme
from explorer.ui.compare.figures_table import FiguresSection
from explorer.ui.compare.partner_section import PartnerSection
from explorer.ui.graphics.matrix_panel import MatrixPanel
from explorer.ui.widgets.choice import on_choice
from explorer.ui.widgets.frames import Elided, Frame
from explorer.ui.widgets.over import OverBox
from explorer.ui.widgets.page_frame import paragraph

_OVER = "The pictures given to both models: the sample gallery or a folder; at least 4, and 32 for reliable values"
_START = "Runs both models on these pictures and compares all their layers"
_TIP = (
    "Debiased linear CKA of every layer of A with every layer of the other model, on channel means: 0 (nothing in "
    "common) to 1 (the same up to rotation and scale). The white line is the best monotonic path. A layer "
    "that is not compared itself, such as a ReLU, is represented by the one before it: “conv1 +1”."
)


class AlikePanel(Frame):
    """`started` starts or stops the comparison, `against` carries the key of the column that the first is compared with."""

    started = Signal()
    against = Signal(int)

    def __init__(self) -> None:
        super().__init__("")
        self.section("Layer similarity (CKA)").setToolTip(_TIP)
        self.other = QComboBox()
        self.other.setAccessibleName("Compared with")
        self.other.setToolTip("The column whose layers run across; those of column A run down")
        self.over = OverBox("Pictures to compare on", _OVER, (("sample gallery", "gallery"), ("a folder …", "folder")))
        self.start = QPushButton("Start")
        self.start.setToolTip(_START)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Pictures compared")
        self.matrix = MatrixPanel()
        self.value, self.row, self.column = QLabel(), _dim(Elided()), _dim(Elided())
        bold = QFont(self.value.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.value.setFont(bold)
        self.value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.status = paragraph(True)
        self.partners, self.figures = PartnerSection(), FiguresSection()
        self._lay_out()
        self._connect()
        self.over.set_over(Over("gallery"))
        self.set_running(False)
        self.set_status("")

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(theme.current().tight)
        line.addWidget(self.over, 1)
        line.addWidget(self.start)
        self.body.addLayout(line)
        for widget in (self.other, self.over.folder, self.progress):
            self.add(widget)
        self.add(self.matrix, 1)
        names = theme.current().tight // 2
        for label in (self.value, self.row, self.column):
            self.add(label)
            self.body.addSpacing(-names)
        self.add(self.status)
        self.add(self.partners)
        self.add(self.figures)

    def _connect(self) -> None:
        on_choice(self.other, self.against.emit)
        self.start.clicked.connect(self.started)

    # --- setters

    def set_others(self, others: Sequence[tuple[int, str]], current: int) -> None:
        """(key, name) of the columns that A can be compared with."""
        now = [(self.other.itemData(i), self.other.itemText(i)) for i in range(self.other.count())]
        titled = [(key, f"A against {name}") for key, name in others]
        if now != titled:
            self.other.clear()
            for key, title in titled:
                self.other.addItem(title, key)
        self.other.setCurrentIndex(self.other.findData(current))
        self.other.setVisible(len(others) > 1)

    def set_startable(self, why_not: str) -> None:
        """Whether there is something to compare; `why_not` is said in place."""
        self.start.setEnabled(not why_not)
        self.start.setToolTip(why_not or _START)
        if why_not:
            self.set_status(why_not)

    def set_running(self, running: bool, fraction: float = 0.0) -> None:
        """Whether the pictures are going through, and how far that is."""
        self.start.setText("Cancel" if running else "Start")
        self.progress.setVisible(running)
        self.progress.setRange(0, 100)
        self.progress.setValue(round(100 * fraction))

    def set_status(self, words: str, more: str = "") -> None:
        """What the matrix is worth, what went wrong, what to do next; `more` when it is pointed at."""
        self.status.setText(words)
        self.status.setToolTip(more)
        self.status.setVisible(bool(words))

    def show_pair(self, value: str, row: str, column: str) -> None:
        """What is told of one cell of the matrix."""
        self.value.setText(value)
        self.matrix.setAccessibleDescription(f"{value}  {row}  {column}".strip())
        self.row.set_text(row)
        self.column.set_text(column)


def _dim(label: Elided) -> Elided:
    label.setObjectName("dim")
    return label
