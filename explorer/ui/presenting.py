"""Presenter mode: the window without what only its owner needs, and a ring round the pointer for those who look on."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QCursor, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget
from shiboken6 import isValid

from explorer.ui import theme
from explorer.ui.widgets.hints import hints_of

_RADIUS, _WIDE = 26, 4.0  # px of the ring
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class PointerHalo(QWidget):
    """A ring with the pointer in its middle, filled while a button of the mouse is down. Lets every click through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.resize(2 * _RADIUS, 2 * _RADIUS)
        self.pressed = False
        self.hide()

    def follow(self, at: QPoint) -> None:
        """The pointer is at a point of the parent."""
        self.move(at - QPoint(_RADIUS, _RADIUS))
        self.raise_()
        self.show()

    def press(self, on: bool) -> None:
        """Whether a button of the mouse is down."""
        self.pressed = on
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        beam, fill = QColor(theme.current().beam), QColor(theme.current().beam)
        fill.setAlpha(120 if self.pressed else 0)
        circle = QRectF(self.rect()).adjusted(_WIDE, _WIDE, -_WIDE, -_WIDE)
        for colour, width in ((QColor(0, 0, 0, 150), _WIDE + 2), (beam, _WIDE)):  # seen on light and on dark
            painter.setPen(QPen(colour, width))
            painter.setBrush(fill if colour is beam else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)


class Presenting(QObject):
    """Hides menu bar, tool bar and hints, fills the screen, and puts everything back as it was. `began` and `ended`: what else
    belongs to a presentation can follow."""

    began = Signal()
    ended = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window, self.on = window, False
        self.halo = PointerHalo(window)
        self._hidden: list[QWidget] = []
        self._splitters: list[tuple[QSplitter, QByteArray]] = []
        self._state = window.windowState()
        self._focus: QWidget | None = None
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        self._escape.setEnabled(False)
        self._escape.activated.connect(self.toggle)

    def toggle(self) -> None:
        """Begins, or ends and puts everything back."""
        self._end() if self.on else self._begin()

    def _begin(self) -> None:
        window, self.on = self._window, True
        self._state, self._focus = window.windowState(), window.focusWidget()
        self._splitters = [(splitter, splitter.saveState()) for splitter in window.findChildren(QSplitter)]
        self._hidden = [widget for widget in hints_of(window) if not widget.isHidden()]
        for widget in self._hidden:
            widget.hide()
        window.setWindowState(self._state | Qt.WindowState.WindowFullScreen)
        self._escape.setEnabled(True)
        self._watched.installEventFilter(self)
        self.began.emit()
        self.halo.follow(window.mapFromGlobal(QCursor.pos()))

    def _end(self) -> None:
        self.on = False
        self._watched.removeEventFilter(self)
        self._escape.setEnabled(False)
        self.halo.hide()
        for widget in self._hidden:
            if isValid(widget):
                widget.show()
        self._window.setWindowState(self._state)
        self.ended.emit()
        for wait_ms in (0, 100):  # once the window has its size again, and once what stands in it has
            QTimer.singleShot(wait_ms, self, self._split_again)
        if self._focus is not None and isValid(self._focus):
            self._focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self._hidden, self._focus = [], None

    def _split_again(self) -> None:
        for splitter, state in self._splitters:
            if isValid(splitter) and not self.on:
                splitter.restoreState(state)

    @property
    def _watched(self) -> QObject:
        """Gets every movement of the mouse, also over widgets that follow none."""
        return self._window.windowHandle() or self._window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            self._mouse(event)
        elif event.type() == QEvent.Type.Leave:
            self.halo.hide()
        return super().eventFilter(watched, event)

    def _mouse(self, event: Any) -> None:
        at: QPointF = event.globalPosition()
        self.halo.follow(self._window.mapFromGlobal(at.toPoint()))
        if event.type() in _PRESSES:
            self.halo.press(True)
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self.halo.press(event.buttons() != Qt.MouseButton.NoButton)
