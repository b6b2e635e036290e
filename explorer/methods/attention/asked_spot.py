"""Which token asks: the one that is pointed at, else the chosen one. Held as a place on the picture."""

from __future__ import annotations

from explorer.core.attention import Tokens
from explorer.core.attention_queries import Query, Spot, query_at, spot_of
from explorer.core.geometry import affine
from explorer.core.selection import Selection


class AskedSpot:
    """`chosen` stays the same token in blocks with other grids; `hovered` goes with the pointer."""

    def __init__(self) -> None:
        self.chosen: Spot | None = None
        self.hovered: Spot | None = None
        self._cell: tuple[object, ...] = ()  # the selected cell, when it was last looked at

    def take_cell(self, place: Selection) -> None:
        """A cell that has just been selected in the maps becomes the token that asks."""
        cell = (place.tap.name, place.cell)
        if cell == self._cell:
            return
        moved, self._cell = not self._cell or self._cell[1] != place.cell, cell
        if place.cell is not None and moved:
            self.chosen = place.cell[1] if place.cell[0] < 0 else spot_of(place.tap.receptive, place.cell)

    def choose(self, spot: Spot) -> None:
        """Another token asks, whatever is pointed at now."""
        self.chosen, self.hovered = spot, None

    def query(self, tokens: Tokens) -> Query:
        """Which of these tokens it is; the usual one where there is none at the spot."""
        return query_at(tokens, (self.hovered, self.chosen))


def on_input(place: Selection, y: float, x: float) -> Spot | None:
    """A point of the original picture in the model's input; None outside of what the model sees."""
    return affine.point_seen(place.capture.picture.size, place.card.preprocess, (y, x))
