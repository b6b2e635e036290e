"""What a layer holds, in the widget that fits it: maps, a sequence or a vector, and the tokens before a grid."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from explorer.core.geometry.cells import Cell
from explorer.core.session.display import Display
from explorer.ui.graphics.axes import Steps
from explorer.ui.graphics.mosaic_panel import MosaicPanel
from explorer.ui.graphics.time_panel import TimePanel
from explorer.ui.graphics.token_rows import TokenRows
from explorer.ui.graphics.vector_plot import VectorPlot

_PLAIN = Steps()


class LayerStack(QStackedWidget):
    """One of `mosaic`, `sequence` and `vector` is seen. `tokens` stands wherever its owner puts it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mosaic, self.vector, self.sequence, self.tokens = MosaicPanel(), VectorPlot(), TimePanel(), TokenRows()
        for view in (self.mosaic, self.vector, self.sequence):
            self.addWidget(view)
        self.tokens.hide()

    @property
    def line_columns(self) -> int:
        """Columns that a sequence with more steps is reduced to: as many as the screen has pixels there."""
        return self.sequence.view.wide

    def show_display(self, shown: Display, labels: tuple[str, ...], across: int = 0, steps: Steps = _PLAIN) -> None:
        """The maps (`across` in a row, 0: as many as fit best), sequence or vector of a tap; `labels` are those of the classes, `steps`:
        what those of a sequence stand for."""
        if shown.maps is not None and shown.limits is not None:
            limits, colormap, order = shown.limits, shown.colormap, shown.order
            self.mosaic.set_maps(shown.maps, limits=limits, colormap=colormap, order=order, across=across)
            self.setCurrentWidget(self.mosaic)
        elif shown.sequence is not None and shown.limits is not None:
            step = "token" if shown.tap.layout == "NLC" else "step"
            self.sequence.set_values(shown.sequence, shown.limits, shown.colormap, step, steps, shown.columns)
            self.setCurrentWidget(self.sequence)
        elif shown.vector is not None:
            self.vector.set_values(shown.vector, labels if len(labels) == len(shown.vector) else ())
            self.setCurrentWidget(self.vector)
        if shown.prefix is not None:
            self.tokens.set_values(shown.prefix)
        self.tokens.setVisible(shown.prefix is not None)

    def set_selected(self, channel: int, cell: Cell | None) -> None:
        """Frames a channel and a cell in what is seen; a cell (-1, n) is the n-th token before the grid."""
        token = cell[1] if cell is not None and cell[0] < 0 else None
        seen = self.currentWidget()
        if seen is self.mosaic:
            self.mosaic.set_selected(channel, cell if token is None else None)
        elif seen is self.vector:
            self.vector.set_selected(channel)
        else:
            self.sequence.set_selected((channel, max(cell)) if cell is not None and token is None else None)
        if not self.tokens.isHidden():
            self.tokens.set_channel(channel, token)

    def clear(self, message: str) -> None:
        """Shows a sentence instead: why there is nothing, what to do."""
        self.mosaic.clear(message)
        self.setCurrentWidget(self.mosaic)
        self.tokens.hide()
