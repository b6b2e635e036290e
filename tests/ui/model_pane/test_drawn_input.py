"""What pages draw over the input, whatever the input is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.core.texts import Token
from explorer.ui.graphics.image_panel import ImagePanel
from explorer.ui.model_pane.drawn_input import DrawnInput
from explorer.ui.widgets.text_input import TextInput

TOKENS = tuple(Token(number, word, 4 * number, 4 * number + 3) for number, word in enumerate(("not", "bad", "yet")))


@pytest.fixture
def drawn(show: Any) -> tuple[DrawnInput, ImagePanel, TextInput]:
    picture, text = show(ImagePanel(), 200, 200), show(TextInput(), 200, 200)
    return DrawnInput(picture, text), picture, text


def test_the_picture_of_the_input_before_is_not_drawn_over_a_text(
    drawn: tuple[DrawnInput, ImagePanel, TextInput],
) -> None:
    """A step of the history brings the text before its maps; the page still has the result of a sound."""
    over, _, text = drawn
    plain = text.tokens.text()
    over.set_heat(np.full((4, 6), 0xFF804020, np.uint32), strength=1.0)
    text.set_tokens(TOKENS)
    shown = text.tokens.text()
    assert shown != plain
    over.set_heat(np.full((1, 3, 4), 200, np.uint8))
    assert text.tokens.text() != shown
    over.set_heat(None)
    assert text.tokens.text() == shown
