"""A layer painted on the picture it saw: one colour a cell, over the pixels that the cells stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsRectItem, QLabel, QWidget

from explorer.core.arrays import Array
from explorer.core.boxes import Box
from explorer.core.figure.figure_parts import PicturePart
from explorer.core.geometry.cells import Cell
from explorer.core.render.display_image import displayable
from explorer.core.translation import tr
from explorer.ui.graphics.cell_pointer import CellGrid, CellPointer
from explorer.ui.graphics.image_panel import rect_of
from explorer.ui.graphics.items import ClipItem, FrameItem
from explorer.ui.graphics.over_bar import OverBar
from explorer.ui.graphics.panel import ARROWS, Panel
from explorer.ui.graphics.picture_item import PictureItem, flattened
from explorer.ui.widgets import text

_DIM = 130  # of 255: the picture where it has no cells
_VARIANCE = tr("of the variance")
_CHANNELS = (("red", "#e5484d"), ("green", "#30a46c"), ("blue", "#3e82f7"))
_LEAST = 5.0  # logical pixels of a frame
_BESIDE = QPointF(-1e9, -1e9)  # on no cell


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours mean: shares of the variance that red, green and blue stand for, or a colour map from −1 to 1."""

    shares: tuple[float, ...] = ()
    colormap: str = ""


def text_of(cell: Cell) -> str:
    """A place in words, which no line break parts."""
    return f"({cell[0]},\u00a0{cell[1]})"


class CellsView(Panel):
    """The picture and its cells; a unit of the view is a pixel of the original picture. Signals are those of CellsOnImage."""

    hovered = Signal(int, int)
    selected = Signal(int, int)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Layer on the picture"), tr("Open a picture to see this layer on it."), parent)
        self.setMinimumSize(120, 90)
        self.setToolTip(tr("Every cell is drawn at the centre of its receptive field in the picture"))
        self._pixels: Array | None = None
        self._size = (0, 0)
        self.rgb: Array | None = None  # what is painted
        self.grid = (0, 0)
        self._read: Callable[[Cell], str] = text_of
        self.chosen: Cell | None = None
        self.best: Cell | None = None
        self._pointed: Cell | None = None
        self.stale = ""
        self._picture, self._cells, self._shade = PictureItem(smooth=True), PictureItem(), QGraphicsRectItem()
        self._clip = ClipItem()
        self._cells.setParentItem(self._clip)
        self._shade.setPen(Qt.PenStyle.NoPen)
        self._shade.setBrush(QColor(0, 0, 0, _DIM))
        self._best_frame, self._pointed_frame = FrameItem("text", 1.0), FrameItem("warm", 1.5)
        self._chosen_frame = FrameItem("accent", 2.0)
        frames = (self._best_frame, self._pointed_frame, self._chosen_frame)
        for item in (self._picture, self._shade, self._clip, *frames):
            self.box.addItem(item, ignoreBounds=True)
        self.cells = CellPointer(self, self._words, _LEAST)
        self.cells.hovered.connect(self.hovered)
        self.cells.left.connect(self.left)
        self.plate = QLabel(self)
        self.plate.setObjectName("plate")
        self.plate.hide()
        self.box.clicked.connect(self._click)
        self.offer(tr("Show all"), self._fit, "0")
        self.begin()

    def _fit(self, *_: object) -> None:
        self.box.fit()

    def set_picture(self, pixels: Array, size: tuple[int, int] | None) -> None:
        if pixels is self._pixels:
            return
        size = size or (int(pixels.shape[0]), int(pixels.shape[1]))
        same = size == self._size
        self._pixels, self._size = pixels, size
        whole = QRectF(0, 0, size[1], size[0])
        self._picture.set_pixels(displayable(pixels), whole)
        self._shade.setRect(whole)
        self._clip.setRect(whole)
        self.show_message(self.rgb is None)
        self.lay_out(keep=same)

    def set_cells(self, rgb: Array, box: Box, read: Callable[[Cell], str]) -> None:
        grid = (int(rgb.shape[0]), int(rgb.shape[1]))
        if grid != self.grid:
            self._pointed = self.chosen = self.best = None
            self.cells.show(None)
        self.rgb, self.grid, self._read = rgb, grid, read
        self.cells.set_grid(CellGrid(*grid, rect_of(box)))
        self._cells.set_pixels(rgb, rect_of(box))
        self.set_stale("")
        self.show_message(self._pixels is None)
        self._place()

    def set_stale(self, words: str) -> None:
        self.stale = words
        self.plate.setVisible(bool(words))
        self.plate.setText(words)
        self._place_plate()
        self.describe()

    def _place_plate(self) -> None:
        room = max(self.viewport().width() - 24, 40)
        short = self.plate.fontMetrics().elidedText(self.stale, Qt.TextElideMode.ElideMiddle, room - 16)
        self.plate.setText(short)
        self.plate.setToolTip(self.stale)
        self.plate.adjustSize()
        self.plate.move(12, 12)

    @property
    def figure_part(self) -> PicturePart | None:
        """The layer over the picture."""
        if self.rgb is None or self.stale or self._picture.empty:
            return None
        rgb = flattened(self._shade.rect(), (self._picture, self._cells), _DIM)
        return PicturePart("", rgb)

    def clear(self, message: str) -> None:
        self.rgb, self.grid = None, (0, 0)
        self.set_stale("")
        self._pointed = self.chosen = self.best = None
        self.cells.set_grid(CellGrid())
        self.set_empty(message)
        self.show_message(True)
        self.describe()

    def mark(self) -> None:
        """The marks have changed."""
        self.describe()
        self._place()

    def set_pointed(self, cell: Cell | None) -> None:
        if cell != self._pointed:
            self._pointed = cell
            self._place()

    # --- places

    def lay_out(self, keep: bool = True) -> None:
        height, width = self._size
        if height and width:
            across, down = max(self.viewport().width(), 1), max(self.viewport().height(), 1)
            scale = min(across / width, down / height)
            home = QRectF(0, 0, across / scale, down / scale)
            home.moveCenter(QPointF(width / 2, height / 2))
            self.box.set_home(home, QRectF(0, 0, width, height), keep)
        self._place_plate()

    def moved(self) -> None:
        self._place()

    def _place(self) -> None:
        for item, cell in (
            (self._best_frame, self.best),
            (self._pointed_frame, self._pointed),
            (self._chosen_frame, self.chosen),
        ):
            item.set_rects([self.cells.framed(cell)] if cell is not None and self.cells.grid.holds(cell) else [])
        self.cells.place()

    def _words(self, cell: Cell) -> str:
        return self._read(cell)

    def _seen(self, at: QPointF | None) -> bool:
        """Whether a point is on the picture, where cells can be seen."""
        return at is not None and not self.stale and self.rgb is not None and self.box.content.contains(at)

    # --- hands

    def point(self, at: QPointF | None) -> None:
        self.cells.point(at if self._seen(at) else _BESIDE if at is not None else None)

    def _click(self, at: QPointF) -> None:
        cell = self.cells.grid.cell_at(at) if self._seen(at) else None
        if cell is not None:
            self.selected.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_Escape and self.chosen is not None:
            self.released.emit()
        elif step is not None and plain and self.rgb is not None and not self.stale:
            rows, columns = self.grid
            y, x = self.chosen or (rows // 2, columns // 2)
            self.selected.emit(min(max(y + step[0], 0), rows - 1), min(max(x + step[1], 0), columns - 1))
        elif not (plain and self.zoom_key(event.key())):
            event.ignore()

    def describe(self) -> None:
        """What assistive technology is told."""
        if self.rgb is None:
            self.setAccessibleDescription(self.message.text())
            return
        chosen = tr(", location {text_of} selected", text_of=text_of(self.chosen)) if self.chosen is not None else ""
        self.setAccessibleDescription(
            self.stale or tr("{grid} × {grid2} locations{chosen}", grid=self.grid[0], grid2=self.grid[1], chosen=chosen)
        )


class CellsOnImage(OverBar):
    """Cells are (y, x). `hovered` and `selected` carry one, `released` that the chosen one is given up (Esc), `scrubbed` the
    steps through depth that the wheel asks for."""

    hovered = Signal(int, int)
    selected = Signal(int, int)
    released = Signal()
    scrubbed = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.view = CellsView()
        super().__init__(self.view, parent=parent)
        self.legend = QLabel(self)
        self.legend.setObjectName("dim")
        self.shown_legend = Legend()
        self.view.hovered.connect(self.hovered)
        self.view.selected.connect(self.selected)
        self.view.released.connect(self.released)
        self.view.left.connect(self.left)
        self.view.box.scrubbed.connect(self.scrubbed)
        self.bar.hide()
        self.legend.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's name. One of the bar and the legend is seen."""
        super().resizeEvent(event)
        self.legend.setGeometry(self.bar.geometry())
        self._write_legend()

    # --- setters

    def set_picture(self, pixels: Array, size: tuple[int, int] | None = None) -> None:
        """(H, W, C) of a picture of `size`, their own where none is given. The array is kept: the same one again costs nothing."""
        self.view.set_picture(pixels, size)

    def set_cells(self, rgb: Array, box: Box, legend: Legend, read: Callable[[Cell], str]) -> None:
        """(h, w, 3) uint8 over a box of the picture; `read` says in words what a cell holds."""
        self.shown_legend = legend
        self.view.set_cells(rgb, box, read)
        self.bar.setVisible(bool(legend.colormap))
        self.legend.setVisible(bool(legend.shares) and not legend.colormap)
        if legend.colormap:
            self.bar.set_range(-1.0, 1.0, legend.colormap, movable=False)
        self._write_legend()

    def _write_legend(self) -> None:
        """What the colours stand for; where there is no room for all, fewer words and no piece of one."""
        said = [
            (name, colour, text.percent(share))
            for (name, colour), share in zip(_CHANNELS, self.shown_legend.shares, strict=False)
        ]
        whole, short = [f"{name} {share}" for name, _, share in said], [share for *_, share in said]
        ways = ([*whole, _VARIANCE], whole, short)
        words = next((words for words in ways if self._legend_width(words) <= self.legend.width()), short)
        named = [
            f'<span style="color:{colour}">■</span> {word}' for (_, colour, _), word in zip(said, words, strict=False)
        ]
        self.legend.setText("&nbsp; ".join([*named, *words[len(said) :]]))
        self.legend.setToolTip(f"{', '.join(whole)} {_VARIANCE}")

    def _legend_width(self, words: Sequence[str]) -> int:
        return self.legend.fontMetrics().horizontalAdvance("  ".join(f"■ {word}" for word in words))

    def set_marks(self, chosen: Cell | None, best: Cell | None = None) -> None:
        """The cell that is asked about, and the one most similar to it."""
        self.view.chosen, self.view.best = chosen, best
        self.view.mark()

    def set_pointed(self, cell: Cell | None) -> None:
        """Frames a cell that is pointed at elsewhere."""
        self.view.set_pointed(cell)

    def set_stale(self, words: str) -> None:
        """Whose picture it still is, while another one is on its way."""
        self.view.set_stale(words)

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing, what to do."""
        self.view.clear(message)
        self.bar.hide()
        self.legend.hide()

    # --- what is shown

    @property
    def rgb(self) -> Array | None:
        """What is painted."""
        return self.view.rgb

    @property
    def drawn(self) -> bool:
        """Whether there is a layer, be it the last one."""
        return self.view.rgb is not None

    @property
    def marks(self) -> tuple[Cell | None, Cell | None]:
        """The cell that is asked about, and the one most similar to it."""
        return self.view.chosen, self.view.best

    @property
    def stale(self) -> str:
        """Whose picture it still is; "" for the one that is wanted."""
        return self.view.stale

    def frame(self, cell: Cell) -> QRectF:
        """Where a cell is, in `view`."""
        return self.view.on_screen(self.view.cells.grid.rect_of(cell))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.view.keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(700, 520)
