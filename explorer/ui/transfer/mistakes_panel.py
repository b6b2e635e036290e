"""Right in the Transfer workspace: what is taken for what, and the pictures of a cell. Passive: setters in, signals out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from explorer.core.arrays import Array
from explorer.core.geometry.cells import Cell
from explorer.core.probe import Confusion
from explorer.core.translation import tr
from explorer.ui.graphics.confusion_panel import ConfusionPanel
from explorer.ui.widgets import text
from explorer.ui.widgets.figure_request import FigureButton
from explorer.ui.widgets.frames import Elided, Frame
from explorer.ui.widgets.nesting import nest
from explorer.ui.widgets.page_frame import paragraph
from explorer.ui.widgets.picture_grid import GridPicture, PictureGrid


class MistakesPanel(Frame):
    """`chosen` carries (class, taken for) by name, `drawn` the number of a draw, `opened` the path of a picture, `wanted` the paths of
    those whose thumbnails are missing."""

    chosen = Signal(str, str)
    drawn = Signal(int)
    opened = Signal(str)
    wanted = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.section(tr("Confusions"), FigureButton(small=True))
        self.about, self.matrix, self.recall = Elided(), ConfusionPanel(), paragraph(True)
        self.draw, self._draw_name = QSpinBox(), QLabel(tr("Draw"))
        self.draw.setAccessibleName(tr("Draw"))
        self.draw.setToolTip(tr("Which draw of the pictures to learn from the matrix is of"))
        self.cell = paragraph()
        self.grid = PictureGrid(tr("Pictures of the selected cell"))
        line = QHBoxLayout()
        line.addWidget(self.about, 1)
        line.addWidget(self._draw_name)
        line.addWidget(self.draw)
        nest(self.body, line)
        self.add(self.matrix, 3)
        for widget in (self.recall, self.cell):
            self.add(widget)
        self.add(self.grid, 2)
        self._labels: tuple[str, ...] = ()
        self.matrix.chosen.connect(self._choose)
        self.draw.valueChanged.connect(self._drawn)
        self.grid.opened.connect(self.opened)
        self.grid.wanted.connect(self.wanted)
        self.show_confusion(None, "", 0, 0)
        self.show_pictures("", ())

    def _choose(self, row: int, column: int) -> None:
        self.chosen.emit(self._labels[row], self._labels[column])

    def _drawn(self, number: int) -> None:
        self.drawn.emit(number - 1)

    def show_confusion(self, found: Confusion | None, about: str, number: int, draws: int) -> None:
        """A matrix of one of so many draws; `about` says whose. Emits nothing."""
        self._labels = found.labels if found is not None else ()
        self.matrix.set_confusion(found)
        self.about.set_text(about)
        self.draw.blockSignals(True)
        self.draw.setRange(1, max(draws, 1))
        self.draw.setSuffix(tr(" of {draws}", draws=draws))
        self.draw.setValue(number + 1)
        self.draw.blockSignals(False)
        for widget in (self.draw, self._draw_name):
            widget.setVisible(draws > 1)
        self.recall.setText(_lowest(found))
        self.recall.setVisible(found is not None)

    def show_cell(self, cell: Cell | None) -> None:
        """Frames a cell."""
        self.matrix.set_current(cell)

    def show_pictures(self, words: str, pictures: Sequence[GridPicture]) -> None:
        """Those of the framed cell; `words` says what they are."""
        self.cell.setText(words)
        self.grid.set_pictures(pictures)
        self.grid.setVisible(bool(pictures))

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """(h, w, 3) uint8 by path."""
        self.grid.set_thumbnails(pictures)


def _lowest(found: Confusion | None) -> str:
    """The class that is recognised least often, with the interval of so few pictures."""
    recalls = [(r, low, high, n) for n, (r, low, high) in enumerate(found.recalls) if r == r] if found else []
    if not recalls or found is None:
        return ""
    share, low, high, number = min(recalls)
    return tr(
        "Lowest recall: {labels}, {share} ({low} to {high}). Click a cell for its pictures.",
        labels=found.labels[number],
        share=text.percent(share),
        low=text.percent(low),
        high=text.percent(high),
    )
