"""The arithmetic behind one cell, as plain values: what was multiplied, what was added, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from explorer.core.arrays import Array
from explorer.core.geometry.cells import Cell

TOLERANCE = 1e-4  # relative; how near the recomputation comes to the tensor where nothing is wrong


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """The tokens that an attention weighs: one a column of its patch, whose rows are heads and not channels."""

    names: tuple[str, ...]  # "CLS", "(3, 4)": a cell of the grid, "token 5"
    cells: Array | None = None  # (tokens,) row by row in the grid, -1: on none of its cells; None: not known
    grid: tuple[int, int] | None = None

    @property
    def block(self) -> Array | None:
        """(h, w) numbers of the tokens on cells, as they lie there, without rows and columns on which none stands.

        None where they fill no rectangle.
        """
        if self.cells is None or self.grid is None:
            return None
        standing = np.flatnonzero(self.cells >= 0)
        if not len(standing):
            return None
        rows, columns = np.divmod(self.cells[standing], self.grid[1])
        (height, y), (width, x) = (np.unique(axis, return_inverse=True) for axis in (rows, columns))
        found = np.full((len(height), len(width)), -1, np.int64)
        found[y, x] = standing
        return None if (found < 0).any() or found.size != len(standing) else found


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What a sum multiplies, in float64: values × weights, shape (C, *window), window () for a linear layer.

    `at[d]` says over which rows, columns, ... of the map before the window lies; they may reach past the map. `read[d]`
    says which were really read: -1 where zeros stand in for them, another one where the padding mirrors or repeats.
    """

    values: Array
    weights: Array
    channels: Array  # (C,) of the map before
    at: tuple[Array, ...] = ()
    read: tuple[Array, ...] = ()
    chosen: bool = False  # of all values one was taken, which has the weight 1
    keys: Keys | None = None  # of an attention: then `channels` are heads, and `at` counts tokens

    @property
    def products(self) -> Array:
        """Values × weights, same shape."""
        with np.errstate(invalid="ignore", over="ignore"):
            found: Array = self.values * self.weights
        if self.chosen:  # what was not taken counts nothing, also where it is infinite
            found = np.where(self.weights == 0, 0.0, found)
        return found

    @property
    def by_channel(self) -> Array:
        """(C,) products summed over the window."""
        found: Array = self.products.reshape(len(self.channels), -1).sum(1)
        return found

    @property
    def padded(self) -> Array:
        """Boolean, shape of the window: True where the window reaches past the map."""
        axes = [(at != read) | (read < 0) for at, read in zip(self.at, self.read, strict=True)]
        found = np.zeros([len(a) for a in axes], bool)
        for i, axis in enumerate(axes):
            found |= axis.reshape([-1 if j == i else 1 for j in range(len(axes))])
        return found


@dataclass(frozen=True, slots=True)
class Contribution:
    """One product of a patch."""

    channel: int  # the head where a token was weighed
    at: tuple[int, ...]  # in the map before; may lie past it
    value: float
    weight: float
    product: float
    padded: bool = False
    token: str = ""  # its name where a token was weighed


def largest(patch: Patch, count: int) -> tuple[tuple[Contribution, ...], float]:
    """The `count` products of the largest size, largest first, and the total of all the others."""
    products = patch.products.reshape(-1)
    # a stable order, so that equal contributions always come alike; NaN first: it is what a person looks for
    size = np.where(np.isnan(products), np.inf, np.abs(products))
    order = np.argsort(-size, kind="stable")
    padded = patch.padded
    found = []
    for flat in order[:count]:
        c, *window = (int(i) for i in np.unravel_index(flat, patch.values.shape))
        at = tuple(int(axis[i]) for axis, i in zip(patch.at, window, strict=True))
        value, weight = float(patch.values[(c, *window)]), float(patch.weights[(c, *window)])
        is_padded = bool(padded[tuple(window)]) if window else False
        token = patch.keys.names[window[0]] if patch.keys is not None else ""
        found.append(Contribution(int(patch.channels[c]), at, value, weight, float(products[flat]), is_padded, token))
    return tuple(found), float(products[order[count:]].sum())


@dataclass(frozen=True, slots=True)
class Operand:
    """One of several activations that a function joins, at the cell in question."""

    name: str  # of its tap, or what made it
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One operation on the way to a cell's value."""

    operation: str  # "conv2d", "batch_norm", "relu"
    formula: str  # in words and signs
    gives: float  # recomputed in float64 from the very tensors that went in
    takes: float | None = None  # the one value that goes in; None where many do
    numbers: tuple[tuple[str, float], ...] = ()  # "mean", "variance", ... in the order of the formula
    bias: float | None = None
    patch: Patch | None = None
    operands: tuple[Operand, ...] = ()
    tap: str = ""  # where these values can be seen; "" where no module returned them
    stored: float = math.nan  # in the tensor
    note: str = ""

    @property
    def difference(self) -> float:
        return self.gives - self.stored

    @property
    def relative(self) -> float:
        """|recomputed - stored| / |stored|; 0 where both are the same, also when both are NaN or the same infinity."""
        if self.gives == self.stored or (math.isnan(self.gives) and math.isnan(self.stored)):
            return 0.0
        return abs(self.difference) / abs(self.stored) if self.stored else math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """How a cell is computed: steps from a sum (or the input) to the cell, and what is done with it next."""

    tap: str
    channel: int
    cell: Cell
    steps: tuple[Step, ...]  # the last one gives the cell's value
    following: tuple[Step, ...] = ()  # normalisation and activation that take this very value next
    why: str = ""  # said where a step does not give what the tensor holds
    before: str = ""  # what the first step takes: name of a tap, "the input", or what made it
    notes: tuple[str, ...] = field(default=())

    @property
    def value(self) -> float:
        """In the tensor: what the mosaic shows."""
        return self.steps[-1].stored

    @property
    def computed(self) -> float:
        return self.steps[-1].gives

    @property
    def difference(self) -> float:
        return self.steps[-1].difference

    @property
    def relative(self) -> float:
        return self.steps[-1].relative

    @property
    def agrees(self) -> bool:
        return all(step.relative <= TOLERANCE for step in (*self.steps, *self.following))
