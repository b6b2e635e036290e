"""A sentence with its tokens: what is written is told, what is pointed at, coloured and marked is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from explorer.core.boxes import Box
from explorer.core.texts import TextPreprocess, Token, tokenised
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.model_pane.drawn_input import DrawnInput
from explorer.ui.widgets.text_input import TextInput

PRE = TextPreprocess(("<pad>", "<unk>", "a", "<b>"), length=5)


@pytest.fixture
def panel(show: Any) -> TextInput:
    made: TextInput = show(TextInput(), 260, 200)
    made.set_text("a <b> a", tokenised("a <b> a", PRE))
    return made


def test_what_is_written_is_told_once_and_shown_without_an_echo(panel: TextInput) -> None:
    told: list[str] = []
    panel.edited.connect(told.append)
    panel.set_text("another", ())
    assert told == []
    panel.field.setPlainText("a b")
    assert told == ["a b"]


def test_signs_of_a_text_are_no_markup(panel: TextInput) -> None:
    assert "&lt;" in panel.tokens.text()
    assert "<b>" not in panel.tokens.text()


def test_tokens_are_pointed_at_and_chosen(panel: TextInput) -> None:
    found: list[int] = []
    panel.hovered.connect(found.append)
    panel.selected.connect(found.append)
    panel.tokens.linkHovered.emit("2")
    panel.tokens.linkActivated.emit("1")
    assert found == [2, 1]


def test_the_field_of_a_cell_is_drawn_whole_tokens(panel: TextInput) -> None:
    plain = panel.tokens.text()
    panel.set_field(1.0, 3.0)
    assert panel.tokens.text() != plain
    panel.set_field(0.0, 0.0)
    assert panel.tokens.text() == plain


def test_colours_come_as_a_row_of_a_picture(panel: TextInput) -> None:
    over, plain = DrawnInput(ImagePanel(), panel), panel.tokens.text()
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, 1] = 255, 0, 0, 255
    over.set_heat(rgba)
    assert "#ff0000" in panel.tokens.text()
    over.set_window(Box(0, 2, 1, 3))
    assert panel.tokens.text().count("underline") == 1
    over.set_window(None)
    over.set_heat(None)
    assert panel.tokens.text() == plain


def test_a_very_long_text_shows_its_first_tokens(panel: TextInput) -> None:
    tokens = tokenised("a " * 5000, TextPreprocess(PRE.words))
    panel.set_text("a " * 5000, tokens)
    assert panel.tokens.text().endswith("and 4600 more")


def test_many_tokens_scroll_and_push_nothing_away(show: Callable[..., Any]) -> None:
    given = show(TextInput(), 260, 700)
    given.set_text("one two", [Token(2, "one", 0, 3), Token(3, "two", 4, 7)])
    QApplication.processEvents()
    low = given.area.height()
    assert 0 < low < 2 * given.tokens.fontMetrics().lineSpacing()
    given.set_tokens([Token(2, f"word{number}", 0, 3) for number in range(300)])
    QApplication.processEvents()
    assert low < given.area.height() <= 8 * given.tokens.fontMetrics().lineSpacing() + 4
    assert given.area.verticalScrollBar().maximum() > 0
    assert given.tokens.height() > 2 * given.area.height()
    assert given.tokens.width() <= given.area.viewport().width()
