"""Middle of the Dataset workspace: pictures in the plane of their features, and those inside the lasso. Passive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QWidget

from explorer.core.arrays import Array
from explorer.core.geometry.polygons import Polygon
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.scatter_plot import ScatterPlot, mark_of
from explorer.ui.widgets.choice import choice, fill, on_choice
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.page_frame import column_of, paragraph
from explorer.ui.widgets.picture_grid import GridPicture, PictureGrid

_EMPTY = tr("No features are kept: make an index with Features.")


class ScatterPanel(QWidget):
    """`tap_chosen` carries a layer with features, `opened` and `jumped` the name of a picture, `chosen` the place of a point, `lassoed` a
    polygon, `wanted` the names of pictures without a thumbnail."""

    tap_chosen = Signal(str)
    chosen = Signal(int)
    opened = Signal(str)
    jumped = Signal(str)
    lassoed = Signal(tuple)
    wanted = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tap = choice(tr("Features of"), tr("The layer whose pooled features are drawn"), [], 240)
        self.about, self.names, self.note = Elided(), QLabel(), paragraph(True)
        self.about.setObjectName("dim")
        self.names.setTextFormat(Qt.TextFormat.RichText)
        self.names.setWordWrap(True)
        self.plot = ScatterPlot(tr("Inputs by their features"), _EMPTY)
        self.plot.setToolTip(tr("Drag: a lasso. Click: one of them. Esc: no lasso. Ctrl + wheel: zoom"))
        self.inside, self.clear = Elided(), QPushButton(tr("Clear lasso"))
        self.clear.setToolTip(tr("Nothing is selected any more  ( Esc )"))
        self.grid = PictureGrid(tr("Inputs inside the lasso"))
        self.grid.setMinimumHeight(self.grid.gridSize().height() + 2 * self.grid.frameWidth())  # a whole row
        row, line, beneath = QHBoxLayout(), QHBoxLayout(), QWidget()
        row.addWidget(self.tap)
        row.addWidget(self.about, 1)
        line.addWidget(self.inside, 1)
        line.addWidget(self.clear)
        column_of(beneath, line, self.grid).setStretch(1, 1)
        self.beneath = beneath
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.plot)
        self.split.addWidget(beneath)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 1)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(theme.current().space)
        column_of(self, row, self.names, self.note, self.split).setStretch(3, 1)
        on_choice(self.tap, self.tap_chosen.emit)
        self.plot.chosen.connect(self.chosen)
        self.plot.lassoed.connect(self.lassoed)
        self.clear.clicked.connect(self._clear)
        self.grid.opened.connect(self.opened)
        self.grid.doubleClicked.connect(self._jump)
        self.grid.wanted.connect(self.wanted)
        self._points = 0
        self._labels: tuple[str, ...] = ()
        self._unlabelled = False
        self.set_note("")
        self.show_inside("", ())

    def _clear(self) -> None:
        self.lassoed.emit(())

    def _jump(self, index: QModelIndex) -> None:
        self.jumped.emit(self.grid.items[index.row()].path)

    # --- setters; they emit nothing ---

    def set_taps(self, names: Sequence[str], current: str) -> None:
        """The layers with features, and which is shown."""
        fill(self.tap, [(name, name) for name in names])
        self.tap.setCurrentIndex(self.tap.findData(current))
        self.tap.setEnabled(len(names) > 1)

    def show_points(
        self, points: Array, groups: Sequence[int], say: Callable[[int], str], about: str, labels: Sequence[str]
    ) -> None:
        """As `ScatterPlot.set_points`; `labels` are the classes by their numbers."""
        self._points = len(points)
        self.plot.set_points(points, groups, say)
        self.about.set_text(about)
        self._labels, self._unlabelled = tuple(labels), min(groups, default=0) < 0
        self._write()

    def _write(self) -> None:
        """What the marks stand for."""
        labels = self._labels
        marks = [(*mark_of(number), _plain(label)) for number, label in enumerate(labels)]
        if labels and self._unlabelled:
            marks.insert(0, (theme.current().dim, "●", _plain("")))
        shown = [f'<span style="color:{colour}">{sign}</span>&nbsp;{label}' for colour, sign, label in marks]
        more = tr(" and {count} more", count=len(marks) - 24) if len(marks) > 24 else ""
        self.names.setText("&nbsp; ".join(shown[:24]) + more)
        self.names.setVisible(bool(labels))

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name: another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_labels"):
            self._write()

    def show_chosen(self, place: int) -> None:
        """Rings the chosen picture's point."""
        self.plot.set_chosen(place)

    def show_lasso(self, polygon: Polygon) -> None:
        """The polygon that is drawn."""
        self.plot.set_lasso(polygon)

    def show_inside(self, words: str, pictures: Sequence[GridPicture]) -> None:
        """Pictures inside the lasso."""
        self.inside.set_text(words, at_end=True)
        self.grid.set_pictures(pictures)
        if self.beneath.isHidden() is bool(words):
            self.beneath.setVisible(bool(words))
            # at once, else all points are painted for the size that the plot had
            QCoreApplication.sendEvent(self.split, QEvent(QEvent.Type.LayoutRequest))
            self.plot.scene().prepareForPaint()
        self.grid.ask()

    def set_thumbnails(self, pictures: Mapping[str, Array]) -> None:
        """(h, w, 3) uint8 by name."""
        self.grid.set_thumbnails(pictures)

    def set_note(self, words: str) -> None:
        """Why there is nothing, in the middle of the plot where that is empty; "": there is no such reason."""
        self.plot.set_empty(words or _EMPTY)
        self.note.setText(words)
        self.note.setVisible(bool(words) and self._points > 0)


def _plain(label: str) -> str:
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(" ", "&nbsp;") or tr("no&nbsp;class")
