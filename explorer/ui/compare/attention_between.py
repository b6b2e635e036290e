"""The attention between all tokens in one column: asked for, and drawn as lines or as a matrix."""

from __future__ import annotations

from typing import Any

from explorer.core.attention import AttentionCall, Tokens
from explorer.core.attention_queries import Query
from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.core.requests import Request
from explorer.core.seen_input import seen_of
from explorer.core.token_labels import token_labels
from explorer.core.token_weights import TokenWeights, WeighTokens
from explorer.ui.attention import token_overlay, token_words
from explorer.ui.attention.asking import AttentionAsking
from explorer.ui.attention.heads_drawing import HeadsDrawing
from explorer.ui.attention.token_drawing import Labels, Token, TokenDrawing, query_of_token
from explorer.ui.compare.view import ColumnView
from explorer.ui.features.words import LET_GO
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache

_KEPT = 4  # matrices


class ColumnBetween:
    """`asking` knows the recording; the weights of the token that is looked at lie over the input by `drawing`."""

    def __init__(
        self, view: ColumnView, client: JobClient, key: str, asking: AttentionAsking, drawing: HeadsDrawing
    ) -> None:
        self.panel, self.asking, self.drawing = view.panel.attention, asking, drawing
        self.tokens = TokenDrawing(self.panel.between.lines, self.panel.between.matrix)
        self.weights: Task[TokenWeights] = Task(
            client, "weights", self._take, self._fail, self._tell, self._draw, key=key
        )
        self._found: ResultCache[Any] = ResultCache(_KEPT)
        self._failed: dict[Request[Any], str] = {}
        self._progress = ""
        self._call: AttentionCall | None = None
        self._head: int | None = None
        self._matrix = False
        self._token: Token | None = None
        self._locked = False
        self._drawn: tuple[object, ...] = ()

    def leave(self) -> None:
        """The column shows something else: what runs stops."""
        if self._call is not None:
            self.weights.drop()
            self._call, self._token, self._drawn = None, None, ()
            self._failed.clear()  # tried again when it is looked at next

    def show(self, call: AttentionCall, head: int | None, matrix: bool) -> None:
        """A block and a head (None: the mean), from what is there; what is missing is asked for."""
        if call is not self._call:
            self._token = None
        self._call, self._head, self._matrix = call, head, matrix
        request = self._request
        on_its_way = self.weights.waiting and self.weights.request == request
        if self._found.get(request) is None and request not in self._failed and not on_its_way:
            self._progress = ""
            self.weights.ask(request)
        self._draw()

    @property
    def _request(self) -> WeighTokens:
        assert self.asking.of is not None
        assert self._call is not None
        return WeighTokens(self.asking.of, self._call.name)

    # --- the token that is looked at

    def side(self, key: bool) -> Tokens | None:
        """Queries or keys of the block that is shown."""
        return None if self._call is None else self._call.keys if key else self._call.queries

    def mark(self, token: Token | None, locked: bool) -> Query | None:
        """The token whose weights are looked at, None: all. Returns it as what the engine is asked for, None where it stands
        nowhere on the input."""
        side = self.side(token[0]) if token is not None else None
        self._token = token if token is not None and side is not None and token[1] < side.count else None
        self._locked = locked and self._token is not None
        self._mark()
        if self._token is None or side is None:
            self.drawing.leave()
            return None
        query = query_of_token(side, self._token[1])
        if query is None:
            self.drawing.leave()
        return query

    def lay(self) -> None:
        """The weights of the token that is looked at, over the input."""
        looked, call, capture, pre = self.asking.looked, self._call, self.asking.capture, self.asking.pre
        if self._token is None or looked is None or call is None or capture is None or pre is None:
            return
        asks, shown = (call.keys, call.queries) if looked.to else (call.queries, call.keys)
        if looked.name != call.name or looked.maps is None or query_of_token(asks, self._token[1]) != looked.query:
            return
        maps = looked.maps.maps
        one = maps.mean(0) if self._head is None else maps[self._head]
        self.drawing.lay(capture, pre, shown, token_overlay.heat(one, looked.maps.seen))
        self.drawing.frame(capture, pre, asks, looked.query)

    # --- answers

    def _take(self, found: TokenWeights, _done: bool) -> None:
        if self.weights.request is not None:
            self._found.put(self.weights.request, found)

    def _fail(self, failure: Failure) -> None:
        if self.weights.request is not None:
            self._failed[self.weights.request] = failure.text

    def _tell(self, progress: Progress) -> None:
        self._progress = progress.text
        self._draw()

    # --- drawing

    @property
    def _labels(self) -> tuple[Labels, Labels]:
        """Names of the queries and of the keys."""
        call, capture, pre = self._call, self.asking.capture, self.asking.pre
        assert call is not None
        assert capture is not None
        assert pre is not None
        seen = seen_of(capture, pre)
        return token_labels(call.queries, call.prefix_names, seen), token_labels(call.keys, call.prefix_names, seen)

    def _draw(self) -> None:
        if self._call is None or self.asking.capture is None or self.asking.of is None:
            return
        found, panel = self._found.get(self._request), self.panel
        if found is None:
            self._drawn = ()
            why = self._failed.get(self._request, "")
            panel.say(why or f"Computing the attention between all tokens … {self._progress}", lasting=bool(why))
            return
        panel.show_between(self._matrix)
        panel.between.set_whose(len(found.weights), self._head)
        wanted = (found, self._head, self._matrix, self.asking.capture.picture.digest)
        if wanted != self._drawn:
            self._drawn = wanted
            if self._matrix:
                self.tokens.draw_matrix(found, *self._labels, self._head, short=True)
            else:
                self.tokens.draw_lines(found, *self._labels, self._head, short=True)
        self._mark()

    def _mark(self) -> None:
        """Whose weights are seen alone, in the panels and in words."""
        self.tokens.mark(self._token, self._locked)
        found = None if self._call is None or self.asking.of is None else self._found.get(self._request)
        if found is None or self._call is None or self.asking.capture is None:
            return
        labels, token = self._labels, self._token
        named = None if token is None else (token[0], labels[token[0]][token[1]].text)
        rows = token_words.numbers(self._call, found, labels[1], self._head)
        title = token_words.headline(found, named, self._head, self._locked)
        facts = [title, LET_GO if self._locked else "", token_words.note(found, labels[1], drawn=not found.whole)]
        shown = [row for row in rows if row.label == token_words.MOST]
        self.panel.tell(*(fact for fact in facts if fact), *shown, more=rows)
