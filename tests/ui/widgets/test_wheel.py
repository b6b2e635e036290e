"""Who scrolls past a number must not change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QScrollArea,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.wheel import keep_scrolling

Show = Callable[..., QScrollArea]


def _list() -> QComboBox:
    box = QComboBox()
    box.addItems([str(at) for at in range(9)])
    return box


def _turn(widget: QWidget) -> None:
    """As a mouse does it: what a widget leaves goes on to those that hold it, which an event sent to it would not."""
    window = widget.window()
    QTest.wheelEvent(window.windowHandle(), QPointF(widget.mapTo(window, widget.rect().center())), QPoint(0, -120))
    QApplication.processEvents()


def _value(widget: Any) -> float:
    return float(widget.currentIndex() if isinstance(widget, QComboBox) else widget.value())


@pytest.mark.parametrize("make", [QSpinBox, QDoubleSpinBox, QSlider, _list])
def test_the_wheel_scrolls_the_column_until_a_widget_is_chosen(
    make: Callable[[], Any], show: Show, qtbot: QtBot
) -> None:
    area, column, widget = QScrollArea(), QWidget(), make()
    layout = QVBoxLayout(column)
    layout.addWidget(widget)
    layout.addSpacing(2000)
    keep_scrolling(column)
    area.setWidget(column)
    area.setWidgetResizable(True)
    show(area, 300, 200)
    widget.setValue(3) if not isinstance(widget, QComboBox) else widget.setCurrentIndex(3)
    area.setFocus()
    _turn(widget)
    assert _value(widget) == 3
    assert area.verticalScrollBar().value() > 0
    assert not widget.hasFocus()
    area.verticalScrollBar().setValue(0)
    area.window().activateWindow()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(widget.hasFocus)
    _turn(widget)
    assert _value(widget) != 3
    assert area.verticalScrollBar().value() == 0
