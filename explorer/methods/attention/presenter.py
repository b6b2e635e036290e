"""Attention of the layer that is shown: recorded once, then asked for as the pointer moves over maps, picture and tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.activations import Capture
from explorer.core.attention import AttentionCall, Tokens
from explorer.core.attention_queries import (
    Attending,
    Looked,
    Overview,
    Query,
    Spot,
    default_spot,
    has_map,
    measured_look,
    query_of,
    spot_of,
    tap_of,
)
from explorer.core.errors import Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.method import Measured
from explorer.core.progress import Progress
from explorer.core.selection import Selection
from explorer.core.session.resolve import strip_taps
from explorer.core.translation import tr
from explorer.methods.attention.asked_spot import AskedSpot, on_input
from explorer.methods.attention.drawing import AttentionDrawing
from explorer.methods.attention.figure import LookedBlocks, LookedHeads, WeighedHeads, figure
from explorer.methods.attention.head_ablation import HeadAblation
from explorer.methods.attention.page_choices import choices_of, choose
from explorer.methods.attention.token_views import TokenViews
from explorer.methods.attention.view import TOKEN_MODES, AttentionView
from explorer.ui.attention import words
from explorer.ui.attention.asking import AttentionAsking
from explorer.ui.attention.flows import Flows, Found
from explorer.ui.jobs.client import JobClient
from explorer.ui.method_page.host import PageHost

_RECORDING = tr("Recording the attention of this input …")
_LOOKS = ("heads", "blocks")  # modes in which a token asks


class Presenter:
    """The recording belongs to one model and picture; which token asks says `AskedSpot`."""

    def __init__(self, client: JobClient, host: PageHost) -> None:
        self._host = host
        self.view = self.tab = AttentionView()
        self.drawing = AttentionDrawing(self.view, host.overlay)
        self.asking = AttentionAsking(client, "{}", self._changed, self._seen)
        self.flows = Flows(client, "flow", self._flow_changed)
        self.between = TokenViews(client, self.view, host, self._look_between)
        self.head_ablation = HeadAblation(client, self.view, host)
        self._place: Selection | None = None
        self.block = 0
        self.head: int | None = None  # None: the mean
        self._spot = AskedSpot()
        self._flowed: Found | None = None  # what went through all blocks, as it is drawn
        self._connect()

    def _connect(self) -> None:
        view, pointer = self.view, self._host.pointer
        pointer.over_layer.connect(self._point_layer)
        pointer.over_token.connect(self._point)
        pointer.over_input.connect(self._point_input)
        pointer.input_chosen.connect(self._choose_input)
        pointer.left.connect(self._point_away)
        view.tiles.hovered.connect(self._point_tile)
        view.tiles.left.connect(self._point_away)
        view.tiles.selected.connect(self._choose_tile)
        view.chips.chosen.connect(self.choose)
        view.table.chosen.connect(self.choose_head)
        view.table.ordered.connect(self._redraw)
        view.blocks.chosen.connect(self.go_to)
        view.mode_changed.connect(self._turn)
        view.asked_anew.connect(self._show)
        view.redrawn.connect(self._redraw)
        view.run_changed.connect(self._show)
        view.toggled.connect(self._toggle)
        view.head_chosen.connect(self.choose_head)

    @property
    def waiting(self) -> bool:
        """Whether something that was asked for is still to come."""
        return self.asking.waiting or self.flows.waiting or self.between.waiting or self.head_ablation.waiting

    @property
    def attending(self) -> Attending | None:
        """Which attention there is, once it is known."""
        return self.asking.attending

    @property
    def call(self) -> AttentionCall:
        """The attention of the block that is shown."""
        assert self.attending is not None
        return self.attending.calls[self.block]

    @property
    def looked(self) -> Looked | None:
        """The last rows or columns of the block that is shown."""
        looked = self.asking.looked
        return looked if looked is not None and looked.name == self.call.name else None

    def facts_of(self, selection: Selection) -> Measured | None:
        """Which block, head and mode are shown, and what is seen of the look; None while the attention of a selection is not known."""
        if (
            self._place is None
            or self._place.key != selection.key
            or self.attending is None
            or not self.attending.calls
        ):
            return None
        shown: dict[str, tuple[int | float | str, ...]] = {
            "block": (self.block,),
            "head": (-1 if self.head is None else self.head,),
            "mode": (self.view.mode,),
        }
        return {**shown, **measured_look(self.looked)}

    def figure(self) -> FigureDescription | None:
        """The figure of the mode that is open; None while it shows nothing."""
        if self._place is None or self.attending is None or not self.attending.calls:
            return None
        shown: object = self._flowed
        if self.view.mode == "blocks":
            seen = self.asking.overviewed
            shown = seen and LookedBlocks(tuple(self.attending.calls), seen, self.view.to)
        elif self.view.mode == "heads":
            looked = self.looked
            shown = looked and LookedHeads(self.call, looked, self.head, self.view.one_scale.isChecked())
        elif self.view.mode in TOKEN_MODES:
            shown = self.between.found and WeighedHeads(self.call, self.between.found, self.head)
        return figure(self.attending, FigureSubject(self._place, further=shown)) if shown else None

    # --- what is shown ---

    def choose_class(self) -> None:
        """A relevance is about it as soon as it is followed."""

    def page_choices(self) -> dict[str, Any]:
        """For a session file."""
        return choices_of(self.view, self.head, self._spot.chosen)

    def choose_again(self, held: Mapping[str, Any]) -> None:
        """What a session file says; `follow` comes next."""
        self.head, self._spot.chosen = choose(self.view, held)

    def captured(self, _capture: Capture, _live: bool) -> None:
        """What is selected is followed."""

    def follow(self, selection: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or selection is None:
            self.leave()
            self.view.say(blocked or tr("Nothing is shown yet."))
            return
        self._place = selection
        if self.asking.begin(selection.capture, selection.card.preprocess):
            self._spot.hovered = None
            self._leave_flows()
            self.drawing.clear()
        self._spot.take_cell(selection)
        if self.attending is not None:
            self._show()
        elif not self.asking.recording:
            self.view.say(_RECORDING)
            self.asking.record()

    def leave(self) -> None:
        """The page is no longer looked at: what runs stops, what was recorded stays."""
        if self._place is None:
            return
        self._place = self._spot.hovered = None
        self.asking.end()
        self._leave_flows()
        self.drawing.leave()

    def _leave_flows(self) -> None:
        self.flows.leave()
        self.between.leave()
        self.head_ablation.leave()
        self.view.set_running(None)

    def _show(self) -> None:
        """The block of the layer, in the mode that is chosen."""
        if self._place is None or self.attending is None:
            return
        calls = self.attending.calls
        if not calls:
            self.view.say(words.NONE)
            return
        self.block, how = self.asking.nearest(self._place.tap)
        self.head = self.head if self.head is not None and self.head < self.call.heads else None
        self.view.say("")
        self.view.start.setMaximum(len(calls) - 1)
        alone = self.head if self.view.mode in (*_LOOKS, *TOKEN_MODES) else None
        self.head_ablation.offer(self.asking.of, self.call, alone)
        self.view.set_where(words.where(self.block, calls, how), self.call.name, words.kind(self.call))
        before = self.view.mode
        self.view.suggest("lines" if words.is_row(self.call.queries) else "heads")
        if self.view.mode != before:
            return  # it has been shown in the mode that was suggested
        if self.view.mode in TOKEN_MODES:
            self._show_between(self._place, self.attending)
        elif self.view.mode in _LOOKS:
            self._show_looks(self._place)
        else:
            self._show_flow(self._place, self.attending)

    def _turn(self) -> None:
        """Another mode: what belongs to the last one goes."""
        self._leave_flows()
        self.drawing.clear()
        self.view.set_note("")
        self.asking.look_again()
        self._show()

    # --- between all tokens ---

    def _show_between(self, place: Selection, attending: Attending) -> None:
        call = self.call
        self.view.show_parts()
        self.view.set_whose(call.heads, self.head)
        self.asking.go_to(call)
        if call.reason:
            self.view.set_note(words.unavailable(call))
            self.view.lines.clear(words.unavailable(call))
            self.view.matrix.clear(words.unavailable(call))
        elif self.asking.of is not None:
            self.between.show(place, self.asking.of, attending, self.block, self.head)
            self._look_between()

    def _look_between(self) -> None:
        """The row or column of the token that is looked at, over the input."""
        if self._place is None or self.attending is None or self.view.mode not in TOKEN_MODES:
            return
        at = self.between.query
        if at is None or not has_map(self.call, at[1]):
            self.drawing.leave()
            return
        self.asking.go_to(self.call)
        self.asking.look(*at)
        self._lay_between()

    def _lay_between(self) -> None:
        at, looked = self.between.query, self.looked
        if self._place is not None and looked is not None and at == (looked.query, looked.to):
            self.drawing.over(self._place, self.call, looked, self.head)

    # --- looking ---

    def _show_looks(self, place: Selection) -> None:
        call, to = self.call, self.view.to
        self.asking.go_to(call)
        self.view.show_parts(has_map=has_map(call, to), has_query=words.has_query(call))
        self.view.blocks.set_here(self.block, self.head)
        if call.reason:
            self.drawing.clear()
            self.view.set_note(words.unavailable(call))
            return
        if self.view.mode == "heads":
            self._show_heads(place, call)
        self._ask()
        self._redraw()

    def _show_heads(self, place: Selection, call: AttentionCall) -> None:
        found = self.asking.summary
        if found is not None:
            self.drawing.heads(place, call, found, self.head)
            return
        self.asking.count()
        _, why = self.asking.uncounted
        self.drawing.no_heads(f": {why}" if why else " …")

    @property
    def _tokens(self) -> Tokens:
        """Among which the token is that asks."""
        return self.call.keys if self.view.to else self.call.queries

    @property
    def query(self) -> Query:
        """The token at the spot that is pointed at, else at the chosen one, else the usual one."""
        return self._spot.query(self._tokens)

    def _ask(self) -> None:
        """Asks for what is pointed at, unless it has been asked for already."""
        if self._place is None or self.attending is None or not self.attending.calls or self.call.reason:
            return
        to = self.view.to
        query = self.query if has_map(self.call, to) else 0
        self.asking.go_to(self.call)
        self.asking.look(query, to)
        spot = spot_of(self._tokens.field, query)
        if self.view.mode == "blocks" and spot is not None:
            self.asking.look_over(spot, to)

    # --- pointing and choosing ---

    def _of_tile(self, y: int, x: int) -> Spot | None:
        """The place on the picture of a cell of the tiles."""
        if self._place is None or not self.view.tiles.names:
            return None
        return spot_of(self.drawing.field, self.view.tiles.grid_cell(y, x))

    def _point_layer(self, y: int, x: int) -> None:
        if self._place is not None:
            self._point(spot_of(self._place.tap.receptive, (y, x)))

    def _point_input(self, y: float, x: float) -> None:
        if self._place is not None:
            self._point(on_input(self._place, y, x))

    def _point_tile(self, _tile: int, y: int, x: int) -> None:
        self._point(self._of_tile(y, x))

    def _point_away(self) -> None:
        self._point(None)

    def _point(self, spot: Spot | None) -> None:
        if self._place is None or spot == self._spot.hovered:
            return
        if self.view.mode in TOKEN_MODES and self.attending is not None and self.attending.calls:
            self._spot.hovered = spot
            self.between.point(None if spot is None else query_of(self.call.queries, spot))
        if self.view.mode not in _LOOKS:
            return
        self._spot.hovered = spot
        self._ask()

    def choose(self, spot: Spot | None) -> None:
        """Another token asks from now on."""
        if self._place is None or spot is None:
            return
        self._spot.choose(spot)
        self._show()

    def _choose_input(self, y: float, x: float) -> None:
        if self._place is not None:
            self.choose(on_input(self._place, y, x))

    def _choose_tile(self, tile: int, y: int, x: int) -> None:
        """A head with a click on its tile, and the patch that was clicked; in the norms a block."""
        mode, spot = self.view.mode, self._of_tile(y, x) if y >= 0 else None
        if mode == "norms":
            self._go(self.drawing.taps[tile])
        elif mode in _LOOKS:
            self.head = self.drawing.head_of(tile)
            if spot is not None and self._spot.hovered is not None:
                self._spot.chosen = spot
            self._show()
        else:
            self.choose(spot)

    def choose_head(self, head: int | None) -> None:
        """The head that is drawn over the picture."""
        self.head = head
        self._show()

    def go_to(self, block: int, head: int) -> None:
        """To the layer of another block."""
        if self._place is None or self.attending is None:
            return
        self.head = head
        film = strip_taps(self._place.capture.taps, self._host.session.blocks)
        tap = tap_of(self.attending.calls[block], film)
        self._go(tap.name if tap is not None else "")

    def _go(self, tap: str) -> None:
        if tap and tap != self._host.session.tap:
            self._host.change(tap=tap)
        else:
            self._show()

    # --- through all blocks ---

    def _show_flow(self, place: Selection, attending: Attending) -> None:
        self.view.show_parts()
        class_ = place.class_index
        if self.view.mode == "relevance" and class_ is None:
            self.drawing.clear()
            self.view.set_note(words.NO_CLASS)
            return
        last, spot = attending.calls[-1].queries, self._spot.chosen
        asked = self.drawing.asked(spot if spot is not None else default_spot(last), class_ or 0)
        if self.asking.of is None:
            return
        found = self._flowed = self.flows.get(self.asking.of, asked)
        self.view.set_running(self.flows.fraction, again=found is None)
        self.view.set_note(self.flows.failed if found is None else "")
        self.drawing.flow(place, attending, self.block, asked, found)

    def _flow_changed(self) -> None:
        if self.flows.waiting:
            self.view.set_running(self.flows.fraction)
        else:
            self._show()

    def _toggle(self) -> None:
        self.flows.toggle()
        self._show()

    # --- answers ---

    def _changed(self) -> None:
        if self.asking.failed:
            self.view.say(self.asking.failed)
        else:
            self._show()

    def _seen(self, what: Looked | Overview | Failure | Progress) -> None:
        if isinstance(what, Failure):
            self.view.set_note(what.text)
        elif isinstance(what, Looked):
            if self.view.mode in TOKEN_MODES:
                self._lay_between()
                return
            self.view.set_note("")
            self._redraw()
        elif isinstance(what, Overview) and self.attending is not None:
            self.drawing.overview(self.attending, what)

    def _redraw(self) -> None:
        """The same numbers, drawn as the page says now."""
        if self._place is None or self.attending is None or not self.attending.calls:
            return
        if self.view.mode in TOKEN_MODES:
            return
        if self.view.mode not in _LOOKS:
            self._show_flow(self._place, self.attending)
            return
        call, looked = self.call, self.looked
        self.view.show_parts(has_map=has_map(call, self.view.to), has_query=words.has_query(call))
        if looked is not None and looked.to == self.view.to:
            self.drawing.look(self._place, call, looked, self.head)
