"""Texts as tokens: pieces with their spans, numbers, padding, what is left out."""

from __future__ import annotations

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.texts import TextPreprocess, example, left_out, pieces, tokenised

WORDS = ("<pad>", "<unk>", "the", "cat", "isn't", ".")


def test_pieces_are_words_and_signs_with_their_places() -> None:
    text = "The cat isn't  here."
    found = pieces(text)
    assert [text[start:end] for _, start, end in found] == [piece for piece, _, _ in found]
    assert [piece for piece, _, _ in found] == ["The", "cat", "isn't", "here", "."]
    assert pieces("ab", "characters") == [("a", 0, 1), ("b", 1, 2)]


@pytest.mark.parametrize("text", ["שלום עולם", "😀 the", "a" * 5000, "naïve café", "\u202eabc"])
def test_any_script_has_pieces(text: str) -> None:
    assert "".join(piece for piece, _, _ in pieces(text)) == "".join(text.split()).replace("\u202e", "") or pieces(text)
    tokens = tokenised(text, TextPreprocess(WORDS, length=4))
    assert len(tokens) == 4


def test_numbers_unknown_words_and_padding() -> None:
    tokens = tokenised("The dog.", TextPreprocess(WORDS, length=5))
    assert [(t.id, t.kind) for t in tokens] == [
        (2, "word"),
        (1, "unknown"),
        (5, "word"),
        (0, "padding"),
        (0, "padding"),
    ]
    assert tokens[1].piece == "dog"
    assert "The dog."[tokens[1].start : tokens[1].end] == "dog"


def test_capital_letters_count_where_the_model_was_made_so() -> None:
    assert tokenised("The", TextPreprocess(WORDS, lower=False))[0].kind == "unknown"


def test_a_first_token_and_a_text_that_is_too_long() -> None:
    pre = TextPreprocess(WORDS, length=3, first=0)
    tokens = tokenised("the cat the cat", pre)
    assert [t.kind for t in tokens] == ["start", "word", "word"]
    assert left_out("the cat the cat", pre) == 2
    assert left_out("the", pre) == 0


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_text_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(ExplorerError, match="empty"):
        tokenised(text, TextPreprocess(WORDS))


def test_another_vocabulary_is_another_preprocessing() -> None:
    one, other = TextPreprocess(WORDS), TextPreprocess((*WORDS[:-1], "!"))
    assert repr(one) != repr(other)
    assert example(one) == "the cat isn't"
