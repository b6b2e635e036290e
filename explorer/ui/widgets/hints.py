"""What helps the person at the keys and only takes room from those who look on: menu bars, tool bars, words about keys."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_HINT = "hint"


def mark_hint(*widgets: QWidget) -> None:
    """These are hidden while the window is presented."""
    for widget in widgets:
        widget.setProperty(_HINT, True)


def hints_of(root: QWidget) -> list[QWidget]:
    """Everything in a window that is marked so."""
    return [widget for widget in root.findChildren(QWidget) if widget.property(_HINT)]
