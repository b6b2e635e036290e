"""The attention in one column, drawn from what has come: heads as tiles, one of them over the picture, the words."""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.attention import AttentionCall, mass_mask
from explorer.core.attention_queries import BETWEEN, AttentionMode, Looked, Overview, Query, has_map, spot_of
from explorer.core.boxes import Box, ReceptiveField
from explorer.core.errors import Failure
from explorer.core.geometry import affine
from explorer.core.geometry.cells import Cell
from explorer.core.interventions import Under
from explorer.core.progress import Progress
from explorer.core.seen_input import seen_of
from explorer.core.session.comparison import Column
from explorer.core.translation import tr
from explorer.engine import desk as work
from explorer.ui.attention import token_overlay
from explorer.ui.attention.asking import AttentionAsking
from explorer.ui.attention.heads_drawing import HeadsDrawing
from explorer.ui.attention.token_drawing import query_of_token
from explorer.ui.attention.words import NONE
from explorer.ui.compare import attention_words as words
from explorer.ui.compare.attention_between import ColumnBetween
from explorer.ui.compare.attention_overview import ColumnOverview
from explorer.ui.compare.attention_places import Pointing, Share, token_at, token_of
from explorer.ui.compare.attention_through import ColumnThrough
from explorer.ui.compare.view import ColumnView
from explorer.ui.jobs.client import JobClient
from explorer.ui.model_pane.drawn_input import DrawnInput


class ColumnAttention:
    """The control says what the column shows (`follow`) and where the cursor is (`point`); `changed` asks it to say so again."""

    def __init__(self, view: ColumnView, client: JobClient, changed: Callable[[], None]) -> None:
        self.view, self.panel = view, view.panel.attention
        keys = f"{work.COMPARE} {{}} {view.key}"
        self.asking = AttentionAsking(client, keys, changed, self._seen)
        self.drawing = HeadsDrawing(self.panel.tiles, DrawnInput(view.panel.picture, view.panel.text))
        self.through = ColumnThrough(view, client, keys.format("flow"), self.asking, self.drawing)
        self.overview = ColumnOverview(view, self.asking, self.drawing)
        self.between = ColumnBetween(view, client, keys.format("between"), self.asking, self.drawing)
        self.mode = AttentionMode.HEADS
        self.head: int | None = None  # None: their mean
        self._number = 0  # of the block
        self._pointing = Pointing()

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self.asking.waiting or self.through.flows.waiting or self.between.weights.waiting

    @property
    def asks(self) -> tuple[tuple[int, int], Query] | None:
        """The grid of the tokens that may ask, and the one that does; None where none does."""
        attending, call, looked = self.asking.attending, self.asking.call, self.asking.looked
        if self.mode is AttentionMode.ROLLOUT and attending is not None and attending.calls:
            grid = attending.calls[-1].queries.grid
            return (grid, self.through.query) if grid is not None else None
        if call is None or looked is None or call.queries.grid is None:
            return None
        return call.queries.grid, looked.query

    def follow(self, column: Column, mode: AttentionMode, pointing: Pointing, why: str, under: Under) -> None:
        """The column shows this of its attention, under the edits of its capture; `why` not."""
        if mode is not self.mode:
            self.mode = mode
            self.asking.rest()
            self.drawing.clear()
        capture, tap, of, asking = self.view.capture, self.view.tap(column), self.view.of, self.asking
        self._pointing = pointing
        if capture is None or tap is None or of is None:
            self.leave()
            self.panel.say(self.view.status or tr("Choose a model for this column."), lasting=False)
        elif why:
            self.leave()
            self.panel.say(why)
        else:
            if asking.begin(capture, of.preprocess, under):
                self.through.leave()
                self.between.leave()
                self.drawing.clear()
            if asking.failed:
                self.panel.say(asking.failed)
            elif asking.attending is None:
                self.panel.say(words.RECORDING, lasting=False)
                asking.record()
            elif not asking.attending.calls:
                self.panel.say(NONE)
            else:
                self._show(column, *asking.nearest(tap))
            self.panel.explain(mode)

    def leave(self) -> None:
        """The column shows something else."""
        self.through.leave()
        self.between.leave()
        if self.asking.capture is not None:
            self.asking.end()
            self.drawing.leave()

    def close(self) -> None:
        """The column goes."""
        self.leave()
        self.asking.close()
        self.through.flows.close()
        self.between.weights.close()

    def _show(self, column: Column, number: int, how: str) -> None:
        """A block, from what is there; what is missing is asked for."""
        assert self.asking.attending is not None
        self._number, calls = number, self.asking.attending.calls
        call, edited = calls[number], self.asking.of is not None and bool(self.asking.of.edits)
        if self.mode not in BETWEEN:
            self.between.leave()
        if self.mode in (AttentionMode.ROLLOUT, AttentionMode.RELEVANCE, AttentionMode.NORMS):
            self.view.panel.subtitle.set_text(words.through(self.mode, number, calls, how, edited), at_end=True)
            self.through.show(self.mode, number, self._pointing.places[1])
            return
        self.through.leave()
        self.view.panel.subtitle.set_text(words.subtitle(number, calls, how, edited), at_end=True)
        self.asking.go_to(call)
        self.head = column.head if column.head is not None and column.head < call.heads else None
        if self.mode is AttentionMode.BLOCKS:
            self._look_over(call)
            self._draw()
            return
        if call.reason:
            self.drawing.clear()
            self.panel.say(words.unsure(call))
            return
        if self.mode in BETWEEN:
            self.between.show(call, self.head, self.mode is AttentionMode.MATRIX)
            self._look_between(call)
            return
        self.asking.count()
        self._look(call)
        self._draw()

    def _look(self, call: AttentionCall) -> None:
        """Asks for the token at the cursor, else at the place that is kept, else for the usual one."""
        self.asking.look(token_at(self.asking, call, self._pointing.places) if has_map(call) else 0)

    def _look_over(self, call: AttentionCall) -> None:
        """The same in all blocks."""
        self.asking.look_over(spot_of(call.queries.field, token_at(self.asking, call, self._pointing.places)) or 0)

    def _look_between(self, call: AttentionCall) -> None:
        """Asks for the weights of the token that is looked at, over the input."""
        token, kept = token_of(self.asking, call, self._pointing)
        query = self.between.mark(token, kept)
        if token is not None and query is not None and has_map(call, token[0]):
            self.asking.look(query, token[0])
            self.between.lay()

    # --- the cursor ---

    def point(self, pointing: Pointing) -> None:
        """The cursor, or the place that is kept, is another one."""
        before, places = self._pointing.places, pointing.places
        self._pointing = pointing
        kept = (before[1] is None) != (places[1] is None)
        if self.mode is AttentionMode.ROLLOUT and before[1] != places[1] and self.through.shown:
            self.through.show(self.mode, self._number, places[1])
        call, blocks = self.asking.call, self.mode is AttentionMode.BLOCKS
        if self.asking.capture is None or call is None:
            return
        if self.mode in BETWEEN and not call.reason:
            self._look_between(call)
        elif self.mode not in BETWEEN and (blocks or not call.reason):
            (self._look_over if blocks else self._look)(call)
            if kept:
                self._draw()  # what is said of it

    def place_of(self, cell: Cell) -> Share | None:
        """Where a cell of the grid stands; None while nothing is drawn."""
        return self._place(self.drawing.field, cell)

    def place_of_token(self, key: bool, number: int) -> Share | int | None:
        """Where a token of the block that is shown stands: its number before the grid, where it has no place."""
        tokens = self.between.side(key)
        query = None if tokens is None else query_of_token(tokens, number)
        if tokens is None or query is None or isinstance(query, int):
            return query if isinstance(query, int) else None
        return self._place(tokens.field, query)

    def _place(self, field: ReceptiveField | None, cell: Cell) -> Share | None:
        capture, pre = self.asking.capture, self.asking.pre
        if field is None or capture is None or pre is None:
            return None
        spot, size = spot_of(field, cell), capture.picture.size
        if spot is None or isinstance(spot, int):
            return None
        at = affine.to_original(affine.input_affine(size, pre), Box(*spot, *spot))
        return at.y0 / size[0], at.x0 / size[1]

    # --- drawing ---

    def _seen(self, _what: Looked | Overview | Failure | Progress) -> None:
        self._draw()

    def _draw(self) -> None:
        """The newest answer, as long as it is about the block that is shown."""
        if self.mode in BETWEEN:
            self.between.lay()
            return
        if self.mode is AttentionMode.BLOCKS:
            self.overview.draw(self._number, self.head, self._pointing.places[1] is not None)
            return
        call, looked, capture, pre = self.asking.call, self.asking.looked, self.asking.capture, self.asking.pre
        if call is None or capture is None or pre is None or call.reason:
            return
        if looked is None or looked.name != call.name:
            self._wait(call)
            return
        self.panel.show_tiles()
        one, mask = self.drawing.tell_heads(call, looked, self.head), None
        if one is None or looked.maps is None:
            self.drawing.leave()
        else:
            mask = mass_mask(one, words.MASS) if one.sum() > 0 else None
            self.drawing.lay(capture, pre, call.keys, token_overlay.heat(one, looked.maps.seen), mask)
            self.drawing.frame(capture, pre, call.queries, looked.query)
        found, kept = self.asking.summary, self._pointing.places[1] is not None
        counted, more = words.counted(found, *self.asking.uncounted, capture.picture.size, pre)
        told = words.note(call, looked, self.head, mask, counted, kept, found, seen_of(capture, pre))
        self.panel.tell(*told, more=more)

    def _wait(self, call: AttentionCall) -> None:
        """What is drawn stays, and says whose it is; unless the row could not be had."""
        if self.asking.unseen:
            self.drawing.clear()
            self.panel.say(self.asking.unseen)
        elif self.asking.looked is not None and self.panel.tiles.names:
            self.panel.tell(words.waiting(self.asking.looked.name, call.name))
        else:
            self.panel.say(words.waiting("", call.name), lasting=False)
