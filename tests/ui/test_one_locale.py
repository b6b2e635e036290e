"""Numbers are written in one way, whatever the language of the desktop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLabel

from explorer.ui.settings import Settings
from tests.support.driver import windows

_OTHER_DIGITS = re.compile(r"[^\W\d_a-zA-Z]*[\u0660-\u0669\u06f0-\u06f9]")
_COMMA = re.compile(r"\d,\d(?!\d\d\b)")  # not the comma between thousands


@pytest.fixture(params=["ar_EG", "de_DE", "fa_IR"])
def app(request: pytest.FixtureRequest) -> Iterator[Any]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    try:
        with windows() as opened:
            yield opened(settings=Settings(lasting=False))
    finally:
        QLocale.setDefault(before)


def test_no_field_and_no_label_mixes_ways_to_write_numbers(app: Any) -> None:
    window = app.main_window
    for name in tuple(window.workspaces):
        app.turn_to(name)  # some are made when they first come to the front
    fields = [field.text() for field in window.findChildren(QAbstractSpinBox)]
    assert len(fields) >= 5
    words = [widget.text() for kind in (QLabel, QAbstractButton) for widget in window.findChildren(kind)]
    items = [box.itemText(at) for box in window.findChildren(QComboBox) for at in range(box.count())]
    for text in (*fields, *words, *items):
        assert not _OTHER_DIGITS.search(text), text
    assert not [text for text in fields if _COMMA.search(text)]


def test_what_is_typed_with_a_point_is_read(app: Any) -> None:
    field = app.main_window.explore.maps.percentile
    field.setValue(97.5)
    assert field.text().startswith("97.5")
    assert field.valueFromText("98.5 %") == 98.5
