"""A drop-down that says what it chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip

from explorer.ui import text_size
from explorer.ui.widgets.text import tip as wrapped


class ElidedComboBox(QComboBox):
    """Shortens the text of its item where there is no room for it; the tool tip begins with the whole text then."""

    def seen(self) -> str:
        """What is painted of the text."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width()
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.seen()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.seen() != self.currentText():
            words = f"{self.currentText()}\n{self.toolTip()}".rstrip()
            QToolTip.showText(event.globalPos(), wrapped(words), self)
            return True
        return super().event(event)


def choice(name: str, tip: str, items: list[tuple[str, object]], widest: int = 168) -> QComboBox:
    """Named and explained, with (title, value) items, at most `widest` logical pixels across."""
    box = ElidedComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    for title, value in items:
        box.addItem(title, value)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    text_size.hold(box, "setMaximumWidth", widest)
    return box


def fill(box: QComboBox, items: Sequence[tuple[str, object]]) -> None:
    """Other (title, value) items; the same ones stay as they are."""
    if [box.itemData(at) for at in range(box.count())] != [value for _title, value in items]:
        box.clear()
        for title, value in items:
            box.addItem(title, value)


def on_choice(box: QComboBox, take: Callable[[Any], object], kind: Callable[[Any], Any] = lambda value: value) -> None:
    """Hands on the value of an item that a person chooses; `kind` makes it what it was: Qt keeps the text of an enumeration and
    forgets which one it was."""
    box.activated.connect(partial(_chosen, box, take, kind))


def _chosen(box: QComboBox, take: Callable[[Any], object], kind: Callable[[Any], Any], _at: int) -> None:
    take(kind(box.currentData()))
