"""A splitter whose grips are seen: three dots, brighter under the pointer; a double click puts the parts where they were at first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from explorer.core.translation import tr
from explorer.ui import theme

_DOT, _APART = 1.5, 6.0  # px: radius of a dot, from one to the next


class _Grip(QSplitterHandle):
    def __init__(self, orientation: Qt.Orientation, parent: GripSplitter) -> None:
        super().__init__(orientation, parent)
        self._pointed = False
        self.setToolTip(tr("Drag to resize; double-click to reset"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.accent if self._pointed else look.off))
        centre, along = QPointF(self.rect().center()) + QPointF(0.5, 0.5), self.orientation() == Qt.Orientation.Vertical
        for step in (-1, 0, 1):
            shift = QPointF(step * _APART, 0) if along else QPointF(0, step * _APART)
            painter.drawEllipse(centre + shift, _DOT, _DOT)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._pointed = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = False
        self.update()
        super().leaveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        splitter = self.splitter()
        if isinstance(splitter, GripSplitter):
            splitter.reset()
        event.accept()

    def sizeHint(self) -> QSize:
        width = self.splitter().handleWidth()
        return QSize(width, width)


class GripSplitter(QSplitter):
    """`dragged`: a person has moved a grip, or put all back (`moved` is False again). Until then the parts are as `first` says."""

    dragged = Signal()

    def __init__(
        self,
        orientation: Qt.Orientation,
        parts: Sequence[QWidget],
        first: Callable[[QSize], Sequence[int]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`first`: the sizes of the parts, from that of the splitter; None: those of `begin`, with Qt's stretch factors."""
        super().__init__(orientation, parent)
        self.moved = False  # whether the sizes are a person's
        self._first: Sequence[int] = ()
        self._sizes_of = first
        for part in parts:
            self.addWidget(part)
        self.setHandleWidth(theme.current().space + 2)
        self.splitterMoved.connect(self._move)

    def createHandle(self) -> QSplitterHandle:
        return _Grip(self.orientation(), self)

    def begin(self, sizes: Sequence[int]) -> None:
        """The sizes at first, which a double click brings back."""
        self._first = sizes
        if not self.moved:
            self.setSizes(sizes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.settle()

    def settle(self) -> None:
        """The sizes of `first` again, where nobody has dragged the grip."""
        if self._sizes_of is not None and not self.moved:
            self.setSizes(self._sizes_of(self.size()))

    def reset(self) -> None:
        """As at first."""
        self.moved = False
        self.setSizes(self._first if self._sizes_of is None else self._sizes_of(self.size()))
        self.dragged.emit()

    def _move(self, _at: int, _index: int) -> None:
        self.moved = True
        self.dragged.emit()
