"""Places of Compare as tokens of a column's attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.core.attention import AttentionCall
from explorer.core.attention_queries import Query, Spot, query_at, query_of
from explorer.core.geometry import affine
from explorer.ui.attention.asking import AttentionAsking
from explorer.ui.attention.token_drawing import Token, number_of

Share = tuple[float, float]  # a place (y, x) as shares of the picture
Places = tuple[Share | None, Share | None]  # the cursor, and the place that is kept


@dataclass(frozen=True, slots=True)
class TokenSide:
    """As what a token is pointed at: as a key that is attended to, not as a query; `prefix`: its number before the grid, where it
    has no place."""

    key: bool = False
    prefix: int | None = None


AS_QUERY = TokenSide()


@dataclass(frozen=True, slots=True)
class Pointing:
    """What is pointed at in a column, and what is kept there."""

    places: Places = (None, None)
    over: TokenSide = AS_QUERY
    kept: TokenSide = AS_QUERY


def token_of(asking: AttentionAsking, call: AttentionCall, pointing: Pointing) -> tuple[Token | None, bool]:
    """(the token that is looked at, whether it is the one that is kept); (None, False): none is."""
    for place, side, kept in zip(pointing.places, (pointing.over, pointing.kept), (False, True), strict=True):
        tokens = call.keys if side.key else call.queries
        spot = side.prefix if side.prefix is not None else _spot(asking, place)
        query = query_of(tokens, spot) if spot is not None else None
        number = number_of(tokens, query) if query is not None else None
        if number is not None:
            return (side.key, number), kept
    return None, False


def token_at(asking: AttentionAsking, call: AttentionCall, places: Sequence[Share | None]) -> Query:
    """The token of a block at the first of these places that has one, else the usual one."""
    return query_at(call.queries, [_spot(asking, place) for place in places])


def _spot(asking: AttentionAsking, place: Share | None) -> Spot | None:
    if place is None or asking.capture is None or asking.pre is None:
        return None
    height, width = asking.capture.picture.size
    return affine.point_seen((height, width), asking.pre, (place[0] * height, place[1] * width))
