"""Attention of the layer that is shown: recorded once, then asked for as the pointer moves over maps, picture and tiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.core.attention import AttentionCall, HeadSummary, Tokens
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
    tap_of,
)
from explorer.core.geometry import affine
from explorer.core.selection import Selection
from explorer.core.session.resolve import strip_taps
from explorer.engine import desk as work
from explorer.engine.jobs.runner import Event
from explorer.ui.understand import attention_words as words
from explorer.ui.understand.attention_drawing import AttentionDrawing
from explorer.ui.understand.attention_flows import AttentionFlows
from explorer.ui.understand.newest import Newest
from explorer.ui.understand.place import Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

_KEYS = (work.ATTENTION, work.LOOK, work.OVERVIEW, work.HEADS, work.FLOW, work.NORMS)
_RECORDING = "Recording the attention of this picture …"


class AttentionControl(QObject):
    """The recording belongs to one model and picture. The token that asks is the one that is pointed at, else the chosen one;
    it is held as a place on the picture, so that it stays the same in blocks with other grids."""

    def __init__(self, controller: Controller, class_of: Callable[[Selection], int | None]) -> None:
        super().__init__(controller)
        self._c, self._class_of = controller, class_of
        explore = controller.window.explore
        self.tab = explore.channel.attention
        self.drawing = AttentionDrawing(self.tab, explore.input.picture)
        self.flows = AttentionFlows(controller, self.tab)
        self._wanted, self._newest = Wanted(), Newest()
        self._place: Selection | None = None
        self._key: tuple[str, str] | None = None
        self.attending: Attending | None = None
        self.looked: Looked | None = None
        self.block = 0
        self.head: int | None = None  # None: the mean
        self.spot: Spot | None = None  # the chosen one
        self._hover: Spot | None = None
        self._cell: tuple[object, ...] = ()  # the selected cell, when it was last looked at
        self._near: dict[str, tuple[int, str]] = {}
        self._asked: dict[str, object] = {}
        self._summaries: dict[str, HeadSummary] = {}
        self._connect()

    def _connect(self) -> None:
        tab, explore = self.tab, self._c.window.explore
        maps, picture = explore.maps, explore.input.picture
        maps.mosaic.hovered.connect(lambda _c, y, x: self._point_layer((y, x)))
        maps.features.places.hovered.connect(lambda y, x: self._point_layer((y, x)))
        maps.tokens.hovered.connect(lambda token, _c: self._point(token))
        picture.hovered.connect(lambda y, x: self._point(self._at(y, x)))
        picture.selected.connect(lambda y, x: self.choose(self._at(y, x)))
        tab.tiles.hovered.connect(lambda _t, y, x: self._point(self._of_tile(y, x)))
        for view in (maps.mosaic, maps.features.places, maps.tokens, picture, tab.tiles):
            view.left.connect(lambda: self._point(None))
        tab.tiles.selected.connect(self._choose_tile)
        tab.chips.chosen.connect(self.choose)
        tab.table.chosen.connect(self.choose_head)
        tab.table.ordered.connect(self._redraw)
        tab.blocks.chosen.connect(self.go_to)
        tab.mode_changed.connect(self._turn)
        tab.asked_anew.connect(self._show)
        tab.redrawn.connect(self._redraw)
        tab.run_changed.connect(self._show)
        tab.toggled.connect(self._toggle)

    @property
    def waiting(self) -> bool:
        """Whether something that was asked for is still to come."""
        asked = any(self._wanted.waiting(key) for key in (work.ATTENTION, work.HEADS))
        return asked or self.flows.waiting or any(self._newest.waiting(key) for key in (work.LOOK, work.OVERVIEW))

    @property
    def call(self) -> AttentionCall:
        """The attention of the block that is shown."""
        assert self.attending is not None
        return self.attending.calls[self.block]

    # --- what is shown ---

    def follow(self, place: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or place is None:
            self.leave()
            self.tab.say(blocked or "Nothing is shown yet.")
            return
        self._place = place
        key = (place.capture.model, place.capture.picture.digest)
        if key != self._key:
            self._forget()
            self._key = key
        self._take_cell(place)
        if self.attending is not None:
            self._show()
        elif not self._wanted.waiting(work.ATTENTION):
            self.tab.say(_RECORDING)
            self._wanted.ask(work.ATTENTION, self._c.desk.attention(place.capture))

    def leave(self) -> None:
        """The page is no longer looked at: what runs stops, what was recorded stays."""
        if self._place is None:
            return
        self._place = self._hover = None
        self._stop()
        self.drawing.leave()

    def _stop(self) -> None:
        for key in (work.ATTENTION, work.HEADS):
            if self._wanted.drop(key):
                self._c.desk.drop_study(key)
        self._c.desk.drop_looks()
        self._newest.restart()
        self._asked.clear()
        self.flows.leave()

    def _forget(self) -> None:
        self._stop()
        self.attending = self.looked = self._hover = None
        self._near.clear()
        self._summaries.clear()
        self.drawing.clear()

    def _take_cell(self, place: Selection) -> None:
        """A cell that has just been selected in the maps becomes the token that asks."""
        cell = (place.tap.name, place.cell)
        if cell == self._cell:
            return
        moved, self._cell = not self._cell or self._cell[1] != place.cell, cell
        if place.cell is not None and moved:
            self.spot = place.cell[1] if place.cell[0] < 0 else spot_of(place.tap.receptive, place.cell)

    def _show(self) -> None:
        """The block of the layer, in the mode that is chosen."""
        if self._place is None or self.attending is None:
            return
        calls, place = self.attending.calls, self._place
        if not calls:
            self.tab.say(words.NONE)
            return
        if place.tap.name not in self._near:
            self._near[place.tap.name] = nearest_call(calls, place.capture.taps, place.tap)
        number, how = self._near[place.tap.name]
        if self.looked is not None and self.looked.name != calls[number].name:
            self.looked = None
            self._newest.restart()
            self._asked.pop(work.LOOK, None)
        self.block = number
        self.head = self.head if self.head is not None and self.head < self.call.heads else None
        self.tab.say("")
        self.tab.start.setMaximum(len(calls) - 1)
        self.tab.set_where(words.where(number, calls, how), self.call.name, words.kind(self.call))
        if self.tab.mode in ("heads", "blocks"):
            self._show_looks()
        else:
            self._show_flow()

    def _turn(self) -> None:
        """Another mode: what belongs to the last one goes."""
        self.flows.leave()
        self.drawing.clear()
        self.tab.set_note("")
        self._asked.clear()
        self._show()

    # --- looking ---

    def _show_looks(self) -> None:
        call, to = self.call, self.tab.to
        self.tab.show_parts(has_map=has_map(call, to), has_query=words.has_query(call))
        self.tab.blocks.set_here(self.block, self.head)
        if call.reason:
            self.drawing.clear()
            self.tab.set_note(f"The attention weights of this block cannot be shown: {call.reason}.")
            return
        if self.tab.mode == "heads":
            self._show_heads(call)
        self._ask()
        self._redraw()

    def _tokens(self) -> Tokens:
        """Among which the token is that asks."""
        return self.call.keys if self.tab.to else self.call.queries

    def _query(self, tokens: Tokens) -> Query:
        """The token at the spot that is pointed at, else at the chosen one, else the usual one."""
        for spot in (self._hover, self.spot, default_spot(tokens)):
            query = query_of(tokens, spot) if spot is not None else None
            if query is not None:
                return query
        return 0

    def _ask(self) -> None:
        """Asks for what is pointed at, unless it has been asked for already."""
        if self._place is None or self.attending is None or not self.attending.calls or self.call.reason:
            return
        capture, call, to = self._place.capture, self.call, self.tab.to
        query = self._query(self._tokens()) if has_map(call, to) else 0
        if self._asked.get(work.LOOK) != (call.name, query, to):
            self._asked[work.LOOK] = (call.name, query, to)
            self._newest.ask(work.LOOK, self._c.desk.look(capture, call.name, query, to))
        spot = spot_of(self._tokens().field, query)
        if self.tab.mode == "blocks" and spot is not None and self._asked.get(work.OVERVIEW) != (spot, to):
            self._asked[work.OVERVIEW] = (spot, to)
            self._newest.ask(work.OVERVIEW, self._c.desk.overview(capture, spot, to))

    def _show_heads(self, call: AttentionCall) -> None:
        found = self._summaries.get(call.name)
        if found is not None:
            assert self._place is not None
            self.drawing.heads(self._place, call, found, self.head)
        elif self._asked.get(work.HEADS) != call.name:
            self._asked[work.HEADS] = call.name
            self.tab.set_heads((), 0, " …")
            assert self._place is not None
            self._wanted.ask(work.HEADS, self._c.desk.heads(self._place.capture, call.name))

    # --- pointing and choosing ---

    def _at(self, y: float, x: float) -> Spot | None:
        """A point of the original picture in the model's input; None outside of what the model sees."""
        if self._place is None:
            return None
        return affine.point_seen(self._place.capture.picture.size, self._place.card.preprocess, (y, x))

    def _point_layer(self, cell: tuple[int, int]) -> None:
        if self._place is not None:
            self._point(spot_of(self._place.tap.receptive, cell))

    def _of_tile(self, y: int, x: int) -> Spot | None:
        """The place on the picture of a cell of the tiles."""
        if self._place is None or not self.tab.tiles.names:
            return None
        return spot_of(self.drawing.field, self.tab.tiles.grid_cell(y, x))

    def _point(self, spot: Spot | None) -> None:
        if self._place is None or spot == self._hover or self.tab.mode not in ("heads", "blocks"):
            return
        self._hover = spot
        self._ask()

    def choose(self, spot: Spot | None) -> None:
        """Another token asks from now on."""
        if self._place is None or spot is None:
            return
        self.spot, self._hover = spot, None
        self._show()

    def _choose_tile(self, tile: int, y: int, x: int) -> None:
        """A head with a click on its tile, and the patch that was clicked; in the norms a block."""
        mode, spot = self.tab.mode, self._of_tile(y, x) if y >= 0 else None
        if mode == "norms":
            self._go(self.drawing.taps[tile])
        elif mode in ("heads", "blocks"):
            self.head = self.drawing.head_of(tile)
            if spot is not None and self._hover is not None:
                self.spot = spot
            self._show()
        else:
            self.choose(spot)

    def choose_head(self, head: int) -> None:
        """The head that is drawn over the picture."""
        self.head = head
        self._show()

    def go_to(self, block: int, head: int) -> None:
        """To the layer of another block."""
        if self._place is None or self.attending is None:
            return
        self.head = head
        film = strip_taps(self._place.capture.taps, self._c.session.blocks)
        tap = tap_of(self.attending.calls[block], film)
        self._go(tap.name if tap is not None else "")

    def _go(self, tap: str) -> None:
        if tap and tap != self._c.session.tap:
            self._c.change(tap=tap)
        else:
            self._show()

    # --- through all blocks ---

    def _show_flow(self) -> None:
        assert self._place is not None
        assert self.attending is not None
        self.tab.show_parts()
        class_ = self._class_of(self._place)
        if self.tab.mode == "relevance" and class_ is None:
            self.drawing.clear()
            self.tab.set_note(words.NO_CLASS)
            return
        last = self.attending.calls[-1].queries
        asked = self.drawing.asked(self.spot if self.spot is not None else default_spot(last), class_ or 0)
        found = self.flows.get(self._place.capture, asked)
        self.drawing.flow(self._place, self.attending, self.block, asked, found)

    def _toggle(self) -> None:
        if self.flows.toggle():
            self._show()

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Whether the event was this one's."""
        if event.key not in _KEYS:
            return False
        if event.key in (work.FLOW, work.NORMS):
            if self.flows.receive(event):
                self._show()
            return True
        if event.key in (work.LOOK, work.OVERVIEW):
            if self._place is not None and self._newest.takes(event):
                self._take_look(event)
            return True
        if not self._wanted.takes(event) or self._place is None:
            return True
        if event.failure is not None:
            self._failed(event)
        elif isinstance(event.value, Attending):
            self.attending = event.value
            self._show()
        elif isinstance(event.value, HeadSummary):
            self._summaries[event.value.name] = event.value
            self._show()
        return True

    def _failed(self, event: Event) -> None:
        assert event.failure is not None
        if event.key == work.ATTENTION:
            self.tab.say(event.failure.text)
        else:
            self.tab.set_heads((), 0, f": {event.failure.what}")

    def _take_look(self, event: Event) -> None:
        if event.failure is not None:
            self.tab.set_note(event.failure.text)
        elif isinstance(event.value, Looked) and self.tab.mode in ("heads", "blocks"):
            self.looked = event.value
            self.tab.set_note("")
            self._redraw()
        elif isinstance(event.value, Overview) and self.attending is not None:
            self.drawing.overview(self.attending, event.value)

    def _redraw(self) -> None:
        """The same numbers, drawn as the page says now."""
        if self._place is None or self.attending is None or not self.attending.calls:
            return
        if self.tab.mode not in ("heads", "blocks"):
            self._show_flow()
            return
        self.tab.show_parts(has_map=has_map(self.call, self.tab.to), has_query=words.has_query(self.call))
        if self.looked is not None and self.looked.name == self.call.name and self.looked.to == self.tab.to:
            self.drawing.look(self._place, self.call, self.looked, self.head)
