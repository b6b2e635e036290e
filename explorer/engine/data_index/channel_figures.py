"""Figures of channels from the sums of an index, and the words that a cell sees of a sentence. Pure, without torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_index import ChannelTable, ClassBar, IndexedTap
from explorer.core.health import selectivity
from explorer.core.texts import TextPreprocess, tokenised
from explorer.engine.data_index.index_file import NONE

Sums = tuple[Array, ...]  # as `index_file.sums_of` gives them


def class_bars(labels: Sequence[str], sums: Sums, best: Sequence[str]) -> tuple[ClassBar, ...]:
    """One a class that has a name, from the sums of one channel; `best`: the classes of its best pictures."""
    count, active, _, total, squares = (each[0] for each in sums)
    means, variances = _moments(count, total, squares)
    in_top = Counter(best)
    return tuple(
        ClassBar(label, int(count[n]), int(active[n]), float(means[n]), float(np.sqrt(variances[n])), in_top[label])
        for n, label in enumerate(labels)
        if label or len(labels) == 1
    )


def table_of(tap: str, labels: Sequence[str], best: Array, counts: Array, sums: Sums, pictures: int) -> ChannelTable:
    """Rows of the spreadsheet. `best`: the first record of each channel, `counts`: (channels, 2)."""
    count, active, negative, total, squares = sums
    n = count.sum(1)
    means, variances = _moments(count, total, squares)
    mean, _ = _moments(n, total.sum(1), squares.sum(1))
    named = [number for number, label in enumerate(labels) if label]
    chosen = selectivity(means[:, named].T, [labels[number] for number in named])
    prefers = tuple(name for _, name in chosen)
    return ChannelTable(
        tap=tap,
        maximum=np.where(best["picture"] == NONE, np.nan, best["value"].astype(np.float64)),
        mean=mean,
        coverage=np.where(n > 0, active.sum(1) / np.maximum(n, 1), np.nan),
        sparsity=_sparsity(n, total.sum(1), squares.sum(1), negative.sum(1)),
        selectivity=np.array([value for value, _ in chosen]),
        d_prime=_d_prime(count[:, named], means[:, named], variances[:, named]),
        prefers=prefers,
        reach=counts[:, 0],
        not_finite=counts[:, 1],
        pictures=pictures,
    )


def _moments(count: Array, total: Array, squares: Array) -> tuple[Array, Array]:
    """(mean, variance), NaN without a picture."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
        return mean, np.where(count > 0, np.maximum(squares / count - mean**2, 0), np.nan)


def _sparsity(n: Array, total: Array, squares: Array, negative: Array) -> Array:
    """(1 − (mean)² / mean of squares) / (1 − 1 / n): Vinje and Gallant, Science 287 (2000). NaN where a value is negative, for
    which it is not defined, or all are zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (1 - (total / n) ** 2 / (squares / n)) / (1 - 1 / n)
    known = (n > 1) & (squares > 0) & (negative == 0)
    return np.where(known, np.clip(found, 0, 1), np.nan)


def _d_prime(count: Array, means: Array, variances: Array) -> Array:
    """Between the class with the highest mean and all pictures of the others."""
    if count.shape[1] < 2 or not len(count):
        return np.full(len(count), np.nan)
    rows = np.arange(len(count))
    best = np.nan_to_num(means, nan=-np.inf).argmax(1)
    rest = count.astype(np.float64)
    rest[rows, best] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rest / rest.sum(1, keepdims=True)
        others = np.nansum(share * means, 1)
        spread = np.nansum(share * (variances + means**2), 1) - others**2
        found = (means[rows, best] - others) / np.sqrt((variances[rows, best] + np.maximum(spread, 0)) / 2)
    return np.where(np.isfinite(found) & (rest.sum(1) > 0), found, np.nan)


def words_seen(tap: IndexedTap, text: str, cell: tuple[int, int], tokens: TextPreprocess) -> str:
    """The n-gram that a cell sees of a sentence; "" where it sees all of it, or is of no certain words."""
    field = tap.receptive
    if field is None or field.whole:
        return ""
    pieces = tokenised(text, tokens)
    box = field.box(0, max(cell))
    first, last = max(int(box.x0), 0), min(int(box.x1), len(pieces))
    return " ".join(piece.piece for piece in pieces[first:last] if piece.kind != "padding")
