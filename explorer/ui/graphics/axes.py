"""Axes with the application's own way of writing numbers, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QFont

from explorer.ui import theme
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets import text

_FONT_PX = 11


class NumberAxis(pg.AxisItem):
    """Ticks as the rest of the window writes numbers (`text.number`), with a unit behind the last one."""

    def __init__(self, side: str) -> None:
        super().__init__(side, maxTickLength=-3)
        font = QFont()
        font.setPixelSize(_FONT_PX)
        self.setStyle(tickFont=font, tickTextOffset=2, autoExpandTextSpace=False, hideOverlappingLabels=True)
        self.enableAutoSIPrefix(False)
        self._unit = ""
        self.restyle()

    def set_unit(self, unit: str) -> None:
        """Stands behind the numbers: " %", " ms"."""
        if unit != self._unit:
            self._unit = unit
            self.picture = None
            self.update()

    def restyle(self) -> None:
        """The colours of the current theme."""
        self.setPen(pg.mkPen(theme.current().line))
        self.setTextPen(pg.mkPen(theme.current().dim))

    def mouseClickEvent(self, event: Any) -> None:
        """pyqtgraph's name. A click beside the view is none in it."""
        event.ignore()

    def mouseDragEvent(self, event: Any) -> None:
        """pyqtgraph's name."""
        event.ignore()

    def wheelEvent(self, event: Any) -> None:
        """pyqtgraph's name. What the panel stands in may scroll."""
        event.ignore()

    @staticmethod
    def written(value: float) -> str:
        """A number as the window writes it."""
        return text.number(value)

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        """pyqtgraph's name."""
        near = spacing * 1e-6
        return [("0" if abs(value) < near else self.written(value)) + self._unit for value in values]


class NamedAxis(NumberAxis):
    """Ticks at whole positions, each with a name: layers, tokens, heads."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self._names: Sequence[str] = ()

    def set_names(self, names: Sequence[str]) -> None:
        """The name of position i stands at i + 0.5."""
        self._names = names
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """pyqtgraph's name: as many as have room."""
        first, last = max(int(low), 0), min(int(high) + 1, len(self._names))
        room = max(int(size / (_FONT_PX * 2.2)), 1)
        step = max(-(-(last - first) // room), 1)
        return [(float(step), [at + 0.5 for at in range(first, last, step)])]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """pyqtgraph's name."""
        return [self._names[int(value)] if 0 <= int(value) < len(self._names) else "" for value in values]
