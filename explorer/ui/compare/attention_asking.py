"""What one column asks about its attention, and what has come: a recording, heads, rows for a token. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.activations import Capture, Tap
from explorer.core.attention import AttentionCall, HeadSummary
from explorer.core.attention_queries import (
    Attending,
    Looked,
    Overview,
    Query,
    Spot,
    default_spot,
    has_map,
    nearest_call,
    query_of,
    spot_of,
)
from explorer.core.geometry import affine
from explorer.core.interventions import UNEDITED, Under
from explorer.core.models import Preprocess
from explorer.engine import desk as work
from explorer.engine.desk import Desk
from explorer.engine.jobs.runner import Event
from explorer.ui.understand.newest import Newest
from explorer.ui.understand.place import Wanted

Share = tuple[float, float]  # a place (y, x) as shares of the picture
Places = tuple[Share | None, Share | None]  # the cursor, and the place that is kept
RECORD, LOOK, HEADS, FLOW, NORMS, OVERVIEW = (
    f"{work.COMPARE} {kind}" for kind in ("attention", "look", "heads", "flow", "norms", "overview")
)


class AttentionAsking:
    """It is about one model under edits on one picture; answers to what was asked about another one, or about another block of
    it, are not taken."""

    def __init__(self, column: int, desk: Desk) -> None:
        self._desk = desk
        kinds = RECORD, LOOK, HEADS, OVERVIEW
        self._record, self._look, self._heads, self._overview = (f"{kind} {column}" for kind in kinds)
        self._wanted, self._newest = Wanted(), Newest()
        self._of: tuple[str, str, str] | None = None  # model, picture, edits
        self.under = UNEDITED
        self.capture: Capture | None = None  # None: nothing is wanted
        self.pre: Preprocess | None = None
        self.attending: Attending | None = None
        self.failed = ""  # why there is none
        self.call: AttentionCall | None = None  # the block that is wanted
        self.looked: Looked | None = None
        self.overviewed: Overview | None = None
        self.unseen = ""  # why the last row that was asked for has not come
        self._asked: Query | Spot | None = None
        self._near: dict[str, tuple[int, str]] = {}
        self._summaries: dict[str, HeadSummary] = {}
        self._uncounted: dict[str, str] = {}  # why a block has no summary
        self._counting = self._progress = ""

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        asked = self._wanted.waiting(self._record) or self._wanted.waiting(self._heads)
        return asked or any(self._newest.waiting(key) for key in (self._look, self._overview))

    def begin(self, capture: Capture, pre: Preprocess, under: Under) -> bool:
        """It is about this capture from now on. Whether it is another one."""
        self.capture, self.pre = capture, pre
        of = capture.model, capture.picture.digest, capture.edits
        if of == self._of:
            return False
        self._stop()
        self._of, self.under = of, under
        self.attending, self.failed = None, ""
        self.looked = self.overviewed = None
        for known in (self._near, self._summaries, self._uncounted):
            known.clear()
        return True

    def end(self) -> None:
        """Nothing is wanted any more: what runs stops, what was recorded stays."""
        if self.capture is not None:
            self.capture, self.failed = None, ""
            self._stop()

    def rest(self) -> None:
        """No rows and no heads are wanted, while the recording is: what goes through all blocks is made of it."""
        if self.attending is not None and self.call is not None:
            self._stop()
            self.looked = self.overviewed = None

    def _stop(self) -> None:
        for key in (self._record, self._heads):
            if self._wanted.drop(key):
                self._desk.drop_study(key)
        self._desk.drop_looks(self._look, self._overview)
        self._newest.restart()
        self.call, self._asked, self.unseen = None, None, ""

    # --- asking ---

    def record(self) -> None:
        """Asks which attention there is, unless that is on its way."""
        assert self.capture is not None
        if not self._wanted.waiting(self._record):
            self._wanted.ask(self._record, self._desk.attention(self.capture, self._record, self.under))

    def nearest(self, tap: Tap) -> tuple[int, str]:
        """(number of the attention that stands for a layer, how it lies to it)."""
        assert self.attending is not None
        assert self.capture is not None
        if tap.name not in self._near:
            self._near[tap.name] = nearest_call(self.attending.calls, self.capture.taps, tap)
        return self._near[tap.name]

    def go_to(self, call: AttentionCall) -> None:
        """Another block is wanted, or the same."""
        if call is not self.call:
            self.call, self._asked = call, None
            self._newest.restart()

    def look(self, places: Places) -> None:
        """Asks for the token at the first of these places that has one, else for the usual one; not again for the same."""
        assert self.call is not None
        assert self.capture is not None
        query = self.query(self.call, places) if has_map(self.call) else 0
        if query != self._asked:
            self._asked, self.unseen = query, ""
            ticket = self._desk.look(self.capture, self.call.name, query, False, self._look, self.under)
            self._newest.ask(self._look, ticket)

    def look_over(self, places: Places) -> None:
        """Asks for the token at such a place in all blocks; not again for the same."""
        assert self.call is not None
        assert self.capture is not None
        spot = spot_of(self.call.queries.field, self.query(self.call, places)) or 0
        if spot != self._asked:
            self._asked, self.unseen = spot, ""
            ticket = self._desk.overview(self.capture, spot, False, self._overview, self.under)
            self._newest.ask(self._overview, ticket)

    def query(self, call: AttentionCall, places: Sequence[Share | None]) -> Query:
        """The token of a block at the first of these places that has one, else the usual one."""
        for spot in (*map(self._spot, places), default_spot(call.queries)):
            query = query_of(call.queries, spot) if spot is not None else None
            if query is not None:
                return query
        return 0

    def _spot(self, place: Share | None) -> tuple[float, float] | None:
        if place is None or self.capture is None or self.pre is None:
            return None
        height, width = self.capture.picture.size
        return affine.point_seen((height, width), self.pre, (place[0] * height, place[1] * width))

    def count(self) -> None:
        """Asks for the numbers of the heads of the block, unless they are there or on their way."""
        assert self.call is not None
        assert self.capture is not None
        name = self.call.name
        known = name in self._summaries or name in self._uncounted
        if not known and not (self._wanted.waiting(self._heads) and self._counting == name):
            self._counting, self._progress = name, ""
            self._wanted.ask(self._heads, self._desk.heads(self.capture, name, self._heads, self.under))

    @property
    def summary(self) -> HeadSummary | None:
        """The numbers of the heads of the block, None while they are not known."""
        return self._summaries.get(self.call.name) if self.call is not None else None

    @property
    def uncounted(self) -> tuple[str, str]:
        """(how far the numbers of the heads are, why there are none)."""
        return self._progress, self._uncounted.get(self.call.name, "") if self.call is not None else ""

    # --- answers ---

    def take_look(self, event: Event) -> bool:
        """Whether a row that came, or a failure, is to be drawn."""
        own = event.key in (self._look, self._overview)
        taken = own and self._newest.takes(event) and self.capture is not None
        if taken:
            self.looked = event.value if isinstance(event.value, Looked) else None
            self.overviewed = event.value if isinstance(event.value, Overview) else None
            self.unseen = event.failure.text if event.failure is not None else ""
        return taken and (event.value is not None or event.failure is not None)

    def take(self, event: Event) -> bool:
        """Whether an answer changed anything, be it that what is still wanted was broken off."""
        if event.key not in (self._record, self._heads) or not self._wanted.takes(event) or self.capture is None:
            return False
        if event.progress is not None:
            self._progress = event.progress.text
        elif event.failure is not None and event.key == self._record:
            self.failed = event.failure.text
        elif event.failure is not None:
            self._uncounted[self._counting] = event.failure.what
        elif isinstance(event.value, Attending):
            self.attending = event.value
        elif isinstance(event.value, HeadSummary):
            self._summaries[event.value.name] = event.value
        return True
