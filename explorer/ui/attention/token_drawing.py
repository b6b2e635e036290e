"""The attention between all tokens as lines or as a matrix: as the page of Explore and a column of Compare draw it."""

from __future__ import annotations

import numpy as np

from explorer.core.arrays import Array
from explorer.core.attention import Tokens
from explorer.core.attention_queries import Query
from explorer.core.errors import ExplorerError
from explorer.core.token_labels import TokenLabel
from explorer.core.token_weights import TokenWeights
from explorer.ui.attention import token_words
from explorer.ui.graphics.token_lines import LARGEST, TokenLines
from explorer.ui.graphics.token_matrix import TokenMatrix

Token = tuple[bool, int]  # whether it is a key, its number
Labels = tuple[TokenLabel, ...]


class TokenDrawing:
    """Only one of the two panels is seen."""

    def __init__(self, lines: TokenLines, matrix: TokenMatrix) -> None:
        self.lines, self.matrix = lines, matrix
        self._queries: list[int] = []  # that are drawn
        self._keys: list[int] = []

    def clear(self, words: str) -> None:
        """A sentence instead of both."""
        self.lines.clear(words)
        self.matrix.clear(words)

    def draw_matrix(
        self, found: TokenWeights, queries: Labels, keys: Labels, head: int | None, short: bool = False
    ) -> None:
        """All weights of a head, None: the mean of the heads; `short`: without padding that is masked."""
        rows, columns = _dimmed(queries, found.empty), _dimmed(keys, found.unseen)
        if found.whole:
            self._take(queries, keys, short and _masked(found, keys))
            off = _among(self._queries, rows), _among(self._keys, columns)
            self.matrix.set_weights(self._part(found, head), *self._named(queries, keys), found.steps, off)
        else:
            self._queries, self._keys = list(range(len(queries))), list(range(len(keys)))
            places = _places(rows, found.steps[0]), _places(columns, found.steps[1])
            self.matrix.set_weights(found.of_head(head), queries, keys, found.steps, places)

    def draw_lines(
        self, found: TokenWeights, queries: Labels, keys: Labels, head: int | None, short: bool = False
    ) -> bool:
        """The same as lines, in any case without padding where there are too many. False where there are still too many, which
        is said."""
        many = max(len(queries), len(keys)) > LARGEST
        self._take(queries, keys, many or (short and _masked(found, keys)))
        if max(len(self._queries), len(self._keys)) > LARGEST or not found.whole:
            self.lines.clear(token_words.too_many(len(queries), len(keys), LARGEST))
            return False
        rows, columns = _dimmed(queries, found.empty), _dimmed(keys, found.unseen)
        off = _among(self._queries, rows), _among(self._keys, columns)
        self.lines.set_weights(self._part(found, head), *self._named(queries, keys), off)
        return True

    def _take(self, queries: Labels, keys: Labels, unpadded: bool) -> None:
        """The queries and keys that are drawn: all, or those that are no padding."""
        self._queries, self._keys = (
            [at for at, label in enumerate(side) if not unpadded or label.kind != "padding"] for side in (queries, keys)
        )

    def _part(self, found: TokenWeights, head: int | None) -> Array:
        part: Array = found.of_head(head)[np.array(self._queries, np.int64)][:, np.array(self._keys, np.int64)]
        return part

    def _named(self, queries: Labels, keys: Labels) -> tuple[Labels, Labels]:
        return tuple(queries[q] for q in self._queries), tuple(keys[k] for k in self._keys)

    def mark(self, token: Token | None, locked: bool) -> None:
        """The token whose weights are looked at, None: all."""
        at = None if token is None else self._line_of(*token)
        self.lines.set_marked(None if token is None or at is None else (token[0], at), locked)
        self.matrix.set_marked(at if token is not None and not token[0] else None, locked)

    def token(self, key: bool, line: int) -> Token:
        """The token of a line's end, or of a row."""
        side = self._keys if key else self._queries
        return key, side[line]

    def _line_of(self, key: bool, number: int) -> int | None:
        side = self._keys if key else self._queries
        return side.index(number) if number in side else None


def number_of(tokens: Tokens, query: Query) -> int | None:
    """The number of a token that stands at a cell, or before the grid."""
    if isinstance(query, int):
        return query
    try:
        return tokens.find(query)[1]
    except ExplorerError:
        return None


def query_of_token(tokens: Tokens, number: int) -> Query | None:
    """A token by its cell, or by its number before the grid; None where it stands nowhere."""
    if tokens.cells is None or tokens.grid is None:
        return number
    cell = int(tokens.cells[0][number])
    if cell >= 0:
        return divmod(cell, tokens.grid[1])
    return number if number < tokens.prefix else None


def _masked(found: TokenWeights, keys: Labels) -> bool:
    """Whether no token attends to padding."""
    return bool(found.unseen[[at for at, label in enumerate(keys) if label.kind == "padding"]].all())


def _among(drawn: list[int], gone: frozenset[int]) -> frozenset[int]:
    return frozenset(at for at, number in enumerate(drawn) if number in gone)


def _dimmed(labels: Labels, gone: Array) -> frozenset[int]:
    """Padding, and what is masked everywhere."""
    masked = set(np.flatnonzero(gone).tolist())
    return frozenset(at for at, label in enumerate(labels) if label.kind == "padding" or at in masked)


def _places(tokens: frozenset[int], step: int) -> frozenset[int]:
    """Places of a reduced matrix of which all tokens are among these."""
    if step == 1:
        return tokens
    last = max(tokens, default=-1)
    return frozenset(
        at
        for at in range(last // step + 1)
        if all(n in tokens for n in range(at * step, min((at + 1) * step, last + 1)))
    )
