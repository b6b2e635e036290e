"""A button shows the most words that fit, and never makes what it stands in wider."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui.widgets.fitting_button import FittingButton

WORDS = ("Assumed: preprocessing, labels · change …", "Assumed: preprocessing, labels …", "Assumed …")


@pytest.mark.parametrize(("width", "shown"), [(400, WORDS[0]), (260, WORDS[1]), (110, WORDS[2])])
def test_as_many_words_as_there_is_room_for(show: Any, width: int, shown: str) -> None:
    panel, button = QWidget(), FittingButton()
    button.set_words(*WORDS)
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(button)
    show(panel, width, 60)
    assert panel.minimumSizeHint().width() <= width
    assert button.text() == shown
    assert button.accessibleName() == WORDS[0]


def test_the_last_words_are_shortened(show: Any) -> None:
    button = show(FittingButton(), 70, 30)
    button.set_words(*WORDS)
    assert button.text().endswith("…")
    assert WORDS[2].startswith(button.text()[:-1])
    assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width()
