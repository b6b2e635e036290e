"""The tokens that stand before the grid (CLS, registers): a labelled row each, on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.core import render
from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import MatrixPart
from explorer.core.figure.panel_parts import values_part
from explorer.core.geometry.cells import Cell, prefix_name
from explorer.core.render import colormaps
from explorer.core.translation import tr
from explorer.ui.graphics.axes import NamedAxis
from explorer.ui.graphics.cell_pointer import CellGrid, CellPointer
from explorer.ui.graphics.items import FrameItem
from explorer.ui.graphics.picture_item import PictureItem
from explorer.ui.graphics.plot_panel import PlotPanel
from explorer.ui.widgets import text

_ROW = 22


def token_names(count: int) -> list[str]:
    """CLS, then registers."""
    return [prefix_name(n) for n in range(count)]


class TokenRows(PlotPanel):
    """(P, C) prefix tokens. `hovered` and `selected` carry (token, channel)."""

    hovered = Signal(int, int)
    selected = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._axis = NamedAxis("left")
        super().__init__(tr("Prefix tokens"), "", parent, left=self._axis, upward=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.scrubs = False
        self._values: Array | None = None
        self._names: list[str] = []
        self._channel: int | None = None
        self._token: int | None = None
        self._picture = PictureItem()
        self._frame, self._token_frame = FrameItem("accent", 1.5), FrameItem("warm", 1.5)
        for item in (self._picture, self._frame, self._token_frame):
            self.box.addItem(item, ignoreBounds=True)
        self.cells = CellPointer(self, self._words)
        self.cells.hovered.connect(self.hovered)
        self.cells.left.connect(self.left)
        self.box.clicked.connect(self._click)
        self.begin()

    def set_values(self, values: Array, names: Sequence[str] | None = None) -> None:
        """(P, C) values; `names` of the tokens (None: CLS, REG1, ...)."""
        rows, self._values = len(self._names), values
        self._names = list(names) if names is not None else token_names(len(values))
        self._axis.set_names(self._names)
        self.cells.set_grid(CellGrid.of_units(*values.shape))
        self.setAccessibleDescription(
            tr(
                "{count} tokens of {shape} channels: {list}",
                count=len(values),
                shape=values.shape[1],
                list=", ".join(self._names),
            )
        )
        self.show_message(not values.size)
        home = QRectF(0, 0, max(values.shape[1], 1), max(len(values), 1))
        self.box.set_home(home, home, keep=False)
        self._paint()
        self._place_frames()
        if rows != len(values):
            self.updateGeometry()

    def _paint(self) -> None:
        if self._values is None or not self._values.size:
            return
        self._picture.set_pixels(render.colorize(self._values, *self._colours(self._values)), self.box.home)

    def _colours(self, values: Array) -> tuple[render.Limits, str]:
        limits = render.limits(values[None], render.ScaleMode.PER_LAYER)
        return limits, colormaps.diverging_for(self.theme.dark) if limits.signed else "magma"

    @property
    def figure_part(self) -> MatrixPart | None:
        """A row for each token, a column for each channel."""
        if self._values is None or not self._values.size:
            return None
        return values_part(self._values, *self._colours(self._values), self._names, axes=("", tr("channel")))

    def restyle(self) -> None:
        self._paint()

    def set_channel(self, channel: int | None, token: int | None = None) -> None:
        """Marks the channel that is selected in the mosaic, and its entry of one token where that is the selected cell."""
        self._channel, self._token = channel, token
        self._place_frames()

    def clear(self) -> None:
        """There are no tokens before the grid."""
        self._values, self._names = None, []
        self.cells.set_grid(CellGrid())
        self.show_message(True)
        self.updateGeometry()

    @property
    def picture(self) -> QRectF:
        """Where the rows are, in the widget."""
        return self.on_screen(self.box.content)

    def _place_frames(self) -> None:
        rows, channels = (0, 0) if self._values is None else self._values.shape
        chosen = self._channel is not None and self._channel < channels
        self._frame.set_rects([QRectF(self._channel or 0, 0, 1, rows)] if chosen else [])
        token = chosen and self._token is not None and self._token < rows
        self._token_frame.set_rects([QRectF(self._channel or 0, self._token or 0, 1, 1)] if token else [])

    def _words(self, cell: Cell) -> str:
        """What stands beside the pointer."""
        value = "" if self._values is None else text.number(float(self._values[cell]))
        return tr("{names}   channel {cell}   {value}", names=self._names[cell[0]], cell=cell[1], value=value)

    def point(self, at: QPointF | None) -> None:
        self.cells.point(at)

    def _click(self, at: QPointF) -> None:
        cell = self.cells.grid.cell_at(at)
        if cell is not None:
            self.selected.emit(*cell)

    def sizeHint(self) -> QSize:
        return QSize(400, len(self._names) * _ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, len(self._names) * _ROW)
