"""What matched channels say of one of them, and the order in which partners stand at the same place. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from explorer.core.representations import Cka, Matches


@dataclass(frozen=True, slots=True)
class Partner:
    """A channel of the other tap, and its correlation with the one that was asked about, -1..1."""

    channel: int
    correlation: float


def turned(found: Matches) -> Matches:
    """The same seen from the other tap."""
    correlation = found.correlation.T
    live, others = correlation.any(1), correlation.any(0)
    best = np.where(live, np.where(others, correlation, -np.inf).argmax(1), -1)
    assigned = np.full(len(correlation), -1)
    mine = np.flatnonzero(found.assigned >= 0)
    assigned[found.assigned[mine]] = mine
    return replace(found, correlation=correlation, best=best, assigned=assigned, taps=found.taps[::-1])


def turned_cka(found: Cka) -> Cka:
    """The matrix with rows and columns exchanged."""
    values, known = found.values.T, found.known.T
    return replace(
        found,
        rows=found.columns,
        columns=found.rows,
        values=values,
        known=known,
        taps=(found.taps[1], found.taps[0]),
        strides=(found.strides[1], found.strides[0]),
    )


def best_of(found: Matches, channel: int) -> Partner | None:
    """The most similar channel; None where this one, or every other, is constant."""
    return _partner(found, channel, int(found.best[channel]))


def assigned_to(found: Matches, channel: int) -> Partner | None:
    """The partner one to one; None where none is left, or the channel is constant."""
    return _partner(found, channel, int(found.assigned[channel]))


def _partner(found: Matches, channel: int, other: int) -> Partner | None:
    return Partner(other, float(found.correlation[channel, other])) if other >= 0 else None


def orders(found: Matches) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """All channels of the first and of the second tap: partners at the same place, then those without one."""
    mine = [int(c) for c in np.flatnonzero(found.assigned >= 0)]
    theirs = [int(found.assigned[c]) for c in mine]
    taken, named = set(theirs), set(mine)
    first = (*mine, *(c for c in range(found.correlation.shape[0]) if c not in named))
    second = (*theirs, *(c for c in range(found.correlation.shape[1]) if c not in taken))
    return first, second
