"""In the pseudo-language, what has not gone through `tr` is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.core import translation
from explorer.core.translation import tr
from explorer.ui import qt_language
from tests.pictures.language import is_pseudo, outside, untranslated


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    translation.install(translation.ENGLISH)


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_what_is_not_translated_is_listed(qtbot: QtBot) -> None:
    translation.install(translation.PSEUDO)
    assert is_pseudo()
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    box = QComboBox()
    box.addItems([tr("per map"), "per layer"])
    unseen = QLabel("not seen")
    for widget in (
        QLabel(tr("Layer {name} of {model}", name="stage2.0", model="shapes-cnn")),
        QLabel("stage2.0 · 32 × 48 · 1.5 GiB · star"),
        QLabel("<b>[Öpéñ ~]</b> ReLU"),
        QPushButton("Open a model"),
        box,
        unseen,
    ):
        column.addWidget(widget)
    unseen.hide()
    window.show()
    unseen.hide()
    assert untranslated(window, frozenset({"star"})) == (
        "QPushButton: 'Open a model' is not translated",
        "QComboBox: 'per layer' is not translated",
    )


def test_brackets_hold_what_is_put_in() -> None:
    assert outside("a [b [c ~] ~] d]") == "a  d]"


@pytest.mark.parametrize("name", [translation.PSEUDO_RTL, translation.ENGLISH])
def test_the_direction_is_the_languages(qapp: QWidget, name: str) -> None:
    translation.install(name)
    qt_language.apply(qapp)  # type: ignore[arg-type]
    assert qapp.isRightToLeft() is (name == translation.PSEUDO_RTL)
