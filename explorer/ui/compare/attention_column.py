"""The attention in one column: recorded when it is looked at, then asked for as the cursor moves, wherever that is."""

from __future__ import annotations

from explorer.core import geometry
from explorer.core.attending import (
    Attending,
    Looked,
    Query,
    default_spot,
    has_map,
    nearest_call,
    query_of,
    spot_at,
    spot_of,
)
from explorer.core.attention import AttentionCall, HeadSummary, mass_mask
from explorer.core.cells import Cell
from explorer.core.compare import Column
from explorer.core.edits import UNEDITED, Under
from explorer.core.types import Box, Capture, Preprocess
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.engine.runner import Event
from explorer.ui.compare import attention_words as words
from explorer.ui.compare.view import ColumnView
from explorer.ui.understand import attention_overlay as overlay
from explorer.ui.understand.attention_words import NONE
from explorer.ui.understand.heads_drawing import HeadsDrawing
from explorer.ui.understand.newest import Newest
from explorer.ui.understand.place import Wanted

Share = tuple[float, float]
Places = tuple[Share | None, Share | None]
RECORD, LOOK, HEADS = (f"{work.COMPARE} {kind}" for kind in ("attention", "look", "heads"))


class ColumnAttention:
    """Places are (y, x) as shares of the picture. The recording is of one model, its edits and a picture; answers to what was asked of
    another one, or of another block, are not taken."""

    def __init__(self, view: ColumnView, desk: Desk) -> None:
        self.view, self.desk, self.panel = view, desk, view.panel.attention
        self.drawing = HeadsDrawing(self.panel.tiles, view.panel.picture)
        self._record, self._look, self._count = (f"{kind} {view.key}" for kind in (RECORD, LOOK, HEADS))
        self._wanted, self._newest = Wanted(), Newest()
        self._of: tuple[str, str, str] | None = None  # model, picture, edits
        self._under = UNEDITED
        self._capture: Capture | None = None  # that is looked at; None: the column shows something else
        self.attending: Attending | None = None
        self.call: AttentionCall | None = None
        self.looked: Looked | None = None
        self.head: int | None = None
        self._places: Places = (None, None)
        self._asked: Query | None = None
        self._near: dict[str, tuple[int, str]] = {}
        self._summaries: dict[str, HeadSummary] = {}
        self._failed = ""  # why there is no recording
        self._uncounted: dict[str, str] = {}  # why a block has no summary
        self._counting = self._progress = ""

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        asked = self._wanted.waiting(self._record) or self._wanted.waiting(self._count)
        return asked or self._newest.waiting(self._look)

    # --- what is shown ---

    def follow(self, column: Column, places: Places, why: str, under: Under) -> None:
        """The column shows its attention, for the first of `places` (the cursor, the kept one) that there is, under the edits of
        its capture; `why` not."""
        capture, tap = self.view.capture, self.view.tap(column)
        if capture is None or tap is None:
            self.leave()
            self.panel.say(self.view.status or "Choose a model for this column.", lasting=False)
            return
        if why:
            self.leave()
            self.panel.say(why)
            return
        self._capture, self._places = capture, places
        if (of := (capture.model, capture.picture.digest, capture.edits)) != self._of:
            self._forget()
            self._of, self._under = of, under
        if self._failed or self.attending is None:
            self._ask_record(capture)
        elif not self.attending.calls:
            self.panel.say(NONE)
        else:
            if tap.name not in self._near:
                self._near[tap.name] = nearest_call(self.attending.calls, capture.taps, tap)
            self._show(column, *self._near[tap.name])

    def leave(self) -> None:
        """The column shows something else: what runs stops, what was recorded stays."""
        if self._capture is None:
            return
        self._capture = None
        self._stop()
        self.drawing.leave()

    def _stop(self) -> None:
        for key in (self._record, self._count):
            if self._wanted.drop(key):
                self.desk.drop_study(key)
        self.desk.drop_looks(self._look)
        self._newest.restart()
        self.call = self._asked = None

    def _forget(self) -> None:
        self._stop()
        self.attending = self.looked = None
        self._failed = ""
        for known in (self._near, self._summaries, self._uncounted):
            known.clear()
        self.drawing.clear()

    def _ask_record(self, capture: Capture) -> None:
        self.panel.say(self._failed or words.RECORDING, lasting=bool(self._failed))
        if not self._failed and not self._wanted.waiting(self._record):
            self._wanted.ask(self._record, self.desk.attention(capture, self._record, self._under))

    def _show(self, column: Column, number: int, how: str) -> None:
        """A block's heads, from what is there; what is missing is asked for."""
        assert self.attending is not None
        call = self.attending.calls[number]
        self.view.panel.subtitle.set_text(
            words.subtitle(number, self.attending.calls, how, bool(self._under.edits)), at_end=True
        )
        if call is not self.call:
            self.call, self._asked = call, None
            self._newest.restart()
        self.head = column.head if column.head is not None and column.head < call.heads else None
        if call.reason:
            self.drawing.clear()
            self.panel.say(words.unsure(call))
            return
        self._ask_count(call)
        self.ask()
        self._draw()

    # --- asking ---

    def point(self, places: Places) -> None:
        """The cursor, or the place that is kept, is another one."""
        self._places = places
        if self._capture is not None and self.call is not None and not self.call.reason:
            self.ask()

    def ask(self) -> None:
        """Asks for the token that is wanted, unless it has been asked for already."""
        assert self.call is not None
        assert self._capture is not None
        query = self._query(self.call) if has_map(self.call) else 0
        if query != self._asked:
            self._asked = query
            ticket = self.desk.look(self._capture, self.call.name, query, False, self._look, self._under)
            self._newest.ask(self._look, ticket)

    def _query(self, call: AttentionCall) -> Query:
        """The token at the cursor, else at the kept place, else the usual one."""
        spots = [self._spot(place) for place in self._places]
        for spot in (*spots, default_spot(call.queries)):
            query = query_of(call.queries, spot) if spot is not None else None
            if query is not None:
                return query
        return 0

    def _ask_count(self, call: AttentionCall) -> None:
        known = call.name in self._summaries or call.name in self._uncounted
        if not known and not (self._wanted.waiting(self._count) and self._counting == call.name):
            assert self._capture is not None
            self._counting, self._progress = call.name, ""
            self._wanted.ask(self._count, self.desk.heads(self._capture, call.name, self._count, self._under))

    # --- places ---

    @property
    def _given(self) -> tuple[tuple[int, int], Preprocess]:
        """Size of the picture and what is done to it."""
        assert self._capture is not None
        assert self.view.of is not None
        return self._capture.picture.size, self.view.of.preprocess

    def _spot(self, place: Share | None) -> tuple[float, float] | None:
        size, pre = self._given
        return None if place is None else spot_at(size, pre, (place[0] * size[0], place[1] * size[1]))

    def place_of(self, cell: Cell) -> Share | None:
        """Where a cell of the grid stands; None while nothing is drawn."""
        field = self.drawing.field
        spot = spot_of(field, cell) if field is not None and self._capture is not None else None
        if spot is None or isinstance(spot, int):
            return None
        size, pre = self._given
        at = geometry.to_original(geometry.input_affine(size, pre), Box(*spot, *spot))
        return at.y0 / size[0], at.x0 / size[1]

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Takes an answer. Whether something was broken off that is still wanted: the column is to follow again."""
        if event.key == self._look:
            if self._newest.takes(event) and self._capture is not None:
                self._take_look(event)
            return False
        if not self._wanted.takes(event) or self._capture is None:
            return False
        if event.progress is not None:
            self._progress = event.progress.text
            self._draw()
            return False
        if event.failure is not None and event.key == self._record:
            self._failed = event.failure.text
        elif event.failure is not None:
            self._uncounted[self._counting] = event.failure.what
        elif isinstance(event.value, Attending):
            self.attending = event.value
        elif isinstance(event.value, HeadSummary):
            self._summaries[event.value.name] = event.value
        return True

    def _take_look(self, event: Event) -> None:
        if event.failure is not None:
            self.looked = None
            self.drawing.clear()
            self.panel.say(event.failure.text)
        elif isinstance(event.value, Looked):
            self.looked = event.value
            self._draw()

    # --- drawing ---

    def _wait(self, call: AttentionCall) -> None:
        """What is drawn stays, and says whose it is."""
        if self.looked is not None and self.panel.tiles.names:
            self.panel.tell(words.waiting(self.looked.name, call.name))
        else:
            self.panel.say(words.waiting("", call.name), lasting=False)

    def _draw(self) -> None:
        """The newest answer, as long as it is about the block that is shown."""
        call, looked, capture = self.call, self.looked, self._capture
        if call is None or capture is None or call.reason:
            return
        if looked is None or looked.name != call.name:
            self._wait(call)
            return
        self.panel.show_tiles()
        size, pre = self._given
        one, mask = self.drawing.tell_heads(call, looked, self.head), None
        if one is None or looked.maps is None:
            self.drawing.leave()
        else:
            mask = mass_mask(one, words.MASS) if one.sum() > 0 else None
            self.drawing.lay(capture, pre, call.keys, overlay.heat(one, looked.maps.seen), mask)
            self.drawing.frame(capture, pre, call.queries, looked)
        found = self._summaries.get(call.name)
        counted = words.counted(found, self._progress, self._uncounted.get(call.name, ""), size, pre)
        self.panel.tell(*words.note(call, looked, self.head, mask, counted, self._places[1] is not None, found))
