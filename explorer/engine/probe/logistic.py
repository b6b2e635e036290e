"""Logistic regression of many layers at once: mean cross-entropy, balanced over the classes, + 0.02·‖W‖², the bias free.

The loss is strictly convex, so the answer depends on nothing but the rows. L-BFGS on all of the batch; the rows are turned into
the directions in which they vary, where they are at most as many as the rows, and where the curvature is known well enough to
begin with. Each problem of a batch has its own step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.probe import PENALTY
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

TOLERANCE = 1e-5  # of the largest number of the gradient, with up to 64 features; it grows as the length of a row does
_ITERATIONS, _MEMORY, _HALVINGS = 300, 10, 8
_ROUNDED = 10  # times the tolerance: where rounding leaves nothing to gain, so much is small enough


@dataclass(frozen=True, slots=True, eq=False)
class RowBasis:
    """Rows (P, N, r) in the directions in which they vary. `turn` (P, D, r), or (P, N, r) of products with the rows, brings others
    there; `spread` (P, r) are the sums of squares."""

    rows: Tensor
    turn: Tensor
    spread: Tensor


def basis_of(rows: Tensor) -> RowBasis:
    """Of rows (P, N, D)."""
    if rows.shape[2] <= rows.shape[1]:
        spread, turn = torch.linalg.eigh(rows.mT @ rows)
        return RowBasis(rows @ turn, turn, spread.clamp_min(0))
    found = basis_of_products(rows @ rows.mT)
    return RowBasis(found.rows, rows.mT @ found.turn, found.spread)


def basis_of_products(products: Tensor) -> RowBasis:
    """Of the products (P, N, N) of all rows with all."""
    spread, own = torch.linalg.eigh(products)
    varies = spread > 1e-6 * spread.amax(-1, keepdim=True).clamp_min(1e-12)
    spread = torch.where(varies, spread, 0.0)
    inverse = torch.where(varies, spread.clamp_min(1e-20).rsqrt(), 0.0)
    return RowBasis(own * spread.sqrt()[:, None], own * inverse[:, None], spread)


@dataclass(frozen=True, slots=True, eq=False)
class LayerWeights:
    """Of scores = rows · weight + bias, a problem each."""

    weight: Tensor  # (P, D, K)
    bias: Tensor  # (P, K)
    converged: Tensor  # (P,) bool

    def scores(self, rows: Tensor) -> Tensor:
        """(P, M, K) of rows (P, M, D)."""
        return torch.baddbmm(self.bias[:, None], rows, self.weight)


def fit(basis: RowBasis, labels: Tensor, classes: int, cancelled: Cancelled = never) -> LayerWeights:
    """Of labels (P, N). `LayerWeights.weight` is for rows as `RowBasis.turn` takes them. Raises CancelledError."""
    problem = _Problem(basis, labels, classes)
    weight, converged = _minimised(problem, cancelled)
    return LayerWeights(basis.turn @ weight[..., :-1].mT, weight[..., -1], converged)


class _Problem:
    """Loss and gradient of weights (P, K, r + 1); the last number is the bias."""

    def __init__(self, basis: RowBasis, labels: Tensor, classes: int) -> None:
        problems, count, size = basis.rows.shape
        self.shape = (problems, classes, size + 1)
        self.rows = F.pad(basis.rows, (0, 1), value=1.0)
        self.hot = F.one_hot(labels, classes).to(basis.rows.dtype)
        of_class = self.hot.sum(1, keepdim=True).clamp_min(1)
        present = (self.hot.sum(1) > 0).sum(-1)[:, None, None]
        self.share = (self.hot / of_class).sum(-1, keepdim=True) / present  # each class weighs the same
        self.penalty = torch.full((size + 1,), PENALTY)
        self.penalty[-1] = 0
        curved = (classes - 1) / classes**2 * F.pad(basis.spread / count, (0, 1), value=1.0)
        length = (basis.spread.sum(1) / (64 * count)).sqrt()
        self.enough = TOLERANCE * length.clamp_min(1)[:, None, None]
        self.inverse = (1 / (curved + 2 * self.penalty))[:, None]  # of the curvature where all classes are as likely

    def at(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        scores = self.rows @ weight.mT
        total = scores.logsumexp(-1, keepdim=True)
        loss = ((total - (scores * self.hot).sum(-1, keepdim=True)) * self.share).sum((1, 2))
        slope = (((scores - total).exp() - self.hot) * self.share).mT @ self.rows
        return loss + (weight.square() * self.penalty).sum((1, 2)), slope + 2 * self.penalty * weight


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum((1, 2), keepdim=True)


def _minimised(problem: _Problem, cancelled: Cancelled) -> tuple[Tensor, Tensor]:
    """(weights, whether the gradient became small) of each problem."""
    weight = torch.zeros(problem.shape)
    loss, slope = problem.at(weight)
    steps: list[tuple[Tensor, Tensor, Tensor]] = []  # (step, change of the gradient, 1 / their product)
    going = _going(slope, problem)
    for _ in range(_ITERATIONS):
        if not bool(going.any()):
            break
        if cancelled():
            raise CancelledError
        way = -_curved(slope, steps, problem.inverse)
        downhill = _dot(way, slope)
        way = torch.where(downhill < 0, way, -slope * problem.inverse)
        downhill = _dot(way, slope)
        length = torch.ones_like(downhill)
        for _ in range(_HALVINGS):
            tried = weight + length * way
            new_loss, new_slope = problem.at(tried)
            enough = loss + (1e-4 * length * downhill)[:, 0, 0] + 3e-7 * loss.abs()
            good = ((new_loss <= enough) | ~going[:, 0, 0])[:, None, None]
            if bool(good.all()):
                break
            length = torch.where(good, length, length / 2)
        step, change = (torch.where(going, t, 0.0) for t in (tried - weight, new_slope - slope))
        product = _dot(step, change)
        steps = [*steps, (step, change, torch.where(product > 1e-12, 1 / product.clamp_min(1e-20), 0.0))][-_MEMORY:]
        weight, slope = torch.where(going, tried, weight), torch.where(going, new_slope, slope)
        loss = torch.where(going[:, 0, 0], new_loss, loss)
        going = going & good & _going(slope, problem)  # no step that lowers the loss: rounding is reached
    return weight, ~_going(slope, problem, _ROUNDED)[:, 0, 0]


def _going(slope: Tensor, problem: _Problem, times: float = 1.0) -> Tensor:
    return slope.abs().amax((1, 2), keepdim=True) > times * problem.enough


def _curved(slope: Tensor, steps: list[tuple[Tensor, Tensor, Tensor]], inverse: Tensor) -> Tensor:
    """The gradient times the inverse curvature that the last steps tell (Nocedal 1980)."""
    found, shares = slope, []
    for step, change, part in reversed(steps):
        shares.append(part * _dot(step, found))
        found = found - shares[-1] * change
    found = found * inverse
    if steps:
        step, change, _ = steps[-1]
        found = found * (_dot(step, change) / _dot(change, inverse * change).clamp_min(1e-20)).clamp(1e-3, 1e3)
    for (step, change, part), share in zip(steps, reversed(shares), strict=True):
        found = found + (share - part * _dot(change, found)) * step
    return found
