"""The attention between all tokens on its page, as lines or as a matrix: what is asked for, which token is looked at, what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from explorer.core.attention import AttentionCall, Tokens
from explorer.core.attention_queries import Attending, Query
from explorer.core.attention_requests import Attended
from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.core.requests import Request
from explorer.core.seen_input import seen_of
from explorer.core.selection import Selection
from explorer.core.token_labels import TokenLabel, token_labels
from explorer.core.token_table import token_table
from explorer.core.token_weights import EveryWeight, TokenWeights, WeighEverything, WeighTokens
from explorer.core.translation import tr
from explorer.methods.attention.view import AttentionView
from explorer.ui.attention import token_words
from explorer.ui.attention.token_drawing import Token, TokenDrawing, number_of, query_of_token
from explorer.ui.graphics.tile_panels import BlockRow
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.method_page.host import PageHost
from explorer.ui.save_as import ask_path, plain_name

_KEPT = 8  # matrices


class TokenViews:
    """`looked` is called when another token is looked at: its row or column is to be laid over the input."""

    def __init__(self, client: JobClient, view: AttentionView, host: PageHost, looked: Callable[[], None]) -> None:
        self._view, self._host, self._looked = view, host, looked
        self._drawing = TokenDrawing(view.lines, view.matrix)
        self._one: Task[TokenWeights] = Task(client, "weights", self._take, self._fail, self._tell, self._draw)
        self._every: Task[EveryWeight] = Task(
            client, "every weight", self._take_every, self._fail_every, ended=self._draw_blocks
        )
        self._found: ResultCache[Any] = ResultCache(_KEPT)
        self._failed: dict[Request[Any], str] = {}
        self._progress = ""
        self._place: Selection | None = None
        self._of: Attended | None = None
        self._attending: Attending | None = None
        self._block = 0
        self._head: int | None = None
        self._locked: Token | None = None
        self._pointed: Token | None = None
        self._drawn: tuple[object, ...] = ()
        for panel in (view.lines, view.matrix):
            panel.released.connect(self.release)
            panel.left.connect(self._leave_token)
        view.lines.hovered.connect(self._hover)
        view.lines.chosen.connect(self._choose_line)
        view.matrix.hovered.connect(self._hover_row)
        view.matrix.chosen.connect(self._choose_row)
        view.save.clicked.connect(self._save)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._one.waiting or self._every.waiting

    def leave(self) -> None:
        """Nothing of it is looked at any more."""
        self._one.drop()
        self._every.drop()
        self._place, self._pointed, self._drawn = None, None, ()
        self._failed.clear()  # tried again when it is looked at next

    def show(self, place: Selection, of: Attended, attending: Attending, block: int, head: int | None) -> None:
        """A block of a recording, from what is there; what is missing is asked for."""
        if of != self._of or self._attending is None or attending.calls[block].name != self._call.name:
            self._locked = self._pointed = None
        self._place, self._of, self._attending, self._block, self._head = place, of, attending, block, head
        self._need(self._one, self._request)
        self._need(self._every, WeighEverything(of))
        self._draw()
        self._draw_blocks()

    def _need(self, task: Task[Any], request: Request[Any]) -> None:
        """Asks, unless it is there, is on its way or has failed."""
        on_its_way = task.waiting and task.request == request
        if self._found.get(request) is None and request not in self._failed and not on_its_way:
            self._progress = ""
            task.ask(request)

    # --- what is known ---

    @property
    def _call(self) -> AttentionCall:
        assert self._attending is not None
        return self._attending.calls[self._block]

    @property
    def _request(self) -> WeighTokens:
        assert self._of is not None
        return WeighTokens(self._of, self._call.name)

    @property
    def found(self) -> TokenWeights | None:
        """The weights of the block that is shown, once they are there."""
        found: TokenWeights | None = None if self._place is None else self._found.get(self._request)
        return found

    def _labels(self, tokens: Tokens) -> tuple[TokenLabel, ...]:
        assert self._place is not None
        place = self._place
        return token_labels(tokens, self._call.prefix_names, seen_of(place.capture, place.card.preprocess))

    # --- which token is looked at ---

    @property
    def marked(self) -> Token | None:
        """The locked token, else the one that is pointed at."""
        return self._locked if self._locked is not None else self._pointed

    @property
    def query(self) -> tuple[Query, bool] | None:
        """(the marked token as a query, whether it is a key); None where there is none, or it stands nowhere."""
        if self.marked is None or self._place is None:
            return None
        key, number = self.marked
        query = query_of_token(self._call.keys if key else self._call.queries, number)
        return None if query is None else (query, key)

    def point(self, query: Query | None) -> None:
        """A token is pointed at somewhere else in the window."""
        number = None if query is None or self._place is None else number_of(self._call.queries, query)
        self._set_pointed(None if number is None else (False, number))

    def _hover(self, key: bool, line: int) -> None:
        self._set_pointed(self._drawing.token(key, line))

    def _hover_row(self, row: int) -> None:
        self._set_pointed(self._drawing.token(False, row))

    def _leave_token(self) -> None:
        self._set_pointed(None)

    def _set_pointed(self, token: Token | None) -> None:
        if self._place is None or token == self._pointed:
            return
        self._pointed = token
        if self._locked is None:
            self._mark()
            self._looked()

    def _choose(self, key: bool, number: int) -> None:
        self._lock(None if self._locked == (key, number) else (key, number))

    def _choose_line(self, key: bool, line: int) -> None:
        self._choose(*self._drawing.token(key, line))

    def _choose_row(self, row: int) -> None:
        self._choose_line(False, row)

    def release(self) -> None:
        """No token is locked any more."""
        self._lock(None)

    def _lock(self, token: Token | None) -> None:
        if self._place is not None:
            self._locked = token
            self._mark()
            self._looked()

    def _mark(self) -> None:
        shown, locked = self.marked, self._locked is not None
        self._drawing.mark(shown, locked)
        found = self.found
        if found is not None:
            self._view.headline.setText(token_words.headline(found, self._named(shown), self._head, locked))

    def _named(self, token: Token | None) -> tuple[bool, str] | None:
        if token is None:
            return None
        return token[0], self._labels(self._call.keys if token[0] else self._call.queries)[token[1]].text

    # --- answers ---

    def _take(self, found: TokenWeights, _done: bool) -> None:
        if self._one.request is not None:
            self._found.put(self._one.request, found)

    def _fail(self, failure: Failure) -> None:
        if self._one.request is not None:
            self._failed[self._one.request] = failure.text

    def _fail_every(self, failure: Failure) -> None:
        if self._every.request is not None:
            self._failed[self._every.request] = failure.text
            self._view.set_note(failure.text)

    def _tell(self, progress: Progress) -> None:
        self._progress = progress.text
        self._draw()

    def _take_every(self, found: EveryWeight, _done: bool) -> None:
        if self._every.request is not None:
            self._found.put(self._every.request, found)

    def _save(self) -> None:
        """All weights of the block as CSV; what is reduced has none."""
        found = self.found
        if found is None or not found.whole:
            return
        sides = self._labels(self._call.queries), self._labels(self._call.keys)
        name = f"attention-{plain_name(found.name)}.csv"
        path = ask_path(self._host.parent_widget, self._host.settings, tr("Save as CSV"), name, tr("CSV (*.csv)"))
        if path:
            self._host.save(path, partial(token_table, found, *sides))

    # --- drawing ---

    def _draw(self) -> None:
        """The weights of the block, in the way that the page shows them."""
        if self._place is None:
            return
        found, view = self.found, self._view
        if found is None:
            self._say(
                self._failed.get(self._request)
                or tr("Computing the attention between all tokens … {progress}", progress=self._progress)
            )
            return
        wanted = (found, self._head, view.mode, self._place.capture.picture.digest)
        if wanted != self._drawn:
            self._drawn = wanted
            self._draw_weights(found)
        self._mark()

    def _say(self, words: str) -> None:
        self._drawn = ()
        self._drawing.clear(words)
        self._view.headline.setText("")
        self._view.set_numbers(())
        self._view.to_matrix.hide()

    def _draw_weights(self, found: TokenWeights) -> None:
        call, view = self._call, self._view
        queries, keys = self._labels(call.queries), self._labels(call.keys)
        view.set_numbers(token_words.numbers(call, found, keys, self._head))
        view.set_note(token_words.note(found, keys))
        view.save.setEnabled(found.whole)
        view.save.setToolTip(token_words.SAVE if found.whole else token_words.REDUCED)
        if view.mode == "matrix":
            self._drawing.draw_matrix(found, queries, keys, self._head)
        else:
            view.to_matrix.setVisible(not self._drawing.draw_lines(found, queries, keys, self._head))

    def _draw_blocks(self) -> None:
        if self._place is None or self._of is None or self._attending is None:
            return
        every: EveryWeight | None = self._found.get(WeighEverything(self._of))
        if every is None:
            return
        rows = [
            BlockRow(number, call.name, every.blocks[call.name].weights if call.name in every.blocks else None)
            for number, call in enumerate(self._attending.calls)
        ]
        self._view.blocks.set_rows(rows)
        self._view.blocks.set_here(self._block, self._head)
