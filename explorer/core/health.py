"""The health of a layer as plain values: one row a channel, and what the layer is like as a whole."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.translation import tr

DUPLICATE = 0.95  # correlation above which one channel repeats another


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """One channel over all cells of all inputs seen. NaN where there is nothing to tell."""

    channel: int
    dead: bool  # above zero at no cell of no input
    always_on: bool  # above zero at every cell of every input
    sparsity: float  # share of cells not above zero
    mean: float
    std: float
    minimum: float
    maximum: float
    inputs_active: int  # inputs with at least one cell above zero
    duplicate_of: int = -1  # the first earlier channel whose correlation with it is above DUPLICATE; -1: none
    correlation: float = math.nan  # with the channel most like it
    most_like: int = -1
    selectivity: float = math.nan  # Morcos et al. 2018, 0 (answers all classes alike) .. 1 (one class alone)
    prefers: str = ""  # the class with the highest mean
    not_finite: int = 0  # cells with NaN or infinity; counted nowhere else


def silent_word(inputs: int) -> str:
    """What a channel is called that is above zero at no cell of so many inputs: one input says nothing of others."""
    return tr("dead") if inputs > 1 else tr("silent here")


@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """A layer over `count` inputs. `histogram[c, i]` counts cells of channel c between edges[i] and edges[i + 1]."""

    tap: str
    count: int
    cells: int  # of one channel, over all inputs
    channels: tuple[ChannelHealth, ...]
    effective_rank: float  # exp of the entropy of the covariance's spectrum (Roy and Vetterli 2007); NaN: not known
    participation_ratio: float  # (sum of eigenvalues)² / sum of their squares; NaN: not known
    histogram: Array  # (C, bins) int64
    edges: Array  # (bins + 1,)
    classes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()  # (name, why) of inputs that could not be used
    notes: tuple[str, ...] = ()
    final: bool = False
    total: int = 0  # inputs there are, those not reached yet included; 0: not known

    @property
    def silent_word(self) -> str:
        """What a channel is called that is above zero nowhere."""
        return silent_word(self.count)

    @property
    def dead(self) -> int:
        return sum(row.dead for row in self.channels)

    @property
    def always_on(self) -> int:
        return sum(row.always_on for row in self.channels)

    @property
    def duplicates(self) -> int:
        return sum(row.duplicate_of >= 0 for row in self.channels)

    @property
    def sparsity(self) -> float:
        """Share of cells not above zero, the mean of the channels that have finite cells; NaN where none has."""
        known = [row.sparsity for row in self.channels if not math.isnan(row.sparsity)]
        return sum(known) / len(known) if known else math.nan

    def values_of(self, channel: int) -> tuple[Array, Array]:
        """(counts, edges) of one channel's histogram, without the empty bins at both ends."""
        counts = self.histogram[channel]
        used = np.flatnonzero(counts)
        low, high = (int(used[0]), int(used[-1]) + 1) if used.size else (0, len(counts))
        return counts[low:high], self.edges[low : high + 1]


def rows(health: Health) -> list[dict[str, Any]]:
    """One dict a channel; NaN becomes None, which JSON and a spreadsheet know."""
    return [{key: _plain(value) for key, value in asdict(row).items()} for row in health.channels]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def summary(health: Health) -> dict[str, Any]:
    """The layer as a whole, ready for JSON."""
    return {
        "tap": health.tap,
        "inputs": health.count,
        "cells": health.cells,
        "channels": len(health.channels),
        "dead": health.dead,
        "always_on": health.always_on,
        "duplicates": health.duplicates,
        "sparsity": _plain(health.sparsity),
        "effective_rank": _plain(health.effective_rank),
        "participation_ratio": _plain(health.participation_ratio),
        "classes": list(health.classes),
        "skipped": [{"name": name, "why": why} for name, why in health.skipped],
        "notes": list(health.notes),
    }


def to_csv(health: Health) -> str:
    """The rows with a header, for a spreadsheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(ChannelHealth)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(health))
    return text.getvalue()


def spectrum(covariance: Array) -> tuple[float, float]:
    """(effective rank, participation ratio) of a symmetric matrix; (NaN, NaN) where it is zero or not finite."""
    if not covariance.size or not np.isfinite(covariance).all():
        return math.nan, math.nan
    values = np.linalg.eigvalsh(covariance).clip(0)
    total = float(values.sum())
    if total <= 0:
        return math.nan, math.nan
    share = values / total
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum())), float(1 / (share**2).sum())


def correlations(covariance: Array) -> Array:
    """(C, C), NaN in the rows and columns of channels that do not vary, and on the diagonal."""
    variance = np.diag(covariance)
    # what rounding leaves of a constant is no variation
    scale = np.where(
        variance > 1e-24 * max(float(variance.max(initial=0.0)), 1e-300), np.sqrt(variance.clip(0)), np.nan
    )
    found: Array = covariance / np.outer(scale, scale)
    np.fill_diagonal(found, np.nan)
    return found


def likeness(correlation: Array) -> list[tuple[int, int, float]]:
    """(duplicate of, most like, correlation with it) of each channel; -1 and NaN where there is none."""
    found = []
    for c, row in enumerate(correlation):
        known = np.where(np.isnan(row), -np.inf, row)
        if not (known > -np.inf).any():
            found.append((-1, -1, math.nan))
            continue
        best = int(known.argmax())
        earlier = np.flatnonzero(known[:c] > DUPLICATE)
        found.append((int(earlier[0]) if earlier.size else -1, best, float(row[best])))
    return found


def selectivity(means: Array, classes: Iterable[str]) -> list[tuple[float, str]]:
    """(index, preferred class) of each channel from its mean over the inputs of each class, (classes, C).

    Morcos, Barrett, Rabinowitz and Botvinick, "On the importance of single directions for generalization", ICLR 2018:
    (highest - mean of the others) / (highest + mean of the others). NaN with fewer than two classes, for a channel that
    never answers, and where a mean is negative, for which the index is not defined.
    """
    names = tuple(classes)
    if len(names) < 2:
        return [(math.nan, "")] * means.shape[1]
    best = means.argmax(0)
    found = []
    for c, top in enumerate(best):
        others = float(np.delete(means[:, c], top).mean())
        total = float(means[top, c]) + others
        known = bool(np.isfinite(means[:, c]).all()) and float(means[:, c].min()) >= 0 and total > 0
        found.append((float((means[top, c] - others) / total), names[top]) if known else (math.nan, ""))
    return found
