"""The weights that make a channel: a kernel as numbers, a row of a linear layer as bars."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QSpinBox, QWidget

from explorer.core.activations import Kernel
from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.graphics.bar_plot import BarPlot
from explorer.ui.graphics.value_grid import KernelGrid, symmetric
from explorer.ui.widgets import text

_BODY, _BARS = 112, 90  # px of a slice of a kernel, of a row of weights


class KernelTable(QWidget):
    """The weights of one output channel. It is as high for every layer and placed by hand, so that another layer moves nothing.
    `in_channel_changed` carries the input channel (of the whole layer, not of its group) whose slice is shown."""

    in_channel_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Weights"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._filter: Array | None = None  # (in, kh, kw)
        self._first = 0  # input channel of the filter's first slice
        self._note = QLabel()
        self._note.setObjectName("dim")
        self._note.setWordWrap(True)
        self.selector = QSpinBox()
        self.selector.setAccessibleName(tr("Input channel"))
        self.selector.setPrefix(tr("from "))
        self.selector.setToolTip(tr("The input channel that this slice of the kernel is applied to"))
        self.grid, self.bars = KernelGrid(), BarPlot(tr("Weights"), "")
        parts: tuple[QWidget, ...] = (self._note, self.selector, self.grid, self.bars)
        for part in parts:
            part.setParent(self)
        self.selector.valueChanged.connect(self._chosen)
        self.clear("")

    def set_kernel(self, kernel: Kernel, out_channel: int, in_channel: int | None = None) -> None:
        """Weights of an output channel; `in_channel` None keeps the input channel where it exists.

        A 1-D kernel is shown as one row; of a 3-D one the planes stand one above the other."""
        weight = kernel.weight[out_channel]
        if weight.ndim == 1:
            weight = weight[:, None, None]
        self._filter = weight.reshape(len(weight), -1, weight.shape[-1])
        self._first = out_channel // max(kernel.weight.shape[0] // kernel.groups, 1) * len(weight)
        self._describe(kernel, out_channel)
        inputs, *cells = self._filter.shape
        bars = cells == [1, 1] and inputs > 1
        self._choose_from(0 if bars else inputs, in_channel)
        self.grid.setVisible(not bars)
        self.bars.setVisible(bars)
        self._place()
        if bars:
            self.bars.set_values(self._filter[:, 0, 0], what="weight")
        self._show()

    def clear(self, message: str) -> None:
        """Says why there are no weights."""
        self._filter = None
        self._say(message)
        self._choose_from(0, None)
        self.grid.hide()
        self.bars.hide()
        self._place()

    def _place(self) -> None:
        """A line with the selector, and the weights beneath; a sentence alone has all the room."""
        across, line = self.width(), self._line
        picture = not (self.grid.isHidden() and self.bars.isHidden())
        right = 0 if self.selector.isHidden() else self.selector.sizeHint().width()
        self._note.setAlignment(Qt.AlignmentFlag.AlignVCenter if picture else Qt.AlignmentFlag.AlignTop)
        self._note.setGeometry(0, 0, max(across - right, 0), line if picture else self.height())
        self.selector.setGeometry(across - right, 0, right, line)
        self.grid.setGeometry(0, line + theme.current().tight, across, _BODY)
        self.bars.setGeometry(0, line + theme.current().tight, across, _BARS)

    @property
    def _line(self) -> int:
        return self.selector.sizeHint().height()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Qt's name."""
        self._place()

    def sizeHint(self) -> QSize:
        """The same for every layer: what stands above keeps its place."""
        return QSize(240, self._line + theme.current().tight + _BODY)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _describe(self, kernel: Kernel, out_channel: int) -> None:
        assert self._filter is not None
        inputs, rows, columns = self._filter.shape
        kind = tr("{inputs} weights", inputs=inputs) if rows == columns == 1 else f"{rows} × {columns}"
        if inputs == 1 and kernel.groups > 1:
            kind += tr(", depthwise")
        bias = (
            tr("no bias")
            if kernel.bias is None
            else tr("bias {bias}", bias=text.signed(float(kernel.bias[out_channel]), 3))
        )
        self._say(f"{kind}, {bias}")

    def _say(self, message: str) -> None:
        self._note.setText(message)
        self.setAccessibleDescription(message)

    def _choose_from(self, inputs: int, in_channel: int | None) -> None:
        several = inputs > 1
        self.selector.setVisible(several)
        if several:
            wanted = self.selector.value() if in_channel is None else in_channel
            self.selector.blockSignals(True)
            self.selector.setRange(self._first, self._first + inputs - 1)
            self.selector.setValue(wanted)
            self.selector.blockSignals(False)

    def _chosen(self, channel: int) -> None:
        self._show()
        self.in_channel_changed.emit(channel)

    def _show(self) -> None:
        if self._filter is None or (self._filter.shape[1:] == (1, 1) and len(self._filter) > 1):
            return
        at = self.selector.value() - self._first if len(self._filter) > 1 else 0
        size = np.nanmax(np.abs(self._filter), initial=0.0)
        self.grid.set_values(self._filter[at], symmetric(self._filter[at], float(size)))
