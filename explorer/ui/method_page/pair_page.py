"""What draws the result of a method over two models."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from explorer.core.pairs import ShownPair

R = TypeVar("R")


class PairPage(QWidget, Generic[R]):
    """The `ResultPage` of such a method derives from it. It knows no torch and asks for nothing.

    `layers_chosen` carries a layer of either side that both are to show, `channel_chosen` a side (0 or 1) and its channel, and
    `ordered` whether the maps of both are to stand in the orders that the method offers.
    """

    layers_chosen = Signal(str, str)
    channel_chosen = Signal(int, int)
    ordered = Signal(bool)

    def show_pair(self, pair: ShownPair, result: R | None) -> None:
        """Draws what both columns show now and the result of them, also a partial one; None: nothing was computed of them."""
        raise NotImplementedError

    def set_ordered(self, on: bool) -> None:
        """Whether the maps of both stand in the order of this method, as a session file says."""
