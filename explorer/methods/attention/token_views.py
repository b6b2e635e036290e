"""The attention between all tokens on its page, as lines or as a matrix: what is asked for, which token is looked at, what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, Tokens
from explorer.core.attention_queries import Attending, Query
from explorer.core.attention_requests import Attended
from explorer.core.errors import ExplorerError, Failure
from explorer.core.progress import Progress
from explorer.core.requests import Request
from explorer.core.seen_input import seen_of
from explorer.core.selection import Selection
from explorer.core.token_labels import TokenLabel, token_labels
from explorer.core.token_table import token_table
from explorer.core.token_weights import EveryWeight, TokenWeights, WeighEverything, WeighTokens
from explorer.methods.attention.view import AttentionView
from explorer.ui.attention import token_words
from explorer.ui.graphics.tile_panels import BlockRow
from explorer.ui.graphics.token_lines import LARGEST
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.method_page.host import PageHost
from explorer.ui.save_as import ask_path, plain_name

Token = tuple[bool, int]  # whether it is a key, its number
_KEPT = 8  # matrices


class TokenViews:
    """`looked` is called when another token is looked at: its row or column is to be laid over the input."""

    def __init__(self, client: JobClient, view: AttentionView, host: PageHost, looked: Callable[[], None]) -> None:
        self._view, self._host, self._looked = view, host, looked
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
        view.lines.chosen.connect(self._choose)
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
        tokens = self._call.keys if key else self._call.queries
        if tokens.cells is None or tokens.grid is None:
            return number, key
        cell = int(tokens.cells[0][number])
        if cell >= 0:
            return divmod(cell, tokens.grid[1]), key
        return (number, key) if number < tokens.prefix else None

    def point(self, query: Query | None) -> None:
        """A token is pointed at somewhere else in the window."""
        number = None if query is None or self._place is None else _number(self._call.queries, query)
        self._set_pointed(None if number is None else (False, number))

    def _hover(self, key: bool, number: int) -> None:
        self._set_pointed((key, number))

    def _hover_row(self, number: int) -> None:
        self._set_pointed((False, number))

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

    def _choose_row(self, number: int) -> None:
        self._choose(False, number)

    def release(self) -> None:
        """No token is locked any more."""
        self._lock(None)

    def _lock(self, token: Token | None) -> None:
        if self._place is not None:
            self._locked = token
            self._mark()
            self._looked()

    def _mark(self) -> None:
        lines, matrix, shown = self._view.lines, self._view.matrix, self.marked
        locked = self._locked is not None
        place = None if shown is None else self._line_of(*shown)
        lines.set_marked(None if shown is None or place is None else (shown[0], place), locked)
        matrix.set_marked(shown[1] if shown is not None and not shown[0] else None, locked)
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
        path = ask_path(self._host.parent_widget, self._host.settings, "Save as CSV", name, "CSV (*.csv)")
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
                self._failed.get(self._request) or f"Computing the attention between all tokens … {self._progress}"
            )
            return
        wanted = (found, self._head, view.mode, self._place.capture.picture.digest)
        if wanted != self._drawn:
            self._drawn = wanted
            self._draw_weights(found)
        self._mark()

    def _say(self, words: str) -> None:
        self._drawn = ()
        for panel in (self._view.lines, self._view.matrix):
            panel.clear(words)
        self._view.headline.setText("")
        self._view.set_numbers(())
        self._view.to_matrix.hide()

    def _draw_weights(self, found: TokenWeights) -> None:
        call, view = self._call, self._view
        queries, keys = self._labels(call.queries), self._labels(call.keys)
        off = _dimmed(queries, found.empty), _dimmed(keys, found.unseen)
        values = found.of_head(self._head)
        view.set_numbers(token_words.numbers(call, found, keys, self._head))
        view.set_note(token_words.note(found, keys))
        view.save.setEnabled(found.whole)
        view.save.setToolTip(token_words.SAVE if found.whole else token_words.REDUCED)
        if view.mode == "matrix":
            places = tuple(_places(some, step) for some, step in zip(off, found.steps, strict=True))
            view.matrix.set_weights(values, queries, keys, found.steps, (places[0], places[1]))
            return
        chosen = self._lines_of(queries, keys)
        long = max(map(len, chosen)) > LARGEST or not found.whole
        view.to_matrix.setVisible(long)
        if long:
            view.lines.clear(token_words.too_many(len(queries), len(keys), LARGEST))
            return
        rows, columns = (np.array(some, np.int64) for some in chosen)
        part: Array = values[rows][:, columns]
        dim = tuple(
            frozenset(at for at, n in enumerate(some) if n in gone) for some, gone in zip(chosen, off, strict=True)
        )
        view.lines.set_weights(part, [queries[q] for q in chosen[0]], [keys[k] for k in chosen[1]], (dim[0], dim[1]))

    def _lines_of(self, *sides: tuple[TokenLabel, ...]) -> tuple[list[int], list[int]]:
        """The queries and keys that are drawn as lines: all, without padding where these are too many."""
        if max(map(len, sides)) <= LARGEST:
            return list(range(len(sides[0]))), list(range(len(sides[1])))
        kept = [[at for at, label in enumerate(side) if label.kind != "padding"] for side in sides]
        return kept[0], kept[1]

    def _line_of(self, key: bool, number: int) -> int | None:
        """Where a token stands among the lines."""
        sides = self._lines_of(self._labels(self._call.queries), self._labels(self._call.keys))
        return sides[key].index(number) if number in sides[key] else None

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


def _number(tokens: Tokens, query: Query) -> int | None:
    """The number of a token that stands at a cell, or before the grid."""
    if isinstance(query, int):
        return query
    try:
        return tokens.find(query)[1]
    except ExplorerError:
        return None


def _dimmed(labels: tuple[TokenLabel, ...], gone: Array) -> frozenset[int]:
    """Padding, and what is masked everywhere."""
    masked = set(np.flatnonzero(gone).tolist())
    return frozenset(at for at, label in enumerate(labels) if label.kind == "padding" or at in masked)


def _places(tokens: frozenset[int], step: int) -> frozenset[int]:
    """Places of a reduced matrix of which all tokens are among these."""
    if step == 1:
        return tokens
    last = max(tokens, default=-1)
    return frozenset(
        at
        for at in range(last // step + 1)
        if all(n in tokens for n in range(at * step, min((at + 1) * step, last + 1)))
    )
