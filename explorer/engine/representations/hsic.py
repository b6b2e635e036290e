"""Linear CKA of two sets of features: of all inputs at once, and of inputs that come one by one and are forgotten.

Kornblith et al., "Similarity of Neural Network Representations Revisited", 2019; without bias: Song et al., "Feature Selection
via Dependence Maximization", 2012, in the form of Székely and Rizzo, 2014; over minibatches: Nguyen et al., 2021, equation 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.representations import FEWEST
from explorer.core.translation import tr

BATCH = 64  # inputs compared with each other; the Gram matrices of 200 taps are then 7 MB
_NOTHING = 1e-26  # of the fourth power of a feature's size: float32 varies by more than 1e-7 or not at all


def linear_cka(x: Array, y: Array) -> float | None:
    """Biased CKA of features (n, p) and (n, q) of the same inputs, 0..1; None where one of them does not vary.

    Features that have nothing to do with each other get near 1 when there are more of them than inputs: not to be shown.
    Raises ExplorerError for values that are not finite.
    """
    x, y = _scaled(x), _scaled(y)
    a, b = _centred(x), _centred(y)
    first, second = float(np.linalg.norm(a.T @ a)), float(np.linalg.norm(b.T @ b))
    if _still(first**2 / len(x) ** 2, x) or _still(second**2 / len(y) ** 2, y):
        return None
    return float(np.linalg.norm(a.T @ b)) ** 2 / (first * second)


def debiased_cka(x: Array, y: Array) -> float | None:
    """CKA of features (n, p) and (n, q) of the same inputs, in -1..1 and near 0 for unrelated ones; None where one does not vary.

    Raises ExplorerError for fewer than 4 inputs and for values that are not finite.
    """
    values, known = RunningHsic(1, 1, batch=len(x)).of([_scaled(x)], [_scaled(y)])
    return float(values[0, 0]) if known[0, 0] else None


class RunningHsic:
    """Debiased CKA of every tap with every other while inputs come in. Keeps at most `batch` + 3 of them."""

    def __init__(self, first: int, second: int, batch: int = BATCH) -> None:
        self.count, self.batch = 0, max(batch, FEWEST)
        self._sides: tuple[list[list[Array]], list[list[Array]]] = (
            [[] for _ in range(first)],
            [[] for _ in range(second)],
        )
        self._sums = _Sums(first, second)

    def add(self, first: Sequence[Array], second: Sequence[Array]) -> None:
        """The features (p,) of every tap of both sides for one more input."""
        for rows, row in zip((*self._sides[0], *self._sides[1]), (*first, *second), strict=True):
            rows.append(np.asarray(row, np.float64))
        self.count += 1
        if (
            len(self._sides[0][0]) == self.batch + FEWEST
        ):  # what stays behind is a batch of its own, and nothing is lost
            taken = [[np.stack(rows[: self.batch]) for rows in side] for side in self._sides]
            self._sums = self._sums.plus(*taken)
            for rows in (*self._sides[0], *self._sides[1]):
                del rows[: self.batch]

    def result(self) -> tuple[Array, Array]:
        """(values (first, second) in -1..1, 0 where undetermined; whether they are known). ExplorerError below 4 inputs."""
        if self.count < FEWEST:
            why = tr(
                "There are {count}; the unbiased estimate needs {fewest}, and {fewest2} for reliable values.",
                count=self.count,
                fewest=FEWEST,
                fewest2=8 * FEWEST,
            )
            raise ExplorerError(
                tr("CKA needs at least {fewest} inputs.", fewest=FEWEST), why, tr("Choose a folder with more pictures.")
            )
        return self._sums.plus(*([np.stack(rows) for rows in side] for side in self._sides)).cka()

    def of(self, first: list[Array], second: list[Array]) -> tuple[Array, Array]:
        """The result of whole arrays (n, p), one a tap."""
        for n in range(len(first[0])):
            self.add([x[n] for x in first], [y[n] for y in second])
        return self.result()


class _Sums:
    """Unbiased HSIC of each pair and of each tap with itself, added up over batches, each weighted by its inputs."""

    def __init__(self, first: int, second: int) -> None:
        self.cross, self.own = np.zeros((first, second)), (np.zeros(first), np.zeros(second))
        self.size = (np.zeros(first), np.zeros(second))  # of the features, to the fourth power

    def plus(self, first: list[Array], second: list[Array]) -> _Sums:
        grams = [np.stack([_gram(x) for x in side]) for side in (first, second)]
        n = len(first[0])
        share = n / (n * (n - 3))
        more = _Sums(len(first), len(second))
        more.cross = self.cross + share * grams[0] @ grams[1].T
        more.own = tuple(old + share * (g * g).sum(1) for old, g in zip(self.own, grams, strict=True))
        more.size = tuple(
            old + n * np.array([float((x * x).sum(1).mean()) ** 2 for x in side])
            for old, side in zip(self.size, (first, second), strict=True)
        )
        return more

    def cka(self) -> tuple[Array, Array]:
        moves = [own > _NOTHING * size for own, size in zip(self.own, self.size, strict=True)]
        known = moves[0][:, None] & moves[1]
        length = np.sqrt(self.own[0])[:, None] * np.sqrt(self.own[1])
        values = np.where(known, self.cross / np.where(known, length, 1.0), 0.0)
        return values.clip(-1, 1), known


def _gram(x: Array) -> Array:
    """(n * n,) products of the inputs, centred without bias: the diagonal and the sums of rows are 0."""
    a = _centred(x)
    gram, n = a @ a.T, len(x)
    np.fill_diagonal(gram, 0.0)
    means = gram.sum(0) / (n - 2)
    means -= means.sum() / (2 * (n - 1))
    gram -= means[:, None] + means
    np.fill_diagonal(gram, 0.0)
    return gram.reshape(-1)


def _scaled(x: Array) -> Array:
    """The same features with 1 as their largest size, which CKA does not see; no fourth power overflows."""
    values = np.asarray(x, np.float64)
    if not np.isfinite(values).all():
        raise ExplorerError(tr("CKA of values that are not finite is not defined."))
    top = float(np.abs(values).max(initial=0.0))
    return values / top if top > 0 else values


def _centred(x: Array) -> Array:
    values = np.asarray(x, np.float64)
    centred: Array = values - values.mean(0)
    return centred


def _still(square: float, x: Array) -> bool:
    values = np.asarray(x, np.float64)
    return not square > _NOTHING * float((values * values).sum(1).mean()) ** 2
