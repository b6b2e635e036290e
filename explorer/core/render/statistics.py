"""Numbers about a layer: the order of its channels, and what stands beside the picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from explorer.core.arrays import Array

_BLOCK = 1 << 16  # values worked on at a time


class SortKey(StrEnum):
    INDEX = "index"
    MEAN = "mean"
    MAX = "max"
    VARIANCE = "variance"
    SPARSITY = "sparsity"
    DISTANCE = "distance"
    HERE = "value here"  # at the selected cell
    MEASURED = "measured"  # an order found over many inputs, which a session brings along


def sort_channels(
    maps: Array, key: SortKey, selected: int = 0, cell: tuple[int, int] | None = None
) -> NDArray[np.int64]:
    """Channels of (C, H, W) maps in the order to show them: the largest mean, maximum, variance or share of zeros first; for
    DISTANCE the selected channel, then the others by 1 - correlation with it, the most alike first; for HERE the largest value
    at a cell (row, column) first, by index where none is selected.

    Equal ones stay in the order of their index; those without such a number (a NaN inside, or a constant map for DISTANCE)
    come last. MEASURED says nothing of one input and leaves all as they are."""
    if key in (SortKey.INDEX, SortKey.MEASURED) or maps.size == 0:
        return np.arange(len(maps))
    if key is SortKey.HERE:
        inside = cell is not None and 0 <= cell[0] < maps.shape[1] and 0 <= cell[1] < maps.shape[2]
        here = maps[:, cell[0], cell[1]] if cell is not None and inside else np.zeros(len(maps))
        return np.argsort(-_floats(here), kind="stable").astype(np.int64)
    flat = np.ascontiguousarray(maps).reshape(len(maps), -1)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        number = -_score(flat, key) if key is not SortKey.DISTANCE else _distance(flat, selected)
    return np.argsort(number, kind="stable").astype(np.int64)  # numpy puts NaN last


def _score(flat: Array, key: SortKey) -> NDArray[np.float64]:
    if key is SortKey.MEAN:
        return _floats(flat.mean(axis=1, dtype=np.float64))
    if key is SortKey.MAX:
        return _floats(flat.max(axis=1))
    if key is SortKey.VARIANCE:
        return _floats(flat.var(axis=1, dtype=np.float64))
    share = (flat.shape[1] - np.count_nonzero(flat, axis=1)) / flat.shape[1]
    return np.where(np.isnan(flat.max(axis=1).astype(np.float64)), np.nan, share)


def _distance(flat: Array, selected: int) -> NDArray[np.float64]:
    centred = flat - flat.mean(axis=1, dtype=np.float64)[:, None]
    length = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    # a constant map has no correlation; its centred length is only rounding
    noise = 1e-7 * np.abs(flat).max(axis=1) * np.sqrt(flat.shape[1])
    length = np.where(length > noise, length, np.nan)
    out = 1.0 - centred @ centred[selected] / (length * length[selected])
    out[selected] = -1.0
    return _floats(out)


def _floats(values: Array) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class LayerNumbers:
    """What is true of all values of a tap on this input; of the finite ones, except for the counts.

    `dead`: channels whose every cell is exactly zero on this input (after a ReLU: never positive). It says nothing of other
    inputs, and a channel that a sigmoid or GELU merely keeps small is not counted."""

    minimum: float
    maximum: float
    mean: float
    std: float
    zeros: float  # share of cells that are exactly zero
    dead: int
    channels: int
    bad: int  # non-finite values
    counts: NDArray[np.int64]  # histogram
    edges: NDArray[np.float64]  # one more than counts


def layer_numbers(values: Array, bins: int = 64) -> LayerNumbers:
    """Numbers of an activation: maps (C, H, W), a sequence (C, T), or a vector (C,), whose entries count as its channels."""
    counts, edges = histogram(values, bins)
    good = _finite(values.reshape(-1))
    bad = values.size - good.size
    channels = len(values) if values.ndim else 0
    if good.size == 0:
        nan = float("nan")
        return LayerNumbers(nan, nan, nan, nan, nan, 0, channels, bad, counts, edges)
    mean, std = _moments(good)
    return LayerNumbers(
        minimum=float(good.min()),
        maximum=float(good.max()),
        mean=mean,
        std=std,
        zeros=1.0 - np.count_nonzero(good) / good.size,
        dead=dead_channels(values),
        channels=channels,
        bad=bad,
        counts=counts,
        edges=edges,
    )


def _finite(flat: Array) -> Array:
    """The finite ones of flat values, which are looked for only where minimum or maximum betray others."""
    if flat.size == 0 or (np.isfinite(flat.min()) and np.isfinite(flat.max())):
        return flat
    return flat[np.isfinite(flat)]


def _moments(flat: Array) -> tuple[float, float]:
    """Mean and standard deviation in double precision, block by block."""
    mean = float(flat.mean(dtype=np.float64))
    square = 0.0
    for start in range(0, flat.size, _BLOCK):
        apart = flat[start : start + _BLOCK].astype(np.float64)
        apart -= mean
        square += float(apart @ apart)
    return mean, float(np.sqrt(square / flat.size))


def dead_channels(values: Array) -> int:
    """How many channels (first axis) are exactly zero in every cell."""
    if values.size == 0:
        return 0
    return int(len(values) - np.count_nonzero(values.reshape(len(values), -1).any(axis=1)))


def histogram(values: Array, bins: int = 64) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(counts, edges) of finite and non-finite values alike in any shape; only finite ones are counted, in `bins` equal bins
    from the smallest to the largest (one unit wide when all are equal)."""
    flat = _finite(values.reshape(-1))
    low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
    if not high - low > 1e-30:
        low, high = low - 0.5, high + 0.5
    counts = np.zeros(bins, np.int64)
    # a cast and a count, block by block: ten times as fast as numpy.histogram on a layer of a million values
    for start in range(0, flat.size, _BLOCK):
        at = ((flat[start : start + _BLOCK] - low) * (bins / (high - low))).astype(np.int64)
        counts += np.bincount(np.clip(at, 0, bins - 1), minlength=bins)
    return counts, np.linspace(low, high, bins + 1)
