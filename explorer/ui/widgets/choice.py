"""A drop-down that says what it chooses."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox


def choice(name: str, tip: str, items: list[tuple[str, object]], widest: int = 168) -> QComboBox:
    """Named and explained, with (title, value) items, at most `widest` logical pixels across."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    for title, value in items:
        box.addItem(title, value)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMaximumWidth(widest)
    return box
