"""Hands that do the same each time (the platform drops a move to where its cursor already is), and eyes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget


def point(widget: QWidget, at: QPoint) -> None:
    """Moves the pointer there."""
    button, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    where = QPointF(at)
    event = QMouseEvent(QMouseEvent.Type.MouseMove, where, widget.mapToGlobal(where), button, button, keys)
    QApplication.sendEvent(widget, event)


def turn(widget: QWidget, notches: float, at: QPointF | None = None, control: bool = False) -> None:
    """Turns the wheel towards the person (positive) or away."""
    at = at or QPointF(widget.rect().center())
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
    QApplication.sendEvent(widget, event)


def pixels_of(widget: QWidget) -> set[str]:
    """Colours that a widget shows."""
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
