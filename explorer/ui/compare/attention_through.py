"""What goes through all blocks in one column: rollout, relevance, and how long the tokens are. Asked for and drawn."""

from __future__ import annotations

from explorer.core.attention import AttentionCall, Flow, TokenNorms, mass_mask
from explorer.core.attention_queries import AttentionMode, FlowAsked, Query, spot_of
from explorer.core.attention_requests import attended
from explorer.ui.attention import token_overlay
from explorer.ui.attention.asking import AttentionAsking
from explorer.ui.attention.flows import Flows
from explorer.ui.attention.heads_drawing import HeadsDrawing
from explorer.ui.attention.words import NO_CLASS
from explorer.ui.compare import attention_words as words
from explorer.ui.compare.attention_places import Share, token_at
from explorer.ui.compare.view import ColumnView
from explorer.ui.jobs.client import JobClient


class ColumnThrough:
    """`asking` knows the recording, what is drawn is drawn on `drawing`. `query` is the token that a rollout is of, `taps` are
    the layers whose lengths the tiles show."""

    def __init__(
        self, view: ColumnView, client: JobClient, key: str, asking: AttentionAsking, drawing: HeadsDrawing
    ) -> None:
        self.view, self.panel = view, view.panel.attention
        self.asking, self.drawing = asking, drawing
        self.flows = Flows(client, key, self._changed)
        self.query: Query = 0
        self.taps: tuple[str, ...] = ()
        self._shown: tuple[AttentionMode, int, Share | None] | None = None  # mode, block, the place that is kept

    @property
    def shown(self) -> bool:
        """Whether the column shows one of these."""
        return self._shown is not None

    def show(self, mode: AttentionMode, number: int, kept: Share | None) -> None:
        """What is known of it; what is missing is asked for."""
        capture, of = self.asking.capture, self.asking.of
        self._shown, self.taps = (mode, number, kept), ()
        reason = self._reason(mode)
        if capture is None or of is None or reason:
            self.flows.leave()
            self._say(reason, True)
            return
        asked = self._asked(mode, kept)
        found = self.flows.get(of if mode is AttentionMode.ROLLOUT else attended(capture), asked)
        if isinstance(found, Flow) and asked is not None:
            self._flow(asked, found, kept)
        elif isinstance(found, tuple):
            self._norms(number, found)
        elif self.flows.waiting:
            self._say(words.going(mode, self.flows.progress), False)
        else:
            self._say(self.flows.failed, True)

    def leave(self) -> None:
        """The column shows something else: what runs stops."""
        self._shown = None
        self.flows.leave()

    def _changed(self) -> None:
        if self._shown is not None:
            self.show(*self._shown)

    def _say(self, sentence: str, lasting: bool) -> None:
        self.drawing.clear()
        self.panel.say(sentence, lasting)

    # --- what is asked ---

    @property
    def _last(self) -> AttentionCall:
        """Whose tokens a rollout and a relevance are about."""
        assert self.asking.attending is not None
        return self.asking.attending.calls[-1]

    def _reason(self, mode: AttentionMode) -> str:
        """Why there is nothing to see, "" where there is."""
        if mode is not AttentionMode.ROLLOUT and self.asking.of is not None and self.asking.of.edits:
            return words.UNEDITED_ONLY
        return NO_CLASS if mode is AttentionMode.RELEVANCE and self._class is None else ""

    @property
    def _class(self) -> int | None:
        """The best one."""
        capture = self.asking.capture
        return capture.prediction[0].index if capture is not None and capture.prediction else None

    def _asked(self, mode: AttentionMode, kept: Share | None) -> FlowAsked | None:
        if mode is AttentionMode.ROLLOUT:
            queries = self._last.queries
            self.query = token_at(self.asking, self._last, (kept,))
            return FlowAsked("rollout", spot_of(queries.field, self.query))
        return FlowAsked("relevance", class_=self._class or 0) if mode is AttentionMode.RELEVANCE else None

    # --- drawing ---

    def _flow(self, asked: FlowAsked, found: Flow, kept: Share | None) -> None:
        capture, pre, of, last = self.asking.capture, self.asking.pre, self.view.of, self._last
        assert capture is not None
        assert pre is not None
        assert of is not None
        self.panel.show_tiles()
        self.drawing.tell_flow(found, last.keys)
        mask = mass_mask(found.map, words.MASS) if found.map.sum() > 0 else None
        self.drawing.lay(capture, pre, last.keys, token_overlay.heat(found.map), mask)
        rolled = asked.method == "rollout"
        self.drawing.frame(capture, pre, last.queries, self.query if rolled else 0)
        asks = self.query if rolled and isinstance(self.query, tuple) else None
        self.panel.tiles.set_pointed(self.panel.tiles.tile_cell(asks) if asks is not None else None)
        self.panel.tell(*words.flow_note(last, asked, found, of.labels, mask, rolled and kept is not None))

    def _norms(self, number: int, found: tuple[TokenNorms, ...]) -> None:
        capture, pre, attending = self.asking.capture, self.asking.pre, self.asking.attending
        assert capture is not None
        assert pre is not None
        assert attending is not None
        call = attending.calls[number]
        self.panel.show_tiles()
        here, shown, tokens = self.drawing.tell_norms(capture, call.path, found)
        self.taps = tuple(one.tap for one in shown)
        self.drawing.lay(capture, pre, tokens, token_overlay.heat(here.norms), here.outliers)
        self.drawing.frame(capture, pre, tokens, 0)
        self.panel.tell(*words.norms_note(call, here, len(found) - len(shown)))
