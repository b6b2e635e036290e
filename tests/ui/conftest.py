"""Windows that are closed at the end of a test, and widgets in a window on a screen that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from driver import windows
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui import theme

W = TypeVar("W", bound=QWidget)


@pytest.fixture
def window(qapp: Any) -> Iterator[Callable[..., Any]]:
    """Opens a window as at a start of the application and answers with its driver; nothing is shown in it yet."""
    with windows() as opened:
        yield opened


@pytest.fixture(params=["dark", "light"])
def looks(qapp: QApplication, request: pytest.FixtureRequest) -> theme.Theme:
    """Both themes, one after the other."""
    theme.apply(qapp, theme.THEMES[request.param])
    return theme.current()


@pytest.fixture
def show(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Any]]:
    """Shows a widget at a size inside a window, so that painting and geometry are real."""
    theme.apply(qapp, theme.DARK)
    windows: list[QWidget] = []  # qtbot keeps them only weakly

    def shown(widget: W, width: int = 600, height: int = 400) -> W:
        window = QWidget()
        qtbot.addWidget(window)
        windows.append(window)
        widget.setParent(window)
        window.resize(width, height)
        widget.setGeometry(0, 0, width, height)
        window.show()
        widget.show()
        qapp.processEvents()
        return widget

    yield shown
    windows.clear()
