"""Places of Compare as tokens of a column's attention."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.attention import AttentionCall
from explorer.core.attention_queries import Query, Spot, query_at
from explorer.core.geometry import affine
from explorer.ui.attention.asking import AttentionAsking

Share = tuple[float, float]  # a place (y, x) as shares of the picture
Places = tuple[Share | None, Share | None]  # the cursor, and the place that is kept


def token_at(asking: AttentionAsking, call: AttentionCall, places: Sequence[Share | None]) -> Query:
    """The token of a block at the first of these places that has one, else the usual one."""
    return query_at(call.queries, [_spot(asking, place) for place in places])


def _spot(asking: AttentionAsking, place: Share | None) -> Spot | None:
    if place is None or asking.capture is None or asking.pre is None:
        return None
    height, width = asking.capture.picture.size
    return affine.point_seen((height, width), asking.pre, (place[0] * height, place[1] * width))
