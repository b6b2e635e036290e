"""What comparisons answer with: vectors of cells, colours of principal components, similarity, CKA, matched channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

FEWEST = 4  # inputs: the unbiased estimate of fewer does not exist
Strides = Sequence[float | None]
ENOUGH = 32  # inputs: the estimate of fewer still jumps about, and is drawn grey


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """The cells of one tap for one input as vectors, maps and tokens alike."""

    name: str
    values: Array  # (cells, channels) float64, row-major in the grid; prefix tokens are no cells
    grid: tuple[int, int]  # (1, n) for a sequence, (1, 1) for a vector
    rows: Array  # (h,) centres of the cells in pixels of the original picture
    columns: Array  # (w,)
    padded: Array | None = None  # (cells,) bool: over padding of a text; None: none is, or it is not known

    @property
    def finite(self) -> Array:
        """(cells,) bool: every channel is a finite number."""
        found: Array = np.asarray(np.isfinite(self.values).all(1))
        return found

    def row(self, cell: tuple[int, int]) -> int:
        """Number of a cell (y, x). Raises ExplorerError when there is none."""
        (y, x), (height, width) = cell, self.grid
        if not (0 <= y < height and 0 <= x < width):
            why = tr("It has {height} × {width} cells, counted from 0,0.", height=height, width=width)
            raise ExplorerError(tr("{name} has no cell {y},{x}.", name=self.name, y=y, x=x), why)
        return y * width + x


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Principal components. Those beyond the rank of the cells have std 0 and an axis of zeros."""

    mean: Array  # (channels,)
    axes: Array  # (components, channels), orthonormal
    std: Array  # (components,) of the cells along each axis, divided by their number
    share: Array  # (components,) of the whole variance, 0..1
    cells: int  # fitted on so many


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """Principal components of cells as red, green and blue."""

    rgb: Array  # (h, w, 3) uint8; black where not shown
    scores: Array  # (cells, components) whitened, after alignment
    shown: Array  # (h, w) bool: foreground, and finite
    comparable: float | None = None  # 0..1: correlation with the colours aligned to; None: not aligned
    residual: float | None = None  # what alignment leaves, relative to the colours aligned to
    turn: Array | None = None  # (components, components) that alignment turned the scores by


@dataclass(frozen=True, slots=True, eq=False)
class Similarity:
    """Cosine of every cell with one vector."""

    values: Array  # (h, w) in -1..1; 0 where not known
    known: Array  # (h, w) bool: False where the vector is zero or not finite
    best: tuple[int, int]  # the most similar cell other than the one asked about, if any other is known


@dataclass(frozen=True, slots=True, eq=False)
class Cka:
    """Debiased linear CKA of every tap of one model with every tap of another."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array  # (rows, columns) in -1..1; 0 where undetermined, never NaN
    known: Array  # (rows, columns) bool: False where a tap does not vary over the inputs
    count: int  # inputs
    batch: int  # at most so many inputs were compared with each other
    skipped: tuple[tuple[str, str], ...] = ()  # (input, why)
    final: bool = True
    taps: tuple[tuple[Tap, ...], tuple[Tap, ...]] = ((), ())  # of rows and of columns
    strides: tuple[Strides, Strides] = ((), ())  # of these, in pixels of the last input; None where there are no cells
    pool: str = "mean"  # over the cells of a tap, or "flat": all of them
    notes: tuple[str, ...] = ()  # what must be known of the inputs

    @property
    def weak(self) -> bool:
        """Too few inputs to trust: to be drawn grey."""
        return self.count < ENOUGH


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Channels of one tap and those of another that answer alike over the inputs seen."""

    correlation: Array  # (A, B) in -1..1; 0 where a channel is constant
    best: Array  # (A,) the most correlated channel of B, -1 for a constant channel
    assigned: Array  # (A,) one to one, the largest sum of correlations; -1 where none is left or it is constant
    count: int  # inputs
    points: int  # places at which both were read
    skipped: tuple[tuple[str, str], ...] = field(default=())
    taps: tuple[str, str] = ("", "")
    notes: tuple[str, ...] = ()  # what must be known of the inputs
