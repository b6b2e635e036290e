"""Which cells of a layer stand over padding of a text, and how much of the texts that is."""

from __future__ import annotations

import numpy as np

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.texts import Token
from explorer.core.token_labels import tokens_of_cells
from explorer.core.translation import tr

_LEFT_OUT = tr("cells over them are left out.")
_TAKEN = tr("cells over them are compared like others.")


def padded_cells(tap: Tap, cells: int, tokens: tuple[Token, ...]) -> Array | None:
    """(cells,) bool: whether the token under the middle of each cell is padding; None where none is, and where every cell stands
    for the whole text. `tokens` include the padding."""
    if cells < 2 or tap.receptive is None:
        return None
    under = tokens_of_cells(tap.receptive, cells, tokens)
    found: Array = np.array([token.kind == "padding" for token in under], bool)
    return found if found.any() and not found.all() else None


class PaddedTokens:
    """Counts over the texts that one model is given. `left_out`: whether cells over padding are."""

    def __init__(self, name: str, left_out: bool) -> None:
        self._name, self._left_out = name, left_out
        self._tokens = self._padding = 0
        self._unplaced: set[str] = set()

    def add(self, tokens: tuple[Token, ...]) -> None:
        """One more text."""
        self._tokens += len(tokens)
        self._padding += sum(token.kind == "padding" for token in tokens)

    def add_unplaced(self, tap: str) -> None:
        """A layer whose cells stand over tokens that are not known."""
        self._unplaced.add(tap)

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of the result: one sentence, or none."""
        if not self._padding:
            return ()
        what = tr(
            "{name}: {padding:,} of {tokens:,} tokens are padding; ",
            name=self._name,
            padding=self._padding,
            tokens=self._tokens,
        )
        if self._left_out and self._unplaced:
            layers = ", ".join(sorted(self._unplaced))
            return (
                tr(
                    "{what}{left_out}, but not in {layers}, whose cells stand over unknown tokens.",
                    what=what,
                    left_out=_LEFT_OUT[:-1],
                    layers=layers,
                ),
            )
        return (what + (_LEFT_OUT if self._left_out else _TAKEN),)
