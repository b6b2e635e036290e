"""How well typed words fit a text. Pure."""

from __future__ import annotations

_START, _WORD, _INSIDE, _LETTERS = (
    300,
    200,
    100,
    50,
)  # where a word occurs: at the start, at that of a word, inside, as letters

_APART = 2  # letters that may lie between two that are typed, on average


def score(query: str, text: str) -> int:
    """How well every word of `query` fits `text`; 0 when one does not occur, not even letter by letter. An empty query fits all."""
    words, text = query.casefold().split(), text.casefold()
    each = [_of_word(word, text) for word in words]
    return 0 if 0 in each else 1 + sum(each)


def _of_word(word: str, text: str) -> int:
    if word in text:
        return _START if text.startswith(word) else _WORD if f" {word}" in text else _INSIDE
    gaps, at = 0, text.find(word[0]) - 1
    for letter in word:
        after = text.find(letter, at + 1)
        if after < 0:
            return 0
        gaps += after - at - 1
        at = after
    return max(_LETTERS - gaps, 1) if gaps <= _APART * len(word) else 0
