"""Hands that do the same each time (the platform drops a move to where its cursor already is), and eyes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget


def surface(widget: QWidget) -> QWidget:
    """What the mouse meets: a view that scrolls gets its mouse events through its viewport."""
    view = getattr(widget, "view", widget)  # a panel with a bar beside its view
    return view.viewport() if isinstance(view, QAbstractScrollArea) else widget


def point(widget: QWidget, at: QPoint, held: bool = False) -> None:
    """Moves the pointer there; `held`: with the left button down."""
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    down = Qt.MouseButton.LeftButton if held else none
    where = QPointF(at)
    event = QMouseEvent(QMouseEvent.Type.MouseMove, where, widget.mapToGlobal(where), none, down, keys)
    QApplication.sendEvent(surface(widget), event)


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    """Presses the left button, moves on in three steps, and lets go."""
    QTest.mousePress(surface(widget), Qt.MouseButton.LeftButton, pos=start)
    for step in (1, 2, 3):
        point(widget, start + (end - start) * step / 3, held=True)
    QTest.mouseRelease(surface(widget), Qt.MouseButton.LeftButton, pos=end)


def double_click(widget: QWidget, at: QPoint) -> None:
    """A click, and the second one right after it."""
    target, left = surface(widget), Qt.MouseButton.LeftButton
    QTest.mouseClick(target, left, pos=at)
    QTest.mouseDClick(target, left, pos=at)
    QTest.mouseRelease(target, left, pos=at)


def turn(widget: QWidget, notches: float, at: QPointF | None = None, control: bool = False) -> None:
    """Turns the wheel towards the person (positive) or away."""
    at = at or QPointF(surface(widget).rect().center())
    modifiers = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        QPoint(0, round(-120 * notches)),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(surface(widget), event)


def pixels_of(widget: QWidget) -> set[str]:
    """Colours that a widget shows."""
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
