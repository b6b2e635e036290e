"""Medians and percentiles of small samples."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100).__int__() - 1)]


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Pair by pair: what ran next to each other met the same load."""
    return [a / b for a, b in zip(over, under, strict=True)]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Quartiles and number, to see how far to trust the median."""
    return f"quartiles {percentile(values, 25):.{digits}f}–{percentile(values, 75):.{digits}f}, n {len(values)}"


def milliseconds(seconds: Sequence[float]) -> str:
    return f"{median(seconds) * 1000:.1f} ms"
