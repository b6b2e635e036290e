"""Padding is counted where it stands, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.core.dataset import Over
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.core.texts import TextPreprocess, tokenised
from explorer.engine.data_sets.inputs_over import inputs_over
from explorer.engine.data_sets.padding_count import PaddingCount
from explorer.engine.inputs.text_lines import text_input

WORDS = ("<pad>", "<unk>", "good", "bad")
LINES = ("good", "good <pad> bad", "bad bad bad bad bad bad")


@pytest.mark.parametrize("length", [4, 0])
def test_the_padding_at_the_end_is_counted(tmp_path: Path, length: int) -> None:
    file, pre = tmp_path / "lines.txt", TextPreprocess(WORDS, length=length)
    file.write_text("\n".join(LINES))
    count = PaddingCount(pre)
    given = text_input(InputRef("text", "good"), "good")
    items = count.counted(inputs_over(Over("folder", str(file)), given, pre))
    assert count.notes == ()
    for item in items:
        item.load()
    truth = sum(token.kind == "padding" for line in LINES for token in tokenised(line, pre))
    assert count.padding == truth
    assert bool(count.notes) is bool(length)
    if length:
        assert count.notes[0].startswith(f"{truth} of 12 tokens are padding")


def test_pictures_are_left_as_they_are() -> None:
    count = PaddingCount(Preprocess(8, 8))
    assert count.counted(()) == ()
    assert count.notes == ()
