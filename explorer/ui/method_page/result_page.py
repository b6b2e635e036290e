"""What draws the result of a method."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from explorer.core.selection import Selection

R = TypeVar("R")


class ResultPage(QWidget, Generic[R]):
    """A method's `page.py` derives from it and overrides what it needs. It knows no torch and asks for nothing.

    `changed` carries fields of the session by name: {"channel": 3}, {"order": Order(...), "sort": SortKey.MEASURED}.
    """

    changed = Signal(object)

    def show_result(self, result: R) -> None:
        """Draws a result, also a partial one."""
        raise NotImplementedError

    def show_selection(self, selection: Selection) -> None:
        """What is selected now; the result is about the same layer, channel or cell as before."""
