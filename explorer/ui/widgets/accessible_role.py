"""What assistive technology is told that a widget is, for widgets that Qt has no kind for."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_ROLES: dict[type[QWidget], QAccessible.Role] = {}


def has_role(kind: type[QWidget], role: QAccessible.Role) -> None:
    """Widgets of a class, and of those derived from it, are a picture, a chart, a list of tabs."""
    if not _ROLES:
        QAccessible.installFactory(_made)  # asked only while something reads the window out
    _ROLES[kind] = role


def _made(_name: str, what: QObject) -> QAccessibleWidget | None:
    role = next((_ROLES[kind] for kind in type(what).__mro__ if kind in _ROLES), None)
    return QAccessibleWidget(what, role) if role is not None and isinstance(what, QWidget) else None
