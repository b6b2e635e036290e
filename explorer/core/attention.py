"""What is known of an attention before any picture of it: whose tokens stand where, how many heads there are, what to trust."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import prod

import numpy as np

from explorer.core.arrays import Array
from explorer.core.boxes import ReceptiveField
from explorer.core.errors import ExplorerError
from explorer.core.geometry.token_grid import sides
from explorer.core.translation import tr


class AttentionKind(StrEnum):
    """Who attends to whom."""

    TOKENS = "tokens"  # every token to every token
    WINDOWS = "windows"  # tokens to those of their own window
    CROSS = "cross"  # queries and keys are not the same tokens
    CHANNELS = "channels"  # channels to channels: there is no map over the picture
    UNPLACED = "unplaced"  # nobody knows where the tokens stand


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The queries or the keys of an attention, and the cells of the grid on which they stand."""

    count: int  # in one window
    cells: Array | None = None  # (windows, count) int32: row by row in the grid, -1: no cell; None: not known
    grid: tuple[int, int] | None = None
    prefix: int = 0  # tokens before the first that has a cell: CLS, registers; 0 in windows
    field: ReceptiveField | None = None  # where the cells stand over the input, in pixels

    def find(self, cell: tuple[int, int]) -> tuple[int, int]:
        """(window, token) of a cell. ExplorerError where there is no such cell, or no token on it."""
        if self.cells is None or self.grid is None:
            raise ExplorerError(
                tr("These tokens have no position on the picture."), "", tr("Give a token by its number.")
            )
        height, width = self.grid
        if not (0 <= cell[0] < height and 0 <= cell[1] < width):
            why = tr("Its cells are 0 to {height}, 0 to {width}.", height=height - 1, width=width - 1)
            raise ExplorerError(
                tr("There is no cell {cell}, {cell2} in this attention.", cell=cell[0], cell2=cell[1]), why
            )
        window, token = np.nonzero(self.cells == cell[0] * width + cell[1])
        if not len(window):
            raise ExplorerError(
                tr("There is no token at cell {cell}, {cell2}.", cell=cell[0], cell2=cell[1]),
                tr("It is not part of this attention."),
            )
        return int(window[0]), int(token[0])

    def centres(self) -> Array:
        """(windows, count, 2) float64: (y, x) of the middle of each token's cell in input pixels, NaN where it has none."""
        if self.cells is None or self.grid is None or self.field is None:
            raise ExplorerError(tr("These tokens have no position on the picture."))
        y, x = np.divmod(self.cells.astype(np.int64), self.grid[1])
        f = self.field
        middle = np.stack(
            (f.start_y + f.size_y / 2 + y * f.jump_y, f.start_x + f.size_x / 2 + x * f.jump_x), axis=-1
        ).astype(np.float64)
        found: Array = np.where((self.cells >= 0)[..., None], middle, np.nan)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class AttentionCall:
    """One softmax(q k') v of a forward."""

    name: str  # "blocks.3.attn", "blocks.3.attn_1" for the second of one module
    path: str  # of the module in which it happens
    call: int  # number among the attentions of this module in one forward
    type: str  # class of the module
    kind: AttentionKind
    # leading dimensions of q k' and whether they count windows; the others count heads
    leads: tuple[tuple[int, bool], ...]
    width: int  # of a query
    queries: Tokens
    keys: Tokens
    fused: bool  # one function computes it, and the model itself never sees the weights
    prefix_names: tuple[str, ...] = ()  # of the keys: "CLS", "register 1"
    # largest difference between recomputed rows times values and what the model itself got, of sampled queries,
    # relative to the largest number there
    error: float = 0.0
    sums: tuple[float, float] = (1.0, 1.0)  # least and greatest sum of those rows
    reason: str = ""  # why its weights cannot be had
    note: str = ""  # what a person must know about them

    @property
    def windows(self) -> int:
        return prod(size for size, windows in self.leads if windows)

    @property
    def heads(self) -> int:
        return prod(size for size, windows in self.leads if not windows)


@dataclass(frozen=True, slots=True, eq=False)
class AttentionMaps:
    """What one query attends to, in every head. Nothing is renormalised: maps, prefix and rest together make `sums`."""

    maps: Array  # (heads, h, w) float32, 0 where not seen
    seen: Array  # (h, w) bool: the cells it can attend to
    prefix: Array  # (heads, prefix tokens) float32
    rest: Array  # (heads,) float32: on padding tokens, which stand nowhere
    sums: Array  # (heads,) float64: of the whole row, 1 where it is a softmax


def lay_out(keys: Tokens, rows: Array, window: int = 0) -> AttentionMaps:
    """Rows (heads, keys) of a window laid out over the keys' grid. ExplorerError where the keys have no place."""
    if keys.cells is None or keys.grid is None:
        raise ExplorerError(
            tr("This attention has no map over the picture."), tr("The positions of its keys are unknown.")
        )
    cells = keys.cells[window]
    standing = cells >= 0
    flat = np.zeros((len(rows), keys.grid[0] * keys.grid[1]), np.float32)
    for head, row in zip(flat, rows, strict=True):
        np.add.at(head, cells[standing], row[standing])
    seen = np.zeros(flat.shape[1], bool)
    seen[cells[standing]] = True
    prefix = rows[:, : keys.prefix].astype(np.float32)
    rest = np.where(standing, 0, rows)[:, keys.prefix :].sum(1).astype(np.float32)
    maps = flat.reshape(len(rows), *keys.grid)
    return AttentionMaps(maps, seen.reshape(keys.grid), prefix, rest, rows.sum(1, dtype=np.float64))


def over_input(map_: Array, keys: Tokens, size: tuple[int, int]) -> Array:
    """A map (h, w) over an input of `size` pixels: (height, width), each pixel as the cell that stands on it, 0 where none does."""
    if keys.field is None:
        raise ExplorerError(tr("These tokens have no position on the picture."))
    down, across = sides(keys.field, (map_.shape[0], map_.shape[1]), size)
    rows, columns = down.cells(size[0]), across.cells(size[1])
    drawn: Array = np.where((rows >= 0)[:, None] & (columns >= 0), map_[rows][:, columns], 0)
    return drawn


def mass_mask(values: Array, share: float = 0.6) -> Array:
    """The fewest cells that hold at least this share of a map's sum: (..., h, w) bool, each map for itself.

    Caron and others 2021 (DINO), whose share is 0.6: the smallest cells are left out while their sum is within 1 - share.
    """
    if not 0 < share <= 1:
        raise ExplorerError(tr("{share:g} is not a valid mass.", share=share), "", tr("It lies above 0 and up to 1."))
    flat = values.reshape(-1, values.shape[-2] * values.shape[-1]).astype(np.float64)
    total = flat.sum(1, keepdims=True)
    order = np.argsort(flat, 1, kind="stable")
    below = np.cumsum(np.take_along_axis(flat, order, 1), 1) / np.where(total > 0, total, 1)
    kept = np.zeros(flat.shape, bool)
    np.put_along_axis(kept, order, (below > 1 - share) & (total > 0), 1)
    masks: Array = kept.reshape(values.shape)
    return masks


def outliers(norms: Array, times: float = 8.0) -> tuple[Array, float]:
    """(which values lie above median + times x MAD, that limit). MAD: median distance from the median."""
    flat = norms[np.isfinite(norms)]
    middle = float(np.median(flat)) if flat.size else 0.0
    limit = middle + times * (float(np.median(np.abs(flat - middle))) if flat.size else 0.0)
    found: Array = norms > limit
    return found, limit


@dataclass(frozen=True, slots=True, eq=False)
class HeadSummary:
    """One number a head, over all queries: what heads are sorted by. Arrays are (heads,) float64, NaN where not defined."""

    name: str  # of the attention
    entropy: Array  # mean -sum a log a of a row, in nats; log(keys) where everything is attended to alike
    # mean sum a |query - key| over patches, in input pixels, what goes to tokens without a place counted as 0
    distance: Array
    prefix: Array  # (heads, prefix tokens): mean weight on each
    queries: int  # that were counted
    sum_error: float  # largest |sum of a row - 1|


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What reaches one token, or the output, through all blocks: a row of the rollout or of the relevance."""

    method: str  # "rollout", "relevance"
    map: Array  # (h, w) float64 over the patches
    prefix: Array  # (prefix tokens,) float64
    blocks: tuple[str, ...]  # that it went through, first to last
    value: float | None = None  # of the target
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TokenNorms:
    """Lengths of the tokens that one block returns, before any final normalisation."""

    tap: str
    norms: Array  # (h, w) float64
    prefix: Array  # (prefix tokens,) float64: kept apart, for they are long by their nature
    outliers: Array  # (h, w) bool: above `limit`
    limit: float  # median + 8 x MAD of the patches
