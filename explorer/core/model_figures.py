"""What was measured of several models, side by side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.core.models import Figure

LEAST = 2  # models that must have a figure before it stands in the table


@dataclass(frozen=True, slots=True)
class SharedFigure:
    """One figure of several models; None for those that do not have it."""

    key: str
    values: tuple[Figure | None, ...]

    @property
    def like(self) -> Figure:
        """One of them, which says what it is."""
        return next(figure for figure in self.values if figure is not None)


def shared(models: Sequence[Sequence[Figure]]) -> tuple[SharedFigure, ...]:
    """The figures that at least two of these models have, in the order in which they are met."""
    held = [{figure.key: figure for figure in figures} for figures in models]
    keys = dict.fromkeys(figure.key for figures in models for figure in figures)
    rows = (SharedFigure(key, tuple(of.get(key) for of in held)) for key in keys)
    return tuple(row for row in rows if sum(figure is not None for figure in row.values) >= LEAST)


def written(figure: Figure, value: float | None = None) -> str:
    """The value of a figure, or another one of its kind, with its unit: "84.4 %", "0.464", "2.62 nats"."""
    number = figure.value if value is None else value
    return f"{number:.{figure.digits}f} {figure.unit}".rstrip()
