"""Dialogs that are shown and go away again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from explorer.ui import theme


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Any]]:
    """Shows a dialog without waiting for an answer."""
    theme.apply(qapp, theme.DARK)
    held: list[QDialog] = []  # qtbot keeps them only weakly

    def show(dialog: QDialog) -> QDialog:
        qtbot.addWidget(dialog)
        held.append(dialog)
        dialog.show()
        qapp.processEvents()
        return dialog

    yield show
    held.clear()
