"""Attention as tiles, one of them over the picture: as the page of Explore and a column of Compare do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.activations import Capture
from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, Flow, TokenNorms, Tokens
from explorer.core.attention_queries import Looked, Overview, Query, block_of, query_of
from explorer.core.boxes import ReceptiveField
from explorer.core.models import AnyPreprocess
from explorer.core.translation import tr
from explorer.ui.attention import token_overlay
from explorer.ui.graphics.tile_panels import AttentionHeads, BlockRow
from explorer.ui.method_page.host import InputOverlay


class HeadsDrawing:
    """`field` says where the cells of the tiles stand."""

    def __init__(self, tiles: AttentionHeads, picture: InputOverlay) -> None:
        self.tiles, self.picture = tiles, picture
        self.field: ReceptiveField | None = None
        self._mean = False  # whether the first tile is the mean of the heads
        self._blocks: dict[tuple[str, bool, int], tuple[Array, Array]] = {}

    def clear(self) -> None:
        """Nothing is drawn any more."""
        self.field = None
        self._blocks.clear()
        self.tiles.clear("")
        self.leave()

    def leave(self) -> None:
        """What lies over the picture goes."""
        self.picture.set_heat(None)
        self.picture.set_window(None)

    def head_of(self, tile: int) -> int | None:
        """The head of a tile, None for their mean."""
        return tile - 1 if self._mean and tile else None if self._mean else tile

    def tell_heads(
        self, call: AttentionCall, looked: Looked, head: int | None, order: Sequence[int] = (), one_scale: bool = False
    ) -> Array | None:
        """The tiles, their mean first, in an order of the heads. Returns the map (h, w) of the chosen one, None where the keys
        have no place and tiles show who looks at whom."""
        order = order if len(order) == call.heads else range(call.heads)
        if looked.maps is None:
            self._tell_matrix(call, looked, head, order, one_scale)
            return None
        maps, shown = looked.maps.maps, call.queries if looked.to else call.keys
        self._mean, self.field = call.heads > 1, shown.field
        stack = np.concatenate([maps.mean(0, keepdims=True), maps]) if self._mean else maps
        names = [tr("mean")] * self._mean + [str(i) for i in range(call.heads)]
        places = np.array([0] * self._mean + [h + self._mean for h in order])
        asks = call.keys if looked.to else call.queries
        cells, tiles = self._cells(call, shown, asks, looked), self.tiles
        tiles.set_tiles(stack, names, cells, one_scale=one_scale, order=places, percent=not looked.to)
        tile = 0 if head is None else head + self._mean
        tiles.set_selected(tile)
        tiles.set_pointed(tiles.tile_cell(looked.query) if isinstance(looked.query, tuple) else None)
        chosen: Array = stack[tile]
        return chosen

    def _tell_matrix(
        self, call: AttentionCall, looked: Looked, head: int | None, order: Sequence[int], one_scale: bool
    ) -> None:
        """Who looks at whom where there is no map: rows are queries."""
        assert looked.matrix is not None
        self._mean, self.field = False, None
        names = [str(i) for i in range(call.heads)]
        self.tiles.set_tiles(looked.matrix, names, one_scale=one_scale, order=np.array(order), percent=True)
        self.tiles.set_selected(head)
        self.tiles.set_pointed(None)

    def tell_flow(self, found: Flow, tokens: Tokens) -> None:
        """A rollout or a relevance as the one tile."""
        self._tell_sizes(found.map[None], [found.method], tokens.field)
        self.tiles.set_selected(None)

    def tell_norms(
        self, capture: Capture, path: str, found: Sequence[TokenNorms], one_scale: bool = False
    ) -> tuple[TokenNorms, tuple[TokenNorms, ...], Tokens]:
        """(those of the block that holds an attention, those of all blocks with its grid, which are the tiles, that grid)."""
        here = next((n for n in found if path == n.tap or path.startswith(n.tap + ".")), found[-1])
        shown = tuple(n for n in found if n.norms.shape == here.norms.shape)
        tap = capture.tap(here.tap)
        values, marks = (np.stack([getattr(n, name) for n in shown]) for name in ("norms", "outliers"))
        self._tell_sizes(values, [str(found.index(n)) for n in shown], tap.receptive, one_scale, marks)
        self.tiles.set_selected(shown.index(here))
        return here, shown, Tokens(0, None, tap.grid, 0, tap.receptive)

    def _tell_sizes(
        self,
        values: Array,
        names: Sequence[str],
        field: ReceptiveField | None,
        one_scale: bool = False,
        marks: Array | None = None,
    ) -> None:
        """Tiles that are of no heads."""
        self._mean, self.field = False, field
        self.tiles.set_tiles(values, names, one_scale=one_scale, marks=marks)
        self.tiles.set_pointed(None)

    def _cells(self, call: AttentionCall, shown: Tokens, asks: Tokens, looked: Looked) -> tuple[Array, Array]:
        """The rows and columns of the grid that the tiles show: the window of the token that asks."""
        assert shown.cells is not None
        windows = len(shown.cells) > 1 and isinstance(looked.query, tuple)
        window = asks.find(looked.query)[0] if windows and isinstance(looked.query, tuple) else 0
        key = (call.name, looked.to, window)
        if key not in self._blocks:
            self._blocks[key] = block_of(shown, window)
        return self._blocks[key]

    # --- over the picture

    def lay(
        self, capture: Capture, pre: AnyPreprocess, tokens: Tokens, drawn: Array | None, border: Array | None = None
    ) -> None:
        """A picture (h, w, 4) on the grid of tokens over the original one, None: nothing. `border` (h, w) bool has a line round it."""
        if tokens.field is None or tokens.grid is None or drawn is None:
            self.picture.set_heat(None)
            return
        laid = token_overlay.lay(tokens.field, tokens.grid, capture.picture, pre)
        self.picture.set_heat(laid.spread(drawn), laid.box, strength=1.0, sharp=True, within=laid.within)
        self.picture.set_border(laid.spread(border) if border is not None else None)

    def frame(self, capture: Capture, pre: AnyPreprocess, tokens: Tokens, query: Query) -> None:
        """The patch that asks, on the picture."""
        field = tokens.field
        if field is None or tokens.grid is None or not isinstance(query, tuple):
            self.picture.set_window(None)
            return
        self.picture.set_window(token_overlay.cell_box(field, tokens.grid, query, capture.picture, pre))


def block_rows(calls: Sequence[AttentionCall], found: Overview) -> list[BlockRow]:
    """All blocks × heads; windows as the window alone."""
    return [BlockRow(number, call.name, _seen(call, found)) for number, call in enumerate(calls)]


def _seen(call: AttentionCall, found: Overview) -> Array | None:
    """(heads, h, w): what is shown of one block, None where it has no token there, or no map."""
    maps = found.looks.get(call.name)
    if maps is None:
        return None
    shown, query = maps.maps, query_of(call.queries, found.spot)
    cells = call.keys if shown.shape[1:] == call.keys.grid else call.queries
    if cells.cells is None or len(cells.cells) < 2 or not isinstance(query, tuple):
        return shown
    ys, xs = block_of(cells, call.queries.find(query)[0])
    part: Array = shown[:, ys][:, :, xs]
    return part
