"""What is asked of attention from a window, and what it is told. Which block stands for a layer, which token for a point. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, AttentionKind, AttentionMaps, Tokens, mass_mask
from explorer.core.boxes import ReceptiveField
from explorer.core.geometry import token_grid
from explorer.core.translation import msgid

Query = int | tuple[int, int]  # a token before the grid by its number, or a cell
# the same for any block: a token before the grid by its number, or a point (y, x) of the model's input in pixels
Spot = int | tuple[float, float]


class AttentionMode(StrEnum):
    """What is shown of attention."""

    HEADS = "heads"  # of one block, for one token
    BLOCKS = "blocks"  # of all blocks, likewise
    ROLLOUT = "rollout"
    RELEVANCE = "relevance"
    NORMS = "norms"
    LINES = "lines"  # between all tokens of one block
    MATRIX = "matrix"


BETWEEN = (AttentionMode.LINES, AttentionMode.MATRIX)


@dataclass(frozen=True, slots=True, eq=False)
class Attending:
    """Every attention of a forward, in order. `whole`: all are kept, else one at a time; `nbytes` is what that takes."""

    calls: tuple[AttentionCall, ...]
    nbytes: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What one token attends to in one block, or (`to`) who attends to it. `matrix` (heads, queries, keys) where there is no map."""

    name: str
    query: Query
    to: bool
    maps: AttentionMaps | None = None
    matrix: Array | None = None


def measured_look(looked: Looked | None) -> dict[str, tuple[float, ...]]:
    """What guides may ask of a look that has a map, a number a head: `patches`, the fewest that hold 60 % of its weight (Caron et
    al. 2021), `largest`, the largest weight of a patch, and `before`, the weight on tokens before the grid; `…_of_mean`: of the
    mean of all heads."""
    maps = looked.maps if looked is not None else None
    if maps is None or not maps.maps.size:
        return {}
    whole = np.concatenate((maps.maps, maps.maps.mean(0, dtype=np.float64)[None]))
    held = mass_mask(whole).sum((1, 2)).tolist()
    return {
        "patches": tuple(held[:-1]),
        "patches_of_mean": (held[-1],),
        "largest": tuple(maps.maps.max((1, 2)).tolist()),
        "before": tuple(maps.prefix.sum(1).tolist()),
        "before_of_mean": (float(maps.prefix.sum(1).mean()),),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """The same spot in every block that has a token there, by the name of the block."""

    spot: Spot
    looks: Mapping[str, AttentionMaps]


@dataclass(frozen=True, slots=True)
class FlowAsked:
    """Attention through all blocks: of which token (None: that of the method), from which block on, for which class."""

    method: Literal["rollout", "relevance"]
    spot: Spot | None = None
    start: int = 0
    fusion: Literal["mean", "max", "min"] = "mean"
    class_: int = 0


def query_of(tokens: Tokens, spot: Spot) -> Query | None:
    """The token of these that stands at a spot, None where there is none. Beyond the edge it is the outermost one."""
    if isinstance(spot, int):
        known = tokens.prefix if tokens.cells is not None else tokens.count
        return spot if 0 <= spot < known else None
    if tokens.field is None or tokens.grid is None:
        return None
    return token_grid.nearest_cell(tokens.field, tokens.grid, spot)


def spot_of(field: ReceptiveField | None, query: Query) -> Spot | None:
    """Where a token stands: the middle of its cell; the same number for one before the grid."""
    if isinstance(query, int):
        return query
    return None if field is None else token_grid.middle_of(field, query)


def default_spot(tokens: Tokens) -> Spot | None:
    """The class token where there is one, else the middle of the grid; a token without a place by its number."""
    if tokens.prefix or tokens.cells is None or tokens.grid is None:
        return 0
    return spot_of(tokens.field, (tokens.grid[0] // 2, tokens.grid[1] // 2))


def query_at(tokens: Tokens, spots: Iterable[Spot | None]) -> Query:
    """The token at the first of these spots that has one, else the usual one."""
    for spot in (*spots, default_spot(tokens)):
        query = query_of(tokens, spot) if spot is not None else None
        if query is not None:
            return query
    return 0


def has_map(call: AttentionCall, to: bool = False) -> bool:
    """Whether what is seen of a token of it lies on a grid."""
    tokens = call.queries if to else call.keys
    return call.kind is not AttentionKind.CHANNELS and tokens.cells is not None and tokens.grid is not None


def nearest_call(calls: Sequence[AttentionCall], taps: Sequence[Tap], tap: Tap) -> tuple[int, str]:
    """(number of the attention that stands for a layer, how it lies to that layer). `calls` are not empty.

    It is that of the layer itself, else the one inside it, else the one that shares most of its path and is next in the forward.
    """
    order = {t.name: at for at, t in enumerate(taps)}
    here, found = order.get(tap.name, len(taps)), []
    for number, call in enumerate(calls):
        there = _place_of(call, taps, order)
        how = _relation(call, tap, there - here)
        shared = _shared(call.path, tap.path)
        found.append((_RANKS[how], -shared, abs(there - here), number, how))
    _, _, _, number, how = min(found)
    return number, how


_RANKS = {
    msgid("this layer"): 0,
    msgid("around this layer"): 1,
    msgid("inside this layer"): 2,
    msgid("before this layer"): 3,
    msgid("after this layer"): 3,
}


def _relation(call: AttentionCall, tap: Tap, way: int) -> str:
    if call.path == tap.path:
        # the second call of one module is its second attention, where there are as many of both
        return "this layer" if call.call == tap.call else "around this layer"
    if not call.path or tap.path.startswith(call.path + "."):
        return "around this layer"
    if not tap.path or call.path.startswith(tap.path + "."):
        return "inside this layer"
    return "after this layer" if way > 0 else "before this layer"


def _place_of(call: AttentionCall, taps: Sequence[Tap], order: Mapping[str, int]) -> int:
    """Where in the forward the module of an attention returns."""
    inside = [t for t in taps if t.path == call.path] or [t for t in taps if t.path.startswith(call.path + ".")]
    return order[inside[min(call.call, len(inside) - 1)].name] if inside else len(taps)


def _shared(one: str, other: str) -> int:
    """How many parts of two paths are the same, from the first on."""
    same = [a == b for a, b in zip(one.split("."), other.split("."), strict=False)]
    return same.index(False) if False in same else len(same)


def tap_of(call: AttentionCall, film: Sequence[Tap]) -> Tap | None:
    """The layer to go to for an attention: that of its module, else the last one inside it, else the next around it."""
    exact = [tap for tap in film if tap.path == call.path]
    inside = [tap for tap in film if tap.path.startswith(call.path + ".")]
    around = [tap for tap in film if tap.path and call.path.startswith(tap.path + ".")]
    if exact:
        return exact[min(call.call, len(exact) - 1)]
    return inside[-1] if inside else around[-1] if around else None


def block_of(tokens: Tokens, window: int) -> tuple[Array, Array]:
    """(rows, columns) of the grid that a picture of one window shows: those of the window in its own order, which may go on at
    the other side of the grid (shifted windows) or leave cells out (dilated ones); the whole grid where it is no rectangle."""
    assert tokens.cells is not None
    assert tokens.grid is not None
    height, width = tokens.grid
    cells = tokens.cells[window][tokens.prefix :].astype(np.int64)
    y, x = np.divmod(cells, width)
    rows, columns = _first_seen(y), _first_seen(x)
    square = len(rows) * len(columns) == len(cells) and bool((cells >= 0).all())
    if square and np.array_equal((rows[:, None] * width + columns).reshape(-1), cells):
        return rows, columns
    return np.arange(height), np.arange(width)


def _first_seen(values: Array) -> Array:
    """The different values in the order in which they come."""
    found, first = np.unique(values, return_index=True)
    ordered: Array = found[np.argsort(first)]
    return ordered
