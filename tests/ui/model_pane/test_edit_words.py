"""Edits in words: how many channels, which of them."""

from __future__ import annotations

from explorer.core.interventions import Edit
from explorer.ui.model_pane.edit_words import edit_title, edited_mark


def test_channels_are_counted_and_not_edits() -> None:
    head = Edit("v", tuple(range(16, 32)))
    assert edited_mark((head,)) == "16 channels edited"
    assert edited_mark((head, Edit("v", (16,)), Edit("k", (3,)))) == "17 channels edited"
    assert edited_mark((Edit("v", (1,)),)) == "1 channel edited"
    assert edited_mark((Edit("v", region=(0, 0, 1, 1)),)) == "1 region edited"
    assert edited_mark((Edit("v"),)) == "1 layer edited"


def test_channels_side_by_side_are_named_by_the_first_and_the_last() -> None:
    assert edit_title(Edit("v", tuple(range(16, 32)))) == "zero: channels 16–31  ·  v"
    assert edit_title(Edit("v", (1, 5))) == "zero: 2 channels  ·  v"
    assert edit_title(Edit("v")) == "zero: all channels  ·  v"
