"""The most similar channel of another tap: correlation over the places of all pictures seen, one to one by assignment.

Li et al., "Convergent Learning: Do different neural networks learn the same representations?", 2016.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

import numpy as np

from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Text
from explorer.core.models import AnyPreprocess
from explorer.core.representations import Matches, Vectors
from explorer.core.texts import WRITTEN, TextPreprocess, tokenised
from explorer.core.translation import tr
from explorer.engine.data_sets.inputs_over import Shot
from explorer.engine.health.running_statistics import LARGEST, Moments
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.representations.cell_vectors import read_at
from explorer.engine.representations.paired_stream import ComparedModel, Reader, pairs

_NOTHING = 1e-12  # of a channel's largest mean or spread: rounding of equal values


def match_channels(
    first: ComparedModel, second: ComparedModel, shots: Iterable[Shot], cancelled: Cancelled = never
) -> Generator[int | None, None, Matches]:
    """One picture a step; yields the number of pictures seen, None for one that was skipped. Each side names one tap.

    The finer tap is read, bilinearly, at the centres of the coarser one's cells, in the original picture and only where both
    see it; cells over padding of a text are left out. Raises ExplorerError when a side names not one tap, when there are too many
    channels, and when no picture could be used; CancelledError when cancelled.
    """
    if len(first.names) != 1 or len(second.names) != 1:
        raise ExplorerError(tr("Channels are matched between one tap and one other."))
    skipped: list[tuple[str, str]] = []
    moments: Moments | None = None
    split = count = 0
    one, other = (Reader(side, _all, cancelled) for side in (first, second))
    pres = tuple(side.loaded.card.preprocess for side in (first, second))
    for found in pairs(one, other, [_of_same_tokens(shot, *pres) for shot in shots], skipped):
        if found is None:
            yield None
            continue
        name, (a,), (b,) = found
        both = together(a, b)
        if moments is None:
            moments, split = _moments(both.shape[1]), a.values.shape[1]
        if a.values.shape[1] != split or both.shape[1] != len(moments.mean) or not len(both):
            skipped.append((name, tr("Its channels differ, or no finite values are seen by both.")))
            yield None
            continue
        moments.add(both.T)
        count += 1
        yield count
    if moments is None or not moments.count:
        why = f"{skipped[0][0]}: {skipped[0][1]}" if skipped else tr("There is none.")
        raise ExplorerError(tr("No input could be used."), why, tr("Choose other inputs."))
    whole = matched(moments, split, count, tuple(skipped), cancelled)
    notes = tuple(dict.fromkeys((*one.padding.notes, *other.padding.notes)))
    return replace(whole, taps=(*first.names, *second.names), notes=notes)


def _of_same_tokens(shot: Shot, first: AnyPreprocess, second: AnyPreprocess) -> Shot:
    """Of two tokenizers only a text that both cut alike: else the n-th tokens are not about the same words."""
    if not (isinstance(first, TextPreprocess) and isinstance(second, TextPreprocess)) or first == second:
        return shot

    def opened() -> Input:
        given = shot.open()
        if isinstance(given, Text) and _spans(given.text, first) != _spans(given.text, second):
            why = tr("The two models cut it into different tokens.")
            raise ExplorerError(
                tr("{why} Channels are compared token by token.", why=why), "", tr("Use CKA, which takes means.")
            )
        return given

    return replace(shot, open=opened)


def _spans(text: str, pre: TextPreprocess) -> list[tuple[int, int, int]]:
    tokens = enumerate(tokenised(text, pre))
    return [(at, token.start, token.end) for at, token in tokens if token.kind in WRITTEN]


def _all(cells: Vectors) -> Vectors:
    return cells


def _moments(channels: int) -> Moments:
    if channels > LARGEST:
        raise ExplorerError(
            tr("The two taps have {channels} channels together.", channels=channels),
            tr("At most {largest} can be compared.", largest=LARGEST),
        )
    return Moments(channels)


def together(a: Vectors, b: Vectors) -> Array:
    """(places, channels of a and of b) at the cells of the coarser one that both see and that are no padding; only finite values."""
    coarse, fine = (a, b) if len(a.values) <= len(b.values) else (b, a)
    read, reached = read_at(fine.values, fine, coarse)
    both = np.concatenate([coarse.values, read] if coarse is a else [read, coarse.values], 1)
    kept = reached & np.isfinite(both).all(1)
    if fine.padded is not None:
        kept &= read_at(fine.padded[:, None].astype(np.float64), fine, coarse)[0][:, 0] == 0
    if coarse.padded is not None:
        kept &= ~coarse.padded
    found: Array = both[kept]
    return found


def matched(
    moments: Moments, split: int, count: int, skipped: tuple[tuple[str, str], ...] = (), cancelled: Cancelled = never
) -> Matches:
    """Matches of the first `split` channels with the others. Raises CancelledError when cancelled."""
    std = moments.std
    moves = std > _NOTHING * np.maximum(np.abs(moments.mean), std.max(initial=0.0))
    scale = np.where(moves, std, np.inf)
    correlation = (moments.covariance / scale[:, None] / scale)[:split, split:].clip(-1, 1)
    a, b = np.flatnonzero(moves[:split]), np.flatnonzero(moves[split:])
    best, assigned = np.full(split, -1), np.full(split, -1)
    if len(a) and len(b):
        live = correlation[np.ix_(a, b)]
        best[a] = b[live.argmax(1)]
        mine, theirs = assignment(-live, cancelled)
        assigned[a[mine]] = b[theirs]
    return Matches(correlation, best, assigned, count, moments.count, skipped)


def assignment(cost: Array, cancelled: Cancelled = never) -> tuple[Array, Array]:
    """(rows, columns) of the cheapest one-to-one assignment of a finite (n, m) matrix, min(n, m) pairs sorted by row.

    Shortest augmenting paths with potentials: Kuhn 1955, Jonker and Volgenant 1987; O(n² m). Raises CancelledError when cancelled.
    """
    if cost.shape[0] > cost.shape[1]:
        columns, rows = assignment(cost.T, cancelled)
        order = np.argsort(rows)
        return rows[order], columns[order]
    n, m = cost.shape
    u, v = np.zeros(n), np.zeros(m)
    owner = np.full(m, -1)  # row that holds each column
    for row in range(n):
        if cancelled():
            raise CancelledError
        _augment(cost, u, v, owner, row)
    taken = np.flatnonzero(owner >= 0)
    order = np.argsort(owner[taken])
    return owner[taken][order], taken[order]


def _augment(cost: Array, u: Array, v: Array, owner: Array, row: int) -> None:
    """Finds the shortest path from a free row to a free column and turns it over."""
    m = cost.shape[1]
    distance, before, done = np.full(m, np.inf), np.full(m, -1), np.zeros(m, bool)
    at, column, reach = row, -1, 0.0
    while True:
        through = reach + cost[at] - u[at] - v
        nearer = ~done & (through < distance)
        distance[nearer], before[nearer] = through[nearer], column
        nearest = int(np.where(done, np.inf, distance).argmin())
        reach, column = float(distance[nearest]), nearest
        if owner[column] < 0:
            break
        done[column] = True
        at = int(owner[column])
    u[row] += reach
    u[owner[done]] += reach - distance[done]
    v[done] -= reach - distance[done]
    while column >= 0:
        previous = int(before[column])
        owner[column] = row if previous < 0 else owner[previous]
        column = previous
