"""What is said of edits and of a text that was read, in another language: no word of it stays English, and one is not several."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from explorer.core import translation
from explorer.core.interventions import Edit, Mode
from explorer.ui.model_pane.edit_words import edit_title
from explorer.ui.model_pane.present import _read


@pytest.fixture(autouse=True)
def _german() -> Iterator[None]:
    translation.install("de")
    yield
    translation.install(translation.ENGLISH)


@pytest.mark.parametrize(("mode", "word"), [("zero", "null"), ("mean", "Mittelwert"), ("freeze", "festgehalten")])
def test_how_a_channel_is_replaced(mode: Mode, word: str) -> None:
    assert edit_title(Edit("stem.0", (3,), mode=mode)) == f"{word}: Kanal 3  ·  stem.0"


@pytest.mark.parametrize(
    ("count", "unit", "said"),
    [(1, "words", "1 Wort"), (20, "words", "20 Wörter"), (2, "tokens", "2 Token"), (3, "Silben", "3 Silben")],
)
def test_how_much_of_a_text_was_read(count: int, unit: str, said: str) -> None:
    assert _read(count, unit) == said
