"""What a person without a mouse meets: which widgets take the focus, what they are called, and whether it is seen on them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QFocusEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QWidget

_LEAST = 12  # pixels that are another colour
_NO_ROLE = (QAccessible.Role.NoRole, QAccessible.Role.Client)


def stops(root: QWidget) -> Iterator[QWidget]:
    """Those that Tab comes to, as far as they are seen, in its order."""
    widget = root.nextInFocusChain()
    while widget is not None and widget is not root:
        by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.focusProxy()
        if by_tab and widget.isVisible() and widget.isEnabled() and root.isAncestorOf(widget) and not _inside(widget):
            yield widget
        widget = widget.nextInFocusChain()


def _inside(widget: QWidget) -> bool:
    """A part of another widget that is met as a whole: the line of a spin box."""
    return isinstance(widget.parentWidget(), (QAbstractSpinBox, QComboBox))


def named(widget: QWidget) -> str:
    """What a screen reader says first of it; "" for nothing."""
    said = QAccessible.queryAccessibleInterface(widget)
    return "" if said is None else said.text(QAccessible.Text.Name).strip()


def has_role(widget: QWidget) -> bool:
    """Whether a screen reader knows what it is."""
    said = QAccessible.queryAccessibleInterface(widget)
    return said is not None and said.role() not in _NO_ROLE


def shows_focus(widget: QWidget) -> bool:
    """Whether it looks different once Tab has come to it. Leaves the focus there."""
    elsewhere = QApplication.focusWidget()
    if elsewhere is not None:
        elsewhere.clearFocus()
    without = widget.grab().toImage()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    if QApplication.focusWidget() is not widget:  # the window is not in front: what it would be told
        QApplication.sendEvent(widget, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    image = widget.grab().toImage()
    changed = 0
    for y in range(min(image.height(), without.height())):
        for x in range(min(image.width(), without.width())):
            changed += image.pixel(x, y) != without.pixel(x, y)
            if changed >= _LEAST:
                return True
    return False


def described(widget: QWidget) -> str:
    """For a message of a test."""
    return f"{type(widget).__name__} {widget.objectName()} {named(widget)!r}".strip()
