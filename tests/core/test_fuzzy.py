"""Typed words against texts."""

from __future__ import annotations

import pytest

from explorer.core.fuzzy import score


def test_a_start_beats_a_word_beats_an_inside_beats_letters() -> None:
    scores = [score("lay", text) for text in ("Layers", "Next layer", "Replay", "Look at yellow")]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4
    assert min(scores) > 0


def test_every_word_must_occur_in_any_order() -> None:
    assert score("layer next", "Next layer") > 0
    assert score("layer save", "Next layer") == 0


@pytest.mark.parametrize(
    ("query", "text"), [("xyz", "Next layer"), ("ll", "layer"), ("a", ""), ("relu", "Crescent, clouds")]
)
def test_what_does_not_occur_gives_nothing(query: str, text: str) -> None:
    assert score(query, text) == 0


def test_nothing_typed_fits_all() -> None:
    assert score("  ", "Next layer") > 0


def test_closer_letters_fit_better() -> None:
    assert score("cpy", "copy maps") > score("cpy", "compare a pretty day")
