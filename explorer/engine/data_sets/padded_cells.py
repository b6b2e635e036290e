"""Which cells of a layer stand over padding of a text, and how much of the texts that is."""

from __future__ import annotations

import numpy as np

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.texts import Token
from explorer.core.token_labels import tokens_of_cells
from explorer.core.translation import tr

_NAMED = 3  # layers


def padded_cells(tap: Tap, cells: int, tokens: tuple[Token, ...]) -> Array | None:
    """(cells,) bool: whether the token under the middle of each cell is padding; None where none is, and where every cell stands
    for the whole text. `tokens` include the padding."""
    if cells < 2 or tap.receptive is None:
        return None
    under = tokens_of_cells(tap.receptive, cells, tokens)
    found: Array = np.array([token.kind == "padding" for token in under], bool)
    return found if found.any() and not found.all() else None


class PaddedTokens:
    """Counts over the texts that a model is given. `name`: of the model, where there are several. `left_out`: whether cells over
    padding are."""

    def __init__(self, name: str = "", left_out: bool = True) -> None:
        self._name, self._left_out = name, left_out
        self.tokens = self.padding = 0
        self._unplaced: dict[str, None] = {}

    def add(self, tokens: tuple[Token, ...]) -> None:
        """One more text."""
        self.tokens += len(tokens)
        self.padding += sum(token.kind == "padding" for token in tokens)

    def add_unplaced(self, tap: str) -> None:
        """A layer whose cells stand over tokens that are not known."""
        self._unplaced[tap] = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of the result: one sentence, or none."""
        if not self.padding:
            return ()
        said = self._said()
        return (f"{self._name}: {said}" if self._name else said,)

    def _said(self) -> str:
        counts = {"padding": self.padding, "tokens": self.tokens}
        if not self._left_out:
            return tr(
                "{padding:,} of {tokens:,} tokens are padding; cells over them are compared like others.", **counts
            )
        if not self._unplaced:
            return tr("{padding:,} of {tokens:,} tokens are padding; cells over them are left out.", **counts)
        names = list(self._unplaced)
        more = tr(" and {count} more", count=len(names) - _NAMED) if len(names) > _NAMED else ""
        return tr(
            "{padding:,} of {tokens:,} tokens are padding; cells over them are left out, but not in {layers}, whose cells "
            "stand over unknown tokens.",
            layers=", ".join(names[:_NAMED]) + more,
            **counts,
        )
