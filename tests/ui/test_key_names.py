"""How keys are written."""

from __future__ import annotations

import pytest

from explorer.ui.key_names import joined, shown


@pytest.mark.parametrize(
    ("key", "words"),
    [("J", "J"), ("Ctrl+Shift+C", "Ctrl + Shift + C"), ("Alt+Left", "Alt + ←"), ("Ctrl+,", "Ctrl + ,")],
)
def test_one_key(key: str, words: str) -> None:
    assert shown(key) == words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["J", "K"], "J  K"),
        (["Alt+Left", "Alt+Right"], "Alt + ← →"),
        (["Ctrl+1", "Ctrl+2", "Ctrl+3"], "Ctrl + 1 … 3"),
        (["Alt+1", "Alt+2"], "Alt + 1  2"),
        ([",", "."], ",  ."),
    ],
)
def test_several_keys_in_one(keys: list[str], words: str) -> None:
    assert joined(keys) == words
