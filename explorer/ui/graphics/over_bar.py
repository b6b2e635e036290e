"""A panel over its colour bar, with lines of text beneath or beside it: placed by hand, so that another text moves nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.ui import theme
from explorer.ui.graphics.colour_bar import ColourBar
from explorer.ui.graphics.panel import Panel

LEFT_OUT = -1  # in the place of the px of a column


class OverBar(QWidget):
    """`view` takes what the bar and the lines leave. The places of both are kept while they are hidden: nothing jumps.

    There is no layout: one would ask all layouts around it for room with every number that changes, in every step through
    the layers."""

    def __init__(
        self,
        view: Panel,
        beneath: Sequence[QWidget] = (),
        bar_width: int = 0,
        beside: QLabel | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`beneath`: one widget a line; `beside`: the same words in a column, see `set_side`; `bar_width`: px that the bar
        has at most, 0: all there are."""
        super().__init__(parent)
        self._side, self._beside = 0, beside  # px
        self.panel, self.bar, self._beneath, self._bar_width = view, ColourBar(), tuple(beneath), bar_width
        parts: tuple[QWidget, ...] = (view, self.bar, *self._beneath)
        for part in parts:
            part.setParent(self)
        if beside is not None:
            beside.setParent(self)
            beside.hide()
        self.setFocusProxy(view)
        self.setProperty("enlarges", True)  # with the panel
        policy = QSizePolicy(view.sizePolicy())
        self.setSizePolicy(policy)

    @property
    def _under(self) -> list[tuple[QWidget, int]]:
        """What is under the panel, each with its height."""
        return self._under_with(self._side)

    def _under_with(self, side: int) -> list[tuple[QWidget, int]]:
        parts: tuple[QWidget, ...] = (self.bar, *(() if side else self._beneath))
        return [(part, part.sizeHint().height()) for part in parts]

    @property
    def _taken(self) -> int:
        """px that the panel does not get."""
        return self._taken_with(self._side)

    def _taken_with(self, side: int) -> int:
        return sum(high + theme.current().tight for _, high in self._under_with(side))

    def drawn_height(self, width: int, height: int, side: int) -> int:
        """How high the picture in the panel would be in so much room, with a column of `side` px beside it."""
        return min(int(self.panel.heightForWidth(_beside_of(width, side))), height - self._taken_with(side))

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

    def set_side(self, pixels: int) -> None:
        """The words stand in a column of so many px right of the panel; 0: in lines beneath it; LEFT_OUT: nowhere."""
        if pixels == self._side or self._beside is None:
            return
        self._side = pixels
        self._beside.setVisible(pixels > 0)
        for line in self._beneath:
            line.setVisible(not pixels)
        self._place()

    def _panel_width(self, width: int) -> int:
        return _beside_of(width, self._side)

    def _place(self) -> None:
        top = max(self.height() - self._taken, 0)
        room = self._panel_width(self.width())
        self.panel.setGeometry(0, 0, room, top)
        if self._side > 0 and self._beside is not None:
            self._beside.setGeometry(self.width() - self._side, 0, self._side, self.height())
        for part, high in self._under:
            top += theme.current().tight
            wide = min(room, self._bar_width or room) if part is self.bar else room
            part.setGeometry(0, top, wide, high)
            top += high

    # --- size: Qt's names

    def hasHeightForWidth(self) -> bool:
        return bool(self.panel.hasHeightForWidth())

    def heightForWidth(self, width: int) -> int:
        return int(self.panel.heightForWidth(self._panel_width(width))) + self._taken

    def sizeHint(self) -> QSize:
        hint = self.panel.sizeHint()
        return QSize(hint.width(), hint.height() + self._taken)

    def minimumSizeHint(self) -> QSize:
        least = self.panel.minimumSize().expandedTo(self.panel.minimumSizeHint())
        return QSize(least.width(), least.height() + self._taken)


def _beside_of(width: int, side: int) -> int:
    """What a column of `side` px leaves of a width."""
    return max(width - side - theme.current().space, 0) if side > 0 else width
