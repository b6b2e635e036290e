"""A panel over its colour bar, with lines of text beneath: placed by hand, so that another text moves nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui import theme
from explorer.ui.graphics.colour_bar import ColourBar
from explorer.ui.graphics.panel import Panel


class OverBar(QWidget):
    """`view` takes what the bar and the lines leave. The places of both are kept while they are hidden: nothing jumps.

    There is no layout: one would ask all layouts around it for room with every number that changes, in every step through
    the layers."""

    def __init__(
        self, view: Panel, beneath: Sequence[QWidget] = (), bar_width: int = 0, parent: QWidget | None = None
    ) -> None:
        """`beneath`: one widget a line; `bar_width`: px that the bar has at most, 0: all there are."""
        super().__init__(parent)
        self.panel, self.bar, self._beneath, self._bar_width = view, ColourBar(), tuple(beneath), bar_width
        parts: tuple[QWidget, ...] = (view, self.bar, *self._beneath)
        for part in parts:
            part.setParent(self)
        self.setFocusProxy(view)
        self.setProperty("enlarges", True)  # with the panel
        policy = QSizePolicy(view.sizePolicy())
        self.setSizePolicy(policy)

    @property
    def _under(self) -> list[tuple[QWidget, int]]:
        """What is under the panel, each with its height."""
        parts: tuple[QWidget, ...] = (self.bar, *self._beneath)
        return [(part, part.sizeHint().height()) for part in parts]

    @property
    def _taken(self) -> int:
        """px that the panel does not get."""
        return sum(high + theme.current().tight for _, high in self._under)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's name."""
        self._place()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Qt's name."""
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_bar_width"):
            self._place()
            self.updateGeometry()
        super().changeEvent(event)

    def _place(self) -> None:
        top = max(self.height() - self._taken, 0)
        self.panel.setGeometry(0, 0, self.width(), top)
        for part, high in self._under:
            top += theme.current().tight
            wide = min(self.width(), self._bar_width or self.width()) if part is self.bar else self.width()
            part.setGeometry(0, top, wide, high)
            top += high

    # --- size: Qt's names

    def hasHeightForWidth(self) -> bool:
        return bool(self.panel.hasHeightForWidth())

    def heightForWidth(self, width: int) -> int:
        return int(self.panel.heightForWidth(width)) + self._taken

    def sizeHint(self) -> QSize:
        hint = self.panel.sizeHint()
        return QSize(hint.width(), hint.height() + self._taken)

    def minimumSizeHint(self) -> QSize:
        least = self.panel.minimumSize().expandedTo(self.panel.minimumSizeHint())
        return QSize(least.width(), least.height() + self._taken)
