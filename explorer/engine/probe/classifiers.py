"""What is learnt of features, and what it takes test pictures for: logistic regression and k nearest neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.probe import NEIGHBOURS, TEMPERATURE
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.probe.logistic import basis_of, basis_of_products, fit

_CONSTANT = 1e-6  # a feature that spreads less over what is learnt from tells nothing


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """Mean and spread of features over the rows that are learnt from, and over no others."""

    mean: Tensor  # (..., 1, D)
    scale: Tensor  # 1 / spread; 0 of a feature that is constant there

    def of(self, rows: Tensor) -> Tensor:
        return (rows - self.mean) * self.scale


def standard_of(rows: Tensor) -> Standard:
    """Of rows (..., N, D)."""
    mean = rows.mean(-2, keepdim=True)
    spread = rows.std(-2, keepdim=True) if rows.shape[-2] > 1 else torch.zeros_like(mean)
    return Standard(mean, torch.where(spread > _CONSTANT, 1 / spread.clamp_min(_CONSTANT), 0.0))


class FittedProbe(Protocol):
    """What was learnt from some rows of a layer."""

    @property
    def converged(self) -> bool: ...

    def predict(self, rows: Tensor) -> Tensor:
        """(M,) classes of rows (M, D)."""


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linear classifier on features as they are: weights divided by the spread, the bias shifted."""

    weight: Tensor  # (D, K)
    bias: Tensor  # (K,)
    converged: bool = True

    def predict(self, rows: Tensor) -> Tensor:
        return torch.addmm(self.bias, rows, self.weight).argmax(1)


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """k nearest neighbours by cosine; they vote with exp(cosine / T)."""

    bank: Tensor  # (N, D) of unit length
    labels: Tensor
    classes: int
    converged: bool = True

    def predict(self, rows: Tensor) -> Tensor:
        return voted(F.normalize(rows, dim=1) @ self.bank.T, self.labels, self.classes)


def voted(cosines: Tensor, labels: Tensor, classes: int) -> Tensor:
    """(M,) classes by the votes of the nearest of (M, N)."""
    counts = torch.bincount(labels)
    smallest = int(counts[counts > 0].min())
    best, rows = cosines.topk(min(NEIGHBOURS, smallest), dim=1)
    votes = torch.zeros(len(cosines), classes)
    return votes.scatter_add_(1, labels[rows], ((best - 1) / TEMPERATURE).exp()).argmax(1)


def learn(method: str, rows: Tensor, labels: Tensor, classes: int, cancelled: Cancelled = never) -> list[FittedProbe]:
    """One for each of the problems: rows (P, N, D), labels (P, N). Raises CancelledError."""
    if method == "knn":
        return [Nearest(bank, own, classes) for bank, own in zip(F.normalize(rows, dim=2), labels, strict=True)]
    standard = standard_of(rows)
    found = fit(basis_of(standard.of(rows)), labels, classes, cancelled)
    weight = found.weight * standard.scale.mT
    bias = found.bias - (standard.mean @ weight)[:, 0]
    return [Linear(w, b, bool(c)) for w, b, c in zip(weight, bias, found.converged, strict=True)]


def learn_together(
    method: str,
    layers: Iterable[tuple[Tensor, Tensor]],
    labels: Tensor,
    classes: int,
    cancelled: Cancelled = never,
) -> tuple[Tensor, bool]:
    """((M,) classes, whether it converged) of all layers as one: (rows to learn from, rows to ask about) of each.

    They never lie in memory side by side: products of rows are summed, of standardised features, for k-NN of each layer's
    vectors of unit length. Raises CancelledError.
    """
    products, asked, count = torch.zeros(()), torch.zeros(()), 0
    for rows, others in layers:
        if cancelled():
            raise CancelledError
        if method == "knn":
            rows, others = F.normalize(rows, dim=1), F.normalize(others, dim=1)
        else:
            standard = standard_of(rows)
            rows, others = standard.of(rows), standard.of(others)
            products = products + rows @ rows.T
        asked, count = asked + others @ rows.T, count + 1
    if method == "knn":
        return voted(asked / max(count, 1), labels, classes), True
    found = fit(basis_of_products(products[None]), labels[None], classes, cancelled)
    return found.scores(asked[None])[0].argmax(1), bool(found.converged[0])
