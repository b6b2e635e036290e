"""A place of one input on another one: the same pixel of a picture, time of a sound, word of a text. Pure."""

from __future__ import annotations

from explorer.core.any_input import kind_of_input
from explorer.core.inputs import Text
from explorer.core.seen_input import Seen
from explorer.core.sounds import Sound
from explorer.core.text_alignment import aligned
from explorer.core.translation import tr

Share = tuple[float, float]  # (y, x) as shares of the input's size


def linked_place(at: Share, here: Seen, there: Seen) -> tuple[Share | None, str]:
    """(the place on another input, "") or (None, why there is none).

    Pictures share places by their relative position, sounds by seconds from their beginning, texts by aligned words.
    """
    kinds = kind_of_input(here.given), kind_of_input(there.given)
    if kinds[0] != kinds[1]:
        return None, tr("A place of a {kinds} has none in a {kinds2}.", kinds=kinds[0], kinds2=kinds[1])
    if isinstance(here.given, Sound) and isinstance(there.given, Sound):
        across = at[1] * here.given.seconds / there.given.seconds
        return ((at[0], across), "") if across < 1 else (None, tr("This sound is shorter."))
    if isinstance(here.given, Text) and isinstance(there.given, Text):
        return _word(at, here, there)
    return at, ""


def _word(at: Share, here: Seen, there: Seen) -> tuple[Share | None, str]:
    assert isinstance(here.given, Text)
    assert isinstance(there.given, Text)
    if (here.given.text, here.pre) == (there.given.text, there.pre):
        return at, ""
    pieces, token = here.tokens, token_at(at, here.given)
    if not 0 <= token < len(pieces):
        return None, ""
    other = aligned(here.tokens, there.tokens, here.given.text == there.given.text)[token]
    if other is not None:
        return place_of_token(other, there.given), ""
    padding = pieces[token].kind == "padding"
    return None, tr("Padding has no counterpart.") if padding else tr(
        "No word here is aligned with “{piece}”.", piece=pieces[token].piece
    )


def place_of_token(token: int, given: Text) -> Share:
    """The middle of a token as shares of a text's size, which is its number of characters: 1 and more for late tokens."""
    height, width = given.size
    return 0.5 / height, (token + 0.5) / width


def token_at(at: Share, given: Text) -> int:
    """The token at a place: the inverse of `place_of_token`."""
    return int(at[1] * given.size[1] + 1e-6)


def steps_differ(here: Seen, there: Seen) -> str:
    """Why step i of a layer is not about the same place of both inputs; "" where it is."""
    if not isinstance(here.given, Text) or not isinstance(there.given, Text):
        return ""
    one, two = here.tokens, there.tokens
    if len(one) != len(two):
        return tr(
            "The texts have {count} and {count2} tokens: their steps are not the same.", count=len(one), count2=len(two)
        )
    counts = [sum(token.kind != "padding" for token in side) for side in (one, two)]
    if counts[0] != counts[1]:
        return tr(
            "The texts have {counts} and {counts2} tokens before the padding: their steps are not the same.",
            counts=counts[0],
            counts2=counts[1],
        )
    other = aligned(one, two, here.given.text == there.given.text)
    astray = next((i for i, at in enumerate(other) if at is not None and at != i), None)
    return "" if astray is None else tr("“{piece}” stands at another step in the other text.", piece=one[astray].piece)
