"""All blocks × heads in one column, for one token, drawn from what has come."""

from __future__ import annotations

from explorer.core.attention import mass_mask
from explorer.core.attention_queries import Looked, query_of
from explorer.core.seen_input import seen_of
from explorer.ui.attention import token_overlay
from explorer.ui.attention.asking import AttentionAsking
from explorer.ui.attention.heads_drawing import HeadsDrawing, block_rows
from explorer.ui.compare import attention_words as words
from explorer.ui.compare.view import ColumnView


class ColumnOverview:
    """`asking` knows what has come; over the picture lies a head of the block that the layer is nearest to."""

    def __init__(self, view: ColumnView, asking: AttentionAsking, drawing: HeadsDrawing) -> None:
        self.panel, self.asking, self.drawing = view.panel.attention, asking, drawing

    def draw(self, number: int, head: int | None, kept: bool) -> None:
        """The newest answer; `number` is that of the block, `head` None: the mean of its heads."""
        asking, found = self.asking, self.asking.overviewed
        if asking.attending is None or asking.call is None:
            return
        if found is None:
            self.drawing.clear()
            self.panel.say(asking.unseen or words.ALL_BLOCKS, lasting=bool(asking.unseen))
            return
        self.panel.show_blocks()
        self.panel.blocks.set_rows(block_rows(asking.attending.calls, found))
        self.panel.blocks.set_here(number, head)
        maps, query = found.looks.get(asking.call.name), query_of(asking.call.queries, found.spot)
        if maps is None or query is None:
            self.drawing.leave()
            self.panel.tell(words.no_map(asking.call))
        else:
            self._lay(Looked(asking.call.name, query, False, maps), head, kept)

    def _lay(self, looked: Looked, head: int | None, kept: bool) -> None:
        """The head over the picture, and what is said of it."""
        call, capture, pre, maps = self.asking.call, self.asking.capture, self.asking.pre, looked.maps
        assert call is not None
        assert capture is not None
        assert pre is not None
        assert maps is not None
        one = maps.maps.mean(0) if head is None else maps.maps[head]
        mask = mass_mask(one, words.MASS) if one.sum() > 0 else None
        self.drawing.lay(capture, pre, call.keys, token_overlay.heat(one, maps.seen), mask)
        self.drawing.frame(capture, pre, call.queries, looked.query)
        self.panel.tell(*words.note(call, looked, head, mask, (), kept, None, seen_of(capture, pre)))
