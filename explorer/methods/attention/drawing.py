"""What is known of attention, drawn on its page: tiles, picture, numbers. Knows widgets, and nothing of asking."""

from __future__ import annotations

from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, Flow, HeadSummary, TokenNorms, Tokens, mass_mask
from explorer.core.attention_queries import Attending, FlowAsked, Looked, Overview, Spot
from explorer.core.seen_input import seen_of
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.attention.heads_table import columns_of
from explorer.methods.attention.view import AttentionView
from explorer.ui.attention import token_overlay, words
from explorer.ui.attention.flows import Found
from explorer.ui.attention.heads_drawing import HeadsDrawing, block_rows
from explorer.ui.method_page.host import InputOverlay
from explorer.ui.widgets import text


class AttentionDrawing(HeadsDrawing):
    """`taps` says which layers the tiles are of (norms)."""

    def __init__(self, tab: AttentionView, picture: InputOverlay) -> None:
        super().__init__(tab.tiles, picture)
        self.tab = tab
        self.taps: tuple[str, ...] = ()
        self._heads_of: tuple[object, ...] = ()

    def clear(self) -> None:
        super().clear()
        self.taps, self._heads_of = (), ()
        self.tab.set_numbers(())
        self.tab.set_chips((), (), None)
        self.tab.headline.setText("")
        self.tab.blocks.set_rows(())

    # --- looking ---

    def look(self, place: Selection, call: AttentionCall, looked: Looked, head: int | None) -> None:
        """All heads of a block for one token."""
        one = self.tell_heads(call, looked, head, self.tab.table.order, self.tab.one_scale.isChecked())
        if one is None or looked.maps is None:
            self.leave()
            self._words(place, call, looked, head, None)
            return
        shown, asks = (call.queries, call.keys) if looked.to else (call.keys, call.queries)
        mask = mass_mask(one, self.tab.share) if one.sum() > 0 else None
        self._over(place, shown, one, looked.maps.seen, mask)
        self.frame(place.capture, place.card.preprocess, asks, looked.query)
        self._words(place, call, looked, head, mask)

    def over(self, place: Selection, call: AttentionCall, looked: Looked, head: int | None) -> None:
        """One row or column over the input, without tiles."""
        if looked.maps is None:
            self.leave()
            return
        maps, shown, asks = looked.maps.maps, call.keys, call.queries
        if looked.to:
            shown, asks = asks, shown
        one = maps.mean(0) if head is None else maps[head]
        self.lay(place.capture, place.card.preprocess, shown, token_overlay.heat(one, looked.maps.seen))
        self.frame(place.capture, place.card.preprocess, asks, looked.query)

    def _words(
        self, place: Selection, call: AttentionCall, looked: Looked, head: int | None, mask: Array | None
    ) -> None:
        tab = self.tab
        tab.headline.setText(words.headline(call, looked, head, seen_of(place.capture, place.card.preprocess)))
        tab.set_numbers(words.numbers(call, looked, head, mask, tab.share))
        says = words.shares(looked, head)
        at = looked.query if isinstance(looked.query, int) and looked.query < len(says) else None
        tab.set_chips(call.prefix_names[: len(says)], says, at)
        tab.table.mark(head)

    def _over(self, place: Selection, tokens: Tokens, values: Array, seen: Array | None, mask: Array | None) -> None:
        kind, drawn = self.tab.overlay.currentData(), None
        if kind == "mask" and mask is not None:
            drawn = token_overlay.veil(mask)
        elif kind and kind != "mask":
            drawn = token_overlay.heat(values, seen)
        self.lay(place.capture, place.card.preprocess, tokens, drawn)

    def overview(self, attending: Attending, found: Overview) -> None:
        """All blocks × heads; windows as the window alone."""
        self.tab.blocks.set_rows(block_rows(attending.calls, found))

    def heads(self, place: Selection, call: AttentionCall, found: HeadSummary, head: int | None) -> None:
        """The table of the heads; distances in pixels of the picture where these are square."""
        if self._heads_of != (place.capture.model, place.capture.picture.digest, call.name):
            self._heads_of = (place.capture.model, place.capture.picture.digest, call.name)
            scale, unit = words.unit_of(place.capture.picture.size, place.card.preprocess)
            self.tab.set_heads(columns_of(found, call.prefix_names, scale, unit), len(found.entropy))
        self.tab.table.mark(head)

    def no_heads(self, why: str) -> None:
        """The table while the numbers of the heads are not known."""
        self._heads_of = ()
        self.tab.set_heads((), 0, why)

    # --- through all blocks ---

    def asked(self, spot: Spot | None, class_: int) -> FlowAsked | None:
        """What the page asks for; None: norms."""
        mode, start = self.tab.mode, self.tab.start.value()
        if mode == "rollout":
            return FlowAsked("rollout", spot, start, self.tab.fusion.currentData())
        return FlowAsked("relevance", None, start, class_=class_) if mode == "relevance" else None

    def flow(
        self, place: Selection, attending: Attending, block: int, asked: FlowAsked | None, found: Found | None
    ) -> None:
        """A rollout, a relevance or the norms; what was drawn before goes while they are on their way."""
        if found is None:
            self.clear()
            self.tab.headline.setText(_title(place, attending, asked))
        elif isinstance(found, Flow):
            self._flow(place, attending, asked, found)
        else:
            self._norms(place, attending, block, found)

    def _flow(self, place: Selection, attending: Attending, asked: FlowAsked | None, found: Flow) -> None:
        tokens = attending.calls[-1].keys
        self.taps = ()
        self.tab.headline.setText(_title(place, attending, asked))
        self.tell_flow(found, tokens)
        mask = mass_mask(found.map, self.tab.share) if found.map.sum() > 0 else None
        self._over(place, tokens, found.map, None, mask)
        self.picture.set_window(None)
        self.tab.set_numbers(words.flow_rows(found))
        names = attending.calls[-1].prefix_names
        says = [text.number(float(v)) for v in found.prefix]
        at = asked.spot if asked is not None and isinstance(asked.spot, int) else None
        self.tab.set_chips(names[: len(says)], says, at)
        self.tab.set_note("\n".join(found.notes))

    def _norms(self, place: Selection, attending: Attending, block: int, found: tuple[TokenNorms, ...]) -> None:
        """The blocks whose grid is that of the one shown; the others come when one of them is."""
        path = attending.calls[block].path
        here, shown, tokens = self.tell_norms(place.capture, path, found, self.tab.one_scale.isChecked())
        self.taps = tuple(n.tap for n in shown)
        self._over(place, tokens, here.norms, None, here.outliers if here.outliers.any() else None)
        self.picture.set_window(None)
        self.tab.headline.setText(words.norms_title(here))
        self.tab.set_numbers(words.norm_rows(here))
        prefix = attending.calls[block].prefix_names
        says = [text.number(float(v)) for v in here.prefix]
        self.tab.set_chips(prefix[: len(says)], says, None)
        self.tab.set_note(words.other_grids(len(found) - len(shown)))


def _title(place: Selection, attending: Attending, asked: FlowAsked | None) -> str:
    if asked is None:
        return tr("Token norms after each block")
    return words.flow_title(
        attending.calls[-1], asked, place.card.labels, seen_of(place.capture, place.card.preprocess)
    )
