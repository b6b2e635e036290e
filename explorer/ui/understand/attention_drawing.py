"""What is known of attention, drawn: the tiles, the picture, the numbers. Knows widgets, and nothing of asking."""

from __future__ import annotations

import numpy as np

from explorer.core.attending import Attending, FlowAsked, Looked, Overview, Spot, block_of, query_of
from explorer.core.attention import AttentionCall, Flow, HeadSummary, TokenNorms, Tokens, mass_mask
from explorer.core.geometry import input_affine
from explorer.core.types import Array, Field
from explorer.ui.understand import attention_overlay as overlay
from explorer.ui.understand import attention_words as words
from explorer.ui.understand.attention_flows import Found
from explorer.ui.understand.attention_tab import AttentionTab
from explorer.ui.understand.attention_table import columns_of
from explorer.ui.understand.place import Place
from explorer.ui.widgets import text
from explorer.ui.widgets.attention_blocks import BlockRow
from explorer.ui.widgets.input_view import InputView


class AttentionDrawing:
    """`field` says where the cells of the tiles stand, `taps` which layers they are of (norms)."""

    def __init__(self, tab: AttentionTab, picture: InputView) -> None:
        self.tab, self.picture = tab, picture
        self.field: Field | None = None
        self.taps: tuple[str, ...] = ()
        self._mean = False  # whether the first tile is the mean of the heads
        self._heads_of: tuple[object, ...] = ()
        self._blocks: dict[tuple[str, bool, int], tuple[Array, Array]] = {}

    def clear(self) -> None:
        """Nothing is drawn any more."""
        self.field, self.taps, self._heads_of = None, (), ()
        self._blocks.clear()
        self.tab.tiles.clear("")
        self.tab.set_numbers(())
        self.tab.set_chips((), (), None)
        self.tab.headline.setText("")
        self.tab.blocks.set_rows(())
        self.leave()

    def leave(self) -> None:
        """What lies over the picture goes."""
        self.picture.set_heat(None)
        self.picture.set_window(None)

    def head_of(self, tile: int) -> int | None:
        """The head of a tile, None for their mean."""
        return tile - 1 if self._mean and tile else None if self._mean else tile

    # --- looking ---

    def look(self, place: Place, call: AttentionCall, looked: Looked, head: int | None) -> None:
        """All heads of a block for one token."""
        if looked.maps is None:
            self._matrix(call, looked, head)
            return
        maps, shown = looked.maps.maps, call.queries if looked.to else call.keys
        self._mean, self.field = call.heads > 1, shown.field
        stack = np.concatenate([maps.mean(0, keepdims=True), maps]) if self._mean else maps
        names = ["mean"] * self._mean + [str(i) for i in range(call.heads)]
        order = [0] * self._mean + [h + self._mean for h in self._order(call)]
        asks = call.keys if looked.to else call.queries
        cells, tiles = self._cells(call, shown, asks, looked), self.tab.tiles
        tiles.set_tiles(
            stack, names, cells, one_scale=self.tab.one_scale.isChecked(), order=np.array(order), percent=not looked.to
        )
        tile = 0 if head is None else head + self._mean
        tiles.set_selected(tile)
        tiles.set_pointed(tiles.tile_cell(looked.query) if isinstance(looked.query, tuple) else None)
        one = stack[tile]
        mask = mass_mask(one, self.tab.share) if one.sum() > 0 else None
        self._over(place, shown, one, looked.maps.seen, mask)
        self._frame(place, asks, looked)
        self._words(call, looked, head, mask)

    def _order(self, call: AttentionCall) -> tuple[int, ...]:
        """The heads as the table has them."""
        order = self.tab.table.order
        return order if len(order) == call.heads else tuple(range(call.heads))

    def _cells(self, call: AttentionCall, shown: Tokens, asks: Tokens, looked: Looked) -> tuple[Array, Array]:
        """The rows and columns of the grid that the tiles show: the window of the token that asks."""
        assert shown.cells is not None
        windows = len(shown.cells) > 1 and isinstance(looked.query, tuple)
        window = asks.find(looked.query)[0] if windows and isinstance(looked.query, tuple) else 0
        key = (call.name, looked.to, window)
        if key not in self._blocks:
            self._blocks[key] = block_of(shown, window)
        return self._blocks[key]

    def _matrix(self, call: AttentionCall, looked: Looked, head: int | None) -> None:
        """Who looks at whom where there is no map: rows are queries."""
        assert looked.matrix is not None
        self._mean, self.field = False, None
        order = np.array(self._order(call))
        self.tab.tiles.set_tiles(
            looked.matrix,
            [str(i) for i in range(call.heads)],
            one_scale=self.tab.one_scale.isChecked(),
            order=order,
            percent=True,
        )
        self.tab.tiles.set_selected(head)
        self.leave()
        self._words(call, looked, head, None)

    def _words(self, call: AttentionCall, looked: Looked, head: int | None, mask: Array | None) -> None:
        tab = self.tab
        tab.headline.setText(words.headline(call, looked, head))
        tab.set_numbers(words.numbers(call, looked, head, mask, tab.share))
        says = words.shares(looked, head)
        at = looked.query if isinstance(looked.query, int) and looked.query < len(says) else None
        tab.set_chips(call.prefix_names[: len(says)], says, at)
        tab.table.mark(head)

    def _over(self, place: Place, tokens: Tokens, values: Array, seen: Array | None, mask: Array | None) -> None:
        kind = self.tab.overlay.currentData()
        if tokens.field is None or tokens.grid is None or not kind or (kind == "mask" and mask is None):
            self.picture.set_heat(None)
            return
        box = overlay.grid_box(tokens.field, tokens.grid, place.capture.picture, place.card.preprocess)
        drawn = overlay.veil(mask) if kind == "mask" and mask is not None else overlay.heat(values, seen)
        self.picture.set_heat(drawn, box, strength=1.0, sharp=True)

    def _frame(self, place: Place, tokens: Tokens, looked: Looked) -> None:
        """The patch that asks, on the picture."""
        field, query = tokens.field, looked.query
        if field is None or not isinstance(query, tuple):
            self.picture.set_window(None)
            return
        self.picture.set_window(overlay.cell_box(field, query, place.capture.picture, place.card.preprocess))

    def overview(self, attending: Attending, found: Overview) -> None:
        """All blocks × heads; windows as the window alone."""
        rows = []
        for number, call in enumerate(attending.calls):
            maps = found.looks.get(call.name)
            shown = None
            if maps is not None:
                cells = call.keys if maps.maps.shape[1:] == call.keys.grid else call.queries
                shown = maps.maps
                query = query_of(call.queries, found.spot)
                if cells.cells is not None and len(cells.cells) > 1 and isinstance(query, tuple):
                    ys, xs = block_of(cells, call.queries.find(query)[0])
                    shown = shown[:, ys][:, :, xs]
            rows.append(BlockRow(number, call.name, shown))
        self.tab.blocks.set_rows(rows)

    def heads(self, place: Place, call: AttentionCall, found: HeadSummary, head: int | None) -> None:
        """The table of the heads; distances in pixels of the picture where these are square."""
        if self._heads_of != (place.capture.model, place.capture.picture.digest, call.name):
            self._heads_of = (place.capture.model, place.capture.picture.digest, call.name)
            affine = input_affine(place.capture.picture.size, place.card.preprocess)
            square = abs(affine.scale_y / affine.scale_x - 1) < 0.02  # sides are rounded to whole pixels
            scale, unit = (1 / affine.scale_y, "the picture") if square else (1.0, "the model's input")
            self.tab.set_heads(columns_of(found, call.prefix_names, scale, unit), len(found.entropy))
        self.tab.table.mark(head)

    # --- through all blocks ---

    def asked(self, spot: Spot | None, class_: int) -> FlowAsked | None:
        """What the page asks for; None: norms."""
        mode, start = self.tab.mode, self.tab.start.value()
        if mode == "rollout":
            return FlowAsked("rollout", spot, start, self.tab.fusion.currentData())
        return FlowAsked("relevance", None, start, class_=class_) if mode == "relevance" else None

    def flow(
        self, place: Place, attending: Attending, block: int, asked: FlowAsked | None, found: Found | None
    ) -> None:
        """A rollout, a relevance or the norms; what was drawn before goes while they are on their way."""
        if found is None:
            self.clear()
            self.tab.headline.setText(_title(place, attending, asked))
        elif isinstance(found, Flow):
            self._flow(place, attending, asked, found)
        else:
            self._norms(place, attending, block, found)

    def _flow(self, place: Place, attending: Attending, asked: FlowAsked | None, found: Flow) -> None:
        tokens = attending.calls[-1].keys
        self._mean, self.field, self.taps = False, tokens.field, ()
        self.tab.headline.setText(_title(place, attending, asked))
        self.tab.tiles.set_tiles(found.map[None], [found.method])
        self.tab.tiles.set_selected(None)
        self.tab.tiles.set_pointed(None)
        mask = mass_mask(found.map, self.tab.share) if found.map.sum() > 0 else None
        self._over(place, tokens, found.map, None, mask)
        self.picture.set_window(None)
        self.tab.set_numbers(words.flow_rows(found))
        names = attending.calls[-1].prefix_names
        says = [text.number(float(v)) for v in found.prefix]
        at = asked.spot if asked is not None and isinstance(asked.spot, int) else None
        self.tab.set_chips(names[: len(says)], says, at)
        self.tab.set_note("\n".join(found.notes))

    def _norms(self, place: Place, attending: Attending, block: int, found: tuple[TokenNorms, ...]) -> None:
        """The blocks whose grid is that of the one shown; the others come when one of them is."""
        path = attending.calls[block].path
        here = next((n for n in found if path == n.tap or path.startswith(n.tap + ".")), found[-1])
        shown = [n for n in found if n.norms.shape == here.norms.shape]
        at = shown.index(here)
        tap = place.capture.tap(here.tap)
        self._mean, self.field, self.taps = False, tap.receptive, tuple(n.tap for n in shown)
        tiles, marks = self.tab.tiles, np.stack([n.outliers for n in shown])
        names = [str(found.index(n)) for n in shown]
        values, scale = np.stack([n.norms for n in shown]), self.tab.one_scale.isChecked()
        tiles.set_tiles(values, names, one_scale=scale, marks=marks)
        tiles.set_selected(at)
        tiles.set_pointed(None)
        tokens = Tokens(0, None, tap.grid, 0, tap.receptive)
        self._over(place, tokens, here.norms, None, here.outliers if here.outliers.any() else None)
        self.picture.set_window(None)
        self.tab.headline.setText(f"Length of the tokens after {here.tap}")
        self.tab.set_numbers(words.norm_rows(here))
        prefix = attending.calls[block].prefix_names
        says = [text.number(float(v)) for v in here.prefix]
        self.tab.set_chips(prefix[: len(says)], says, None)
        left = len(found) - len(shown)
        self.tab.set_note(f"{left} blocks have another grid: choose a layer of theirs to see them." if left else "")


def _title(place: Place, attending: Attending, asked: FlowAsked | None) -> str:
    if asked is None:
        return "Length of the tokens that each block returns"
    call = attending.calls[-1]
    if asked.method == "rollout":
        query = query_of(call.queries, asked.spot) if asked.spot is not None else 0
        return f"What reaches {words.query_name(call, query if query is not None else 0)} through all blocks"
    labels = place.card.labels
    name = labels[asked.class_] if asked.class_ < len(labels) else f"class {asked.class_}"
    whose = call.prefix_names[0] if call.prefix_names else "mean of all tokens"
    return f"What raises “{name}”, through all blocks ({whose})"
