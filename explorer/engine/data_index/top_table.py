"""The best pictures of every channel in one flat table. Pure numpy.

One total order: value descending, then the picture's number ascending. Inserting and joining are therefore free of order: whatever
way pictures come, the table is the same. A picture must not be inserted twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from explorer.core.arrays import Array
from explorer.engine.data_index.index_file import NONE, RECORD


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pictures that may be among the best of channels: one array of each, of one length."""

    rows: Array  # int64, of the table
    values: Array  # float32
    cells: Array  # int32
    pictures: Array  # int64


@dataclass(slots=True, eq=False)
class TopTable:
    """`values`, `cells`, `pictures`: (rows, k), the best first; an empty place has the picture NONE and the value -inf."""

    rows: int
    k: int
    values: Array = field(init=False)
    cells: Array = field(init=False)
    pictures: Array = field(init=False)

    def __post_init__(self) -> None:
        self.values = np.full((self.rows, self.k), -np.inf, np.float32)
        self.cells = np.zeros((self.rows, self.k), np.int32)
        self.pictures = np.full((self.rows, self.k), NONE, np.int64)

    @property
    def floor(self) -> Array:
        """(rows,) float32: a picture below it does not get in; at it, only with a smaller number than the last one."""
        return np.ascontiguousarray(self.values[:, -1])

    def insert(self, given: Candidates) -> None:
        """Puts every candidate at its place."""
        order = np.lexsort((given.pictures, -given.values, given.rows))
        rows = given.rows[order]
        first = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]])) if len(rows) else np.empty(0, np.int64)
        # the n-th candidate of each row in turn: hardly ever is there a second one
        rank = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows))))
        for turn in range(min(int(rank.max()) + 1, self.k) if len(rows) else 0):
            now = order[rank == turn]
            self._insert(given.rows[now], given.values[now], given.cells[now], given.pictures[now])

    def _insert(self, rows: Array, values: Array, cells: Array, pictures: Array) -> None:
        """At most one candidate of each row."""
        last, number = self.values[rows, -1], self.pictures[rows, -1]
        enters = (values > last) | ((values == last) & ((pictures < number) | (number == NONE)))
        rows, values, cells, pictures = rows[enters], values[enters], cells[enters], pictures[enters]
        if not len(rows):
            return
        old = self.values[rows]
        ahead, same = old > values[:, None], old == values[:, None]
        if same.any():
            ids = self.pictures[rows]
            ahead |= same & (ids < pictures[:, None]) & (ids != NONE)
        at = ahead.sum(1)
        column, each = np.arange(self.k), np.arange(len(rows))
        # what stands behind it moves one place back
        source = (rows * self.k)[:, None] + (column - (column > at[:, None]))
        for table, new in ((self.values, values), (self.cells, cells), (self.pictures, pictures)):
            moved = table.reshape(-1)[source]
            moved[each, at] = new
            table[rows] = moved

    def entries(self) -> Candidates:
        """All that is in it, to be inserted in another."""
        rows, columns = np.nonzero(self.pictures != NONE)
        return Candidates(rows, self.values[rows, columns], self.cells[rows, columns], self.pictures[rows, columns])

    def records(self, start: int, end: int) -> Array:
        """(end − start, k) of `RECORD`: as it is stored."""
        found = np.empty((end - start, self.k), RECORD)
        found["value"], found["cell"] = self.values[start:end], self.cells[start:end]
        found["picture"] = self.pictures[start:end]
        return found

    def load(self, start: int, records: Array) -> None:
        """The inverse of `records`."""
        end = start + len(records)
        self.values[start:end], self.cells[start:end] = records["value"], records["cell"]
        self.pictures[start:end] = records["picture"]
