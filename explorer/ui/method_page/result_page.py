"""What draws the result of a method."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from explorer.core.arrays import Array
from explorer.core.selection import Selection

R = TypeVar("R")


class ResultPage(QWidget, Generic[R]):
    """A method's `page.py` derives from it and overrides what it needs. It knows no torch and asks for nothing.

    `changed` carries fields of the session by name: {"channel": 3}, {"order": Order(...), "sort": SortKey.MEASURED}.
    """

    changed = Signal(object)
    redrawn = Signal()  # what lies over the input is to be drawn in another way

    def show_result(self, result: R) -> None:
        """Draws a result, also a partial one."""
        raise NotImplementedError

    def show_further(self, value: Any) -> None:
        """What else was computed about the result, also a partial answer; None: nothing."""

    def heat(self, selection: Selection) -> Array | None:  # noqa: ARG002 - for those that draw
        """What is drawn over the input: (h, w) uint32 0xffRRGGBB over the whole picture; None: nothing."""
        return None

    def show_selection(self, selection: Selection) -> None:
        """What is selected now; the result is about the same layer, channel or cell as before."""
