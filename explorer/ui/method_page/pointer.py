"""What is pointed at in Explore, for pages that follow the pointer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Pointer(QObject):
    """`over_layer` carries a cell (y, x) of the layer that is shown, `over_token` the number of a token of it, `over_input` and
    `input_chosen` a point (y, x) of the original picture; `left`: nothing is pointed at any more."""

    over_layer = Signal(int, int)
    over_token = Signal(int)
    over_input = Signal(float, float)
    input_chosen = Signal(float, float)
    left = Signal()

    def cell_of_channel(self, _channel: int, y: int, x: int) -> None:
        """A cell of one of the maps is pointed at."""
        self.over_layer.emit(y, x)

    def token_of_channel(self, token: int, _channel: int) -> None:
        """A token is pointed at in the table of those before the grid."""
        self.over_token.emit(token)
