"""Which token of one text stands for a token of another: equal words in the same order, the same characters of one text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from explorer.core.texts import WRITTEN, Token


@lru_cache(maxsize=16)
def aligned(one: tuple[Token, ...], two: tuple[Token, ...], same: bool) -> tuple[int | None, ...]:
    """For each token of a text the number of the one that stands for it in another; None where there is none.

    Of the `same` text, cut up by two models: the token with which it shares most characters. Of different texts: equal pieces,
    whatever their case, in the longest runs that keep their order (Ratcliff and Metzener 1988, difflib). Padding stands for nothing.
    """
    found = by_characters(one, two) if same else by_pieces(one, two)
    starts = [number for number, token in enumerate(two) if token.kind == "start"]
    return tuple(
        (starts[0] if starts else None) if token.kind == "start" else at for token, at in zip(one, found, strict=True)
    )


def by_characters(one: Sequence[Token], two: Sequence[Token]) -> list[int | None]:
    """By the characters that both cover."""
    found: list[int | None] = []
    for token in one:
        shared = [min(token.end, each.end) - max(token.start, each.start) for each in two]
        best = max(range(len(two)), key=shared.__getitem__, default=None)
        found.append(best if best is not None and shared[best] > 0 and token.kind in WRITTEN else None)
    return found


def by_pieces(one: Sequence[Token], two: Sequence[Token]) -> list[int | None]:
    """By equal pieces in the same order."""
    sides = [[at for at, token in enumerate(side) if token.kind in WRITTEN] for side in (one, two)]
    words = [[side[at].piece.lower() for at in kept] for side, kept in zip((one, two), sides, strict=True)]
    found: list[int | None] = [None] * len(one)
    for block in SequenceMatcher(None, words[0], words[1], autojunk=False).get_matching_blocks():
        for step in range(block.size):
            found[sides[0][block.a + step]] = sides[1][block.b + step]
    return found
